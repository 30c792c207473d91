/** gzip, gzip_static and charset, as a client sees them. What is expected was read off nginx 1.22.1. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import { fetchOnce, type Reply } from './client.js';
import { noise, TestServer } from './harness.js';

const text = 'hello world '.repeat(100);
const packed = gzipSync(text);
const accepting = 'Accept-Encoding: gzip';

describe('compressed responses', () => {
  let server: TestServer;
  before(async () => {
    const files = '{root}/';
    server = await TestServer.start(
      {
        http: { gzip_types: 'text/plain' },
        server: `
          location /gzip/ { alias ${files}; gzip on; }
          location /vary/ { alias ${files}; gzip on; gzip_vary on; sendfile on; }
          location /threads/ { alias ${files}; gzip on; aio threads; }
          location /via/ { alias ${files}; gzip on; gzip_proxied no_etag auth; }
          location /agents/ { alias ${files}; gzip on; gzip_disable msie6 "^Old/"; }
          location /static/ { alias ${files}; gzip_static on; gzip on; gzip_vary on; }
          location /always/ { alias ${files}; gzip_static always; }
          location /said { gzip on; default_type text/plain; return 200 "${'said '.repeat(20)}"; }
          location /made { gzip on; default_type text/plain; return 201 "${'made '.repeat(20)}"; }`,
      },
      {
        'a.txt': text,
        'short.txt': 'short',
        'large.txt': Buffer.alloc(256 * 1024 + 1, 'x'),
        'noise.txt': noise(256 * 1024),
        'a.png': text,
        'kept.txt': 'the original',
        'kept.txt.gz': packed,
        'folder.txt.gz/x': 'x',
        'folder.txt': 'beside a folder',
      },
    );
  });
  after(() => server.stop());

  const get = (path: string, ...lines: string[]) => fetchOnce(server.port, path, lines);
  const isPacked = ({ headers }: Reply) => headers['content-encoding'] === 'gzip';

  test('are the same bytes, of a length that is told, and have a weak tag and no ranges', async () => {
    const plain = await get('/gzip/a.txt');
    assert.ok(!isPacked(plain));
    const reply = await get('/gzip/a.txt', accepting, 'Range: bytes=0-3');
    assert.equal(reply.status, 200);
    assert.equal(gunzipSync(reply.body).toString(), text);
    assert.equal(Number(reply.headers['content-length']), reply.body.length);
    assert.equal(reply.headers.etag, `W/${plain.headers.etag}`);
    assert.equal(reply.headers['accept-ranges'], undefined);
    assert.equal(reply.headers['last-modified'], plain.headers['last-modified']);
    assert.equal(reply.headers.vary, undefined);
  });

  test('HEAD has the same head', async () => {
    const [head, whole] = await Promise.all([
      fetchOnce(server.port, '/gzip/a.txt', [accepting], 'HEAD'),
      get('/gzip/a.txt', accepting),
    ]);
    assert.equal(head.body.length, 0);
    assert.deepEqual({ ...head.headers, date: '' }, { ...whole.headers, date: '' });
  });

  test('of texts that a handler or an error has made', async () => {
    assert.equal(gunzipSync((await get('/said', accepting)).body).toString(), 'said '.repeat(20));
    assert.ok(!isPacked(await get('/made', accepting)));
    const missing = await get('/gzip/none', accepting);
    assert.equal(missing.status, 404);
    assert.match(gunzipSync(missing.body).toString(), /404 Not Found/);
  });

  test('not of what is short, too long, of another type, or asked for in HTTP/1.0', async () => {
    for (const name of ['short.txt', 'large.txt', 'a.png']) {
      const reply = await get(`/vary/${name}`, accepting);
      assert.ok(!isPacked(reply), name);
      assert.equal(reply.headers.vary, name === 'large.txt' ? 'Accept-Encoding' : undefined, name);
    }
    assert.equal(gunzipSync((await get('/gzip/noise.txt', accepting)).body).length, 256 * 1024);
  });

  test('Vary is told to those who take none, too, and with 304', async () => {
    const plain = await get('/vary/a.txt');
    assert.equal(plain.headers.vary, 'Accept-Encoding');
    assert.ok(isPacked(await get('/vary/a.txt', accepting)));
  });

  test('with threads, of what is in memory', async () => {
    assert.ok(isPacked(await get('/threads/a.txt', accepting)));
  });

  test('through a proxy, as gzip_proxied says', async () => {
    const via = 'Via: 1.1 proxy';
    assert.ok(!isPacked(await get('/gzip/a.txt', accepting, via)));
    assert.ok(!isPacked(await get('/via/a.txt', accepting, via)));
    assert.ok(isPacked(await get('/via/a.txt', accepting, via, 'Authorization: Basic eDp5')));
  });

  test('not for agents that gzip_disable names', async () => {
    const msie = (version: string) => `User-Agent: Mozilla/4.0 (compatible; MSIE ${version})`;
    for (const agent of ['User-Agent: old/1', msie('6.0; Windows')]) {
      assert.ok(!isPacked(await get('/agents/a.txt', accepting, agent)), agent);
    }
    for (const agent of ['User-Agent: New/1', msie('6.0; SV1'), msie('7.0')]) {
      assert.ok(isPacked(await get('/agents/a.txt', accepting, agent)), agent);
    }
  });

  test('that lie beside their originals', async () => {
    const reply = await get('/static/kept.txt', accepting, 'Range: bytes=0-3');
    assert.equal(reply.status, 200);
    assert.deepEqual(reply.body, packed);
    assert.equal(reply.headers['content-type'], 'text/plain');
    assert.equal(reply.headers['accept-ranges'], undefined);
    assert.match(reply.headers.etag, /^"/);
    assert.equal(reply.headers.vary, 'Accept-Encoding');
    const original = await get('/static/kept.txt');
    assert.equal(original.body.toString(), 'the original');
    assert.equal(original.headers.vary, 'Accept-Encoding');
    const again = await get('/static/kept.txt', accepting, `If-None-Match: ${reply.headers.etag}`);
    assert.equal(again.status, 304);
  });

  test('for everybody where gzip_static says always; the original where there is none', async () => {
    assert.deepEqual((await get('/always/kept.txt')).body, packed);
    assert.equal((await get('/always/folder.txt')).body.toString(), 'beside a folder');
    assert.equal((await get('/always/a.txt')).body.toString(), text);
  });
});

describe('charset', () => {
  let server: TestServer;
  before(async () => {
    server = await TestServer.start(
      {
        http: { charset: 'utf-8' },
        server: `
          location /moved { return 301 /x; }
          location /other { return 307 /x; }
          location /types { charset_types text/css; default_type text/css; return 200 x; }
          location /css { default_type text/css; return 200 x; }
          location /all { charset_types *; default_type image/png; return 200 x; }
          location /named { charset $arg_c; default_type text/html; return 200 x; }
          location /own { default_type "text/html; charset=koi8-r"; return 200 x; }
          location /none { charset off; default_type text/html; return 200 x; }`,
      },
      { 'a.txt': text },
    );
  });
  after(() => server.stop());

  const table = [
    ['/on/a.txt', 'text/plain; charset=utf-8'],
    ['/on/missing', 'text/html; charset=utf-8'],
    ['/moved', 'text/html'],
    ['/other', 'text/html; charset=utf-8'],
    ['/types', 'text/css; charset=utf-8'],
    ['/css', 'text/css'],
    ['/all', 'image/png; charset=utf-8'],
    ['/named?c=koi8-r', 'text/html; charset=koi8-r'],
    ['/named', 'text/html'],
    ['/own', 'text/html; charset=koi8-r'],
    ['/none', 'text/html'],
  ] as const;
  for (const [path, type] of table) {
    test(path, async () => assert.equal((await fetchOnce(server.port, path)).headers['content-type'], type));
  }

  test('in the parts of several ranges', async () => {
    const { body } = await fetchOnce(server.port, '/on/a.txt', ['Range: bytes=0-1,4-5']);
    assert.match(body.toString(), /Content-Type: text\/plain; charset=utf-8\r\nContent-Range: bytes 0-1\/1200/);
  });

  test('another one than that of the source would take a conversion', async () => {
    const other = TestServer.prepare(server.ports);
    other.configure({ http: { charset: 'utf-8', source_charset: 'koi8-r' } });
    await assert.rejects(other.launch(), /no "charset_map" between the charsets "koi8-r" and "utf-8"/);
    await other.stop();
  });
});
