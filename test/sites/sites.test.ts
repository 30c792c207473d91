/** Configurations as people have them for nginx, unchanged: each is started and used, and nginx takes it too. */
import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gunzipSync, gzipSync } from 'node:zlib';
import { Client, waitFor } from '../server/client.js';
import { freePorts, missing, noise, TestServer } from '../server/harness.js';

const run = promisify(execFile);
const missingNginx = missing('nginx');
const textOf = (name: string) =>
  readFileSync(fileURLToPath(new URL(`../../../test/sites/${name}.conf`, import.meta.url)), 'utf8');

interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** One site, started for a group of tests. */
class Site {
  server!: TestServer;

  constructor(
    readonly name: string,
    files: Readonly<Record<string, Buffer | string>>,
  ) {
    before(async () => {
      this.server = TestServer.prepare(await freePorts(3));
      for (const [path, content] of Object.entries(files)) this.server.put(path, content);
      mkdirSync(`${this.server.dir}/logs`);
      this.server.configureWith(textOf(name));
    });
    after(() => this.server.stop());
    test('nginx takes it', { skip: missingNginx }, () => {
      const { stderr } = spawnSync('nginx', ['-t', '-p', this.server.dir, '-c', this.server.configPath], {
        encoding: 'latin1',
      });
      assert.match(stderr, /test is successful/);
    });
    test('it starts', () => this.server.launch());
  }

  /** @param lines fields; Host is test.local where none of them is a Host */
  async ask(method: string, path: string, ...lines: string[]): Promise<Reply> {
    const fields = ['Host: test.local', ...lines].map(line => line.split(': ') as [string, string]);
    const headers = Object.fromEntries(fields);
    const sent = request({ host: '127.0.0.1', port: this.server.port, method, path, headers, agent: false }).end();
    const [answer] = (await once(sent, 'response')) as [IncomingMessage];
    const body = Buffer.concat(await answer.toArray());
    return { status: answer.statusCode ?? 0, headers: answer.headers as Record<string, string>, body };
  }

  get(path: string, ...lines: string[]): Promise<Reply> {
    return this.ask('GET', path, ...lines);
  }
}

const md5 = (text: string) => createHash('md5').update(text).digest('base64url');

describe('a download mirror', () => {
  const image = noise(3_000_000, 1);
  const site = new Site('download-mirror', { 'pub/disk.iso': image, 'pub/.hidden': 'x', 'index.html': '<p>' });

  test('whole files and ranges', async () => {
    const whole = await site.get('/pub/disk.iso');
    assert.ok(whole.body.equals(image));
    assert.equal(whole.headers['content-type'], 'application/x-iso9660-image');
    assert.equal(whole.headers.server, 'zerocopy');
    const part = await site.get('/pub/disk.iso', 'Range: bytes=1000000-1999999', `If-Range: ${whole.headers.etag}`);
    assert.equal(part.status, 206);
    assert.ok(part.body.equals(image.subarray(1_000_000, 2_000_000)));
  });

  test('an index without what is hidden, and robots', async () => {
    assert.match((await site.get('/pub/')).body.toString(), /<a href="disk.iso">disk.iso<\/a> +\d\d-\w{3}-\d{4}/);
    assert.equal((await site.get('/pub/.hidden')).status, 404);
    assert.match((await site.get('/robots.txt')).body.toString(), /Disallow/);
  });

  test('more connections of one client than it may have', async () => {
    // more than what the kernel takes from a server whose clients do not read: all three stay under way
    truncateSync(site.server.put('pub/large.iso', ''), 64 * 2 ** 20);
    const clients = await Promise.all([1, 2, 3].map(() => Client.connect(site.server.port)));
    for (const { socket } of clients) {
      socket.write('GET /pub/large.iso HTTP/1.1\r\nHost: a\r\n\r\n');
      await waitFor('its download is under way', () => socket.bytesRead > 0);
      socket.pause();
    }
    assert.equal((await site.get('/pub/disk.iso', 'Range: bytes=0-0')).status, 429);
    for (const client of clients) client.close();
    await waitFor(
      'there is room again',
      async () => (await site.get('/pub/disk.iso', 'Range: bytes=0-0')).status === 206,
    );
  });

  test('lines of the log come when it is flushed', async () => {
    await site.get('/pub/disk.iso', 'Range: bytes=5-9');
    await waitFor('the line', () => /"GET \/pub\/disk.iso HTTP\/1.1" 206 5 "bytes=5-9"/.test(site.server.accessLog()));
  });
});

describe("a distribution's mirror", () => {
  const site = new Site('debian-mirror', {
    'debian/dists/stable/Release': 'Suite: stable\n',
    'debian/pool/z/zerocopy_1.deb': noise(100_000, 2),
    'debian/project/trace/master': 'now\n',
  });

  test('what changes is not kept, and packages are', async () => {
    const release = await site.get('/debian/dists/stable/Release');
    assert.equal(release.headers['cache-control'], 'no-cache');
    assert.equal(release.headers['content-type'], 'text/plain; charset=utf-8');
    const deb = await site.get('/debian/pool/z/zerocopy_1.deb');
    assert.equal(deb.headers['cache-control'], 'max-age=2592000');
    assert.equal(deb.headers['x-content-type-options'], 'nosniff');
    const again = await site.get(
      '/debian/dists/stable/Release',
      `If-Modified-Since: ${release.headers['last-modified']}`,
    );
    assert.equal(again.status, 304);
  });

  test('redirects and indexes', async () => {
    assert.match((await site.get('/')).headers.location, /\/debian\/$/);
    const moved = await site.get('/ubuntu/pool/z/');
    assert.equal(moved.status, 301);
    assert.match(moved.headers.location, /\/debian\/pool\/z\/$/);
    assert.match((await site.get('/debian/pool/z/')).body.toString(), />zerocopy_1\.deb<\/a> +\S+ \S+ +98K/);
    const list = JSON.parse((await site.get('/debian/project/trace/')).body.toString());
    assert.deepEqual([list[0].name, list[0].type, list[0].size], ['master', 'file', 4]);
  });
});

describe('recordings of a telescope', () => {
  const recording = noise(2_000_000, 3);
  const site = new Site('vlbi', { 'experiments/x1/a.vdif': recording, 'logs/a.log': 'source 3C84\n' });
  before(() => writeFileSync(`${site.server.dir}/users`, 'anna:{PLAIN}secret\ncorrelator:{PLAIN}fast\n'));

  const basic = (user: string, password: string) =>
    `Authorization: Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;

  test('for who has the password', async () => {
    const refused = await site.get('/experiments/x1/a.vdif');
    assert.equal(refused.status, 401);
    assert.equal(refused.headers['www-authenticate'], 'Basic realm="Recordings"');
    assert.equal((await site.get('/experiments/x1/a.vdif', basic('anna', 'wrong'))).status, 401);
    for (const credentials of [basic('anna', 'secret'), basic('correlator', 'fast')]) {
      const reply = await site.get('/experiments/x1/a.vdif', credentials);
      assert.ok(reply.body.equals(recording));
    }
  });

  test('the log says who has taken what', async () => {
    await site.get('/experiments/x1/a.vdif', basic('anna', 'secret'), 'Range: bytes=0-99');
    await waitFor('the line', () => {
      const lines = site.server
        .accessLog()
        .split('\n')
        .filter(line => line !== '');
      const last = JSON.parse(lines.at(-1) ?? '{}');
      return last.user === 'anna' && last.bytes === 100 && last.range === 'bytes=0-99';
    });
  });

  test('texts and the status beside them', async () => {
    assert.equal((await site.get('/logs/a.log')).headers['content-type'], 'text/plain; charset=utf-8');
    assert.match((await site.get('/status')).body.toString(), /^Active connections: 1 \n/);
  });
});

describe('an application of one page', () => {
  const script = 'console.log("hello");\n'.repeat(40);
  const site = new Site('single-page', {
    'index.html': '<title>app</title>',
    '404.html': '<title>none</title>',
    'assets/app.12ab.js': script,
    'assets/app.12ab.js.gz': gzipSync(script, { level: 9 }),
    'assets/style.css': 'p { color: red }\n'.repeat(40),
  });

  test('every path is the page', async () => {
    for (const path of ['/', '/orders/17', '/index.html']) {
      const reply = await site.get(path);
      assert.equal(reply.body.toString(), '<title>app</title>', path);
      assert.equal(reply.headers['cache-control'], 'no-cache', path);
    }
  });

  test('assets are kept, compressed beforehand or as they are sent', async () => {
    const reply = await site.get('/assets/app.12ab.js', 'Accept-Encoding: gzip');
    assert.deepEqual(reply.body, gzipSync(script, { level: 9 }));
    assert.equal(reply.headers.vary, 'Accept-Encoding');
    assert.equal(reply.headers['cache-control'], 'max-age=31536000, public, immutable');
    const style = await site.get('/assets/style.css', 'Accept-Encoding: gzip');
    assert.match(gunzipSync(style.body).toString(), /color: red/);
    assert.equal((await site.get('/assets/app.12ab.js')).body.toString(), script);
  });

  test('what is not there', async () => {
    const reply = await site.get('/assets/none.js');
    assert.equal(reply.status, 404);
    assert.equal(reply.body.toString(), '<title>none</title>');
    assert.equal((await site.get('/404.html')).status, 404);
    assert.equal((await site.get('/favicon.ico')).status, 204);
  });
});

describe('a server for each host', () => {
  const site = new Site('hosts', {
    'users/anna/a.txt': 'of anna\n',
    'users/bert/b.txt': 'of bert\n',
    'example/a.txt': 'example\n',
  });
  before(() => {
    symlinkSync('../../example/a.txt', `${site.server.root}/users/anna/own`);
    symlinkSync('/etc/hostname', `${site.server.root}/users/anna/other`);
  });

  test('each has its folder and its log', async () => {
    assert.equal((await site.get('/a.txt', 'Host: anna.users.example')).body.toString(), 'of anna\n');
    assert.equal((await site.get('/b.txt', 'Host: bert.users.example')).body.toString(), 'of bert\n');
    assert.equal((await site.get('/b.txt', 'Host: anna.users.example')).status, 404);
    assert.equal((await site.get('/a.txt', 'Host: eu.cdn.example')).body.toString(), 'example\n');
    await waitFor('the logs', () => existsSync(`${site.server.dir}/logs/bert.users.example.log`));
    assert.doesNotMatch(site.server.logText('logs/bert.users.example.log'), /a\.txt/);
  });

  test('one name is another', async () => {
    const reply = await site.get('/a.txt?x=1', 'Host: www.example');
    assert.equal(reply.headers.location, 'http://example/a.txt?x=1');
  });

  test('a name that is not served gets nothing', async () => {
    await assert.rejects(site.get('/a.txt', 'Host: evil.test'));
    assert.ok(!existsSync(`${site.server.dir}/logs/evil.test.log`));
  });

  test('links of its own owner', async () => {
    assert.equal((await site.get('/own', 'Host: anna.users.example')).body.toString(), 'example\n');
  });
});

describe('a new version for some', () => {
  const site = new Site('canary', { 'now/index.html': 'now', 'next/index.html': 'next' });

  test('a tenth of the clients get it, the same ones each time', async () => {
    const versions = await Promise.all(
      Array.from({ length: 200 }, (_, at) => site.get('/', `User-Agent: client ${at}`)),
    );
    const next = versions.filter(reply => reply.headers['x-version'] === 'next').length;
    assert.ok(next >= 8 && next <= 36, `${next} of 200`);
    for (const at of [0, 1, 2, 3, 4]) {
      const again = await site.get('/', `User-Agent: client ${at}`);
      assert.equal(again.headers['x-version'], versions[at]!.headers['x-version']);
      assert.equal(again.body.toString(), again.headers['x-version']);
    }
  });

  test('a cookie chooses', async () => {
    for (const version of ['now', 'next', 'next', 'now']) {
      assert.equal((await site.get('/', `Cookie: a=b; version=${version}`)).body.toString(), version);
    }
  });
});

describe('links that are good for a while', () => {
  const site = new Site('secure-links', { 'files/a.bin': 'a', 'store/b.bin': 'b' });
  const link = (expires: number) =>
    `/files/a.bin?md5=${md5(`${expires}/files/a.bin127.0.0.1 secret`)}&expires=${expires}`;
  const now = Math.floor(Date.now() / 1000);

  test('now, and not any more, and not for others', async () => {
    const reply = await site.get(link(now + 3600));
    assert.equal(reply.body.toString(), 'a');
    assert.equal(reply.headers['content-disposition'], 'attachment');
    assert.equal((await site.get(link(now - 10))).status, 410);
    assert.equal((await site.get(link(now + 3600).replace('md5=', 'md5=x'))).status, 403);
    assert.equal((await site.get('/files/a.bin')).status, 403);
  });

  test('in the older form', async () => {
    const hash = createHash('md5').update('b.binenough').digest('hex');
    assert.equal((await site.get(`/old/${hash}/b.bin`)).body.toString(), 'b');
    assert.equal((await site.get(`/old/${hash}/c.bin`)).status, 403);
    assert.equal((await site.get('/store/b.bin')).status, 404);
  });
});

describe('a page for maintenance', () => {
  const site = new Site('maintenance', {
    'index.html': 'open',
    'maintenance/page.html': 'closed',
    'maintenance/style.css': 'p {}',
  });

  test('stands in for all but its own files while a file is there', async () => {
    assert.equal((await site.get('/')).body.toString(), 'open');
    writeFileSync(`${site.server.dir}/closed`, '');
    for (const path of ['/', '/api/', '/none']) {
      const reply = await site.get(path);
      assert.equal(reply.status, 503, path);
      assert.equal(reply.body.toString(), 'closed', path);
      assert.equal(reply.headers['retry-after'], '600', path);
    }
    assert.equal((await site.get('/maintenance/style.css')).status, 200);
    rmSync(`${site.server.dir}/closed`);
    assert.equal((await site.get('/api/')).body.toString(), '{"ok":true}');
  });
});

describe('pictures for its own pages', () => {
  const site = new Site('hotlinks', { 'a.png': 'picture', 'a.html': 'page' });

  test('and for those of friends', async () => {
    const own = [
      'Referer: http://www.example/page',
      'Referer: https://x.friends.example/',
      'Referer: http://a.search.test/',
      'X: y',
    ];
    for (const referer of own) assert.equal((await site.get('/a.png', referer)).body.toString(), 'picture', referer);
    const refused = await site.get('/a.png', 'Referer: http://thief.test/');
    assert.equal(refused.headers['content-type'], 'image/gif');
    assert.equal(refused.body.subarray(0, 6).toString(), 'GIF89a');
    assert.equal(refused.headers['cache-control'], 'no-cache');
    assert.equal((await site.get('/a.html', 'Referer: http://thief.test/')).body.toString(), 'page');
  });
});

describe('files larger than the memory', () => {
  const large = noise(9_000_001, 4);
  const site = new Site('big-files', { 'large.bin': large, 'small.bin': 'small', 'large.bin.md5': 'sum\n' });

  test('in whole and in odd ranges', async () => {
    assert.ok((await site.get('/large.bin')).body.equals(large));
    for (const [from, to] of [
      [0, 0],
      [4095, 4097],
      [1_234_567, 5_000_000],
      [8_999_999, 9_000_000],
    ] as const) {
      const { body, status } = await site.get('/free/large.bin', `Range: bytes=${from}-${to}`);
      assert.equal(status, 206);
      assert.ok(body.equals(large.subarray(from, to + 1)), `${from}-${to}`);
    }
    assert.equal((await site.get('/small.bin')).body.toString(), 'small');
    assert.equal((await site.get('/large.bin.md5')).headers['content-type'], 'text/plain');
  });

  test('if_modified_since before', async () => {
    utimesSync(`${site.server.root}/small.bin`, 1000, 1000);
    const reply = await site.get('/small.bin', 'If-Modified-Since: Fri, 20 Nov 2026 10:46:31 GMT');
    assert.equal(reply.status, 304);
  });
});

describe('a drop box', () => {
  const site = new Site('dropbox', { 'there.txt': 'there' });
  before(() => writeFileSync(`${site.server.dir}/users`, 'anna:{PLAIN}secret\n'));
  const url = (path: string) => `http://127.0.0.1:${site.server.port}${path}`;
  const anna = ['-u', 'anna:secret'];

  /** The status that curl gets. */
  async function curl(...args: string[]): Promise<number> {
    const { stdout } = await run('curl', ['-sS', '-o', '/dev/null', '-w', '%{http_code}', ...args]);
    return Number(stdout);
  }

  test('takes files of who has the password', { skip: missing('curl') }, async () => {
    const file = `${site.server.dir}/upload`;
    const content = noise(3_000_000, 5);
    writeFileSync(file, content);
    assert.equal(await curl('-T', file, url('/new/deep/file.bin')), 401);
    assert.equal(await curl('-T', file, ...anna, url('/new/deep/file.bin')), 201);
    assert.ok(readFileSync(`${site.server.root}/new/deep/file.bin`).equals(content));
    assert.equal(await curl('-T', file, ...anna, url('/new/deep/file.bin')), 204);
    assert.ok((await site.get('/new/deep/file.bin')).body.equals(content));
    assert.equal(await curl('-T', '/dev/null', '-H', 'Transfer-Encoding: chunked', ...anna, url('/empty')), 201);
  });

  test('moves, copies and removes them', { skip: missing('curl') }, async () => {
    const to = (path: string) => ['-H', `Destination: ${url(path)}`];
    assert.equal(await curl('-X', 'MKCOL', ...anna, url('/made/')), 201);
    assert.equal(await curl('-X', 'COPY', ...to('/made/copy.txt'), ...anna, url('/there.txt')), 204);
    assert.equal(await curl('-X', 'MOVE', ...to('/made/moved.txt'), ...anna, url('/made/copy.txt')), 204);
    assert.deepEqual(readdirSync(`${site.server.root}/made`), ['moved.txt']);
    assert.equal(await curl('-X', 'DELETE', ...anna, url('/made/')), 204);
    assert.ok(!existsSync(`${site.server.root}/made`));
    assert.equal(await curl('-X', 'DELETE', url('/there.txt')), 401);
  });

  test('refuses what is too large', { skip: missing('curl') }, async () => {
    const file = `${site.server.dir}/large`;
    writeFileSync(file, Buffer.alloc(11_000_000));
    assert.equal(await curl('-T', file, ...anna, url('/large')), 413);
    assert.ok(!existsSync(`${site.server.root}/large`));
  });
});

describe('behind a load balancer', () => {
  const site = new Site('behind-balancer', { 'a.txt': 'a' });
  const who = async (...lines: string[]) => (await site.get('/who', ...lines)).body.toString();

  test('the client is who the balancers say', async () => {
    assert.equal(await who('X-Forwarded-For: 203.0.113.7'), '203.0.113.7\n');
    assert.equal(await who('X-Forwarded-For: 203.0.113.7, 10.1.2.3'), '203.0.113.7\n');
    assert.equal(await who('X-Forwarded-For: 1.1.1.1, 203.0.113.7, 10.1.2.3'), '203.0.113.7\n');
    assert.equal(await who(), '127.0.0.1\n');
    await waitFor('the line', () => site.server.accessLog().includes('203.0.113.7 127.0.0.1 "GET /who HTTP/1.1" 200'));
  });

  test('rules are for the client', async () => {
    assert.equal((await site.get('/inside/a.txt', 'X-Forwarded-For: 198.51.100.9')).status, 200);
    assert.equal((await site.get('/inside/a.txt', 'X-Forwarded-For: 203.0.113.7')).status, 403);
    const statuses = [];
    for (let i = 0; i < 3; i++) statuses.push((await site.get('/seldom/a.txt', 'X-Forwarded-For: 203.0.113.8')).status);
    assert.deepEqual(statuses, [200, 200, 429]);
    assert.equal((await site.get('/seldom/a.txt', 'X-Forwarded-For: 203.0.113.9')).status, 200);
  });

  test('by the PROXY protocol', async () => {
    const client = await Client.connect(site.server.ports[1]!);
    client.send('PROXY TCP4 203.0.113.7 192.0.2.1 40000 80\r\nGET /who HTTP/1.0\r\n\r\n');
    assert.match((await client.rest()).toString(), /\r\n\r\n203\.0\.113\.7 203\.0\.113\.7 40000\n$/);
    client.close();
  });
});
