/** What servers say in place of a file, what they say of it, and what of a command line cannot be. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { assertRefused } from '../cli/mistake.js';
import { noise } from '../server/harness.js';
import { FetchBench, send } from './fetch-support.js';

let bench: FetchBench;
beforeEach(() => {
  bench = new FetchBench();
});
afterEach(() => bench.clean());

const hash = (algorithm: string, bytes: Buffer) => createHash(algorithm).update(bytes).digest('hex');

describe('redirects', () => {
  const body = Buffer.from('there');

  test('are followed, relative and absolute; the name is that of the URL', async () => {
    const there = await bench.site({ body, etag: '"a"' });
    const ways: readonly string[] = ['/1', '2?x=y', '/3', '../4', there.url('/final')];
    const statuses = [301, 302, 303, 307, 308];
    const site = await bench.site((_, response, count) => {
      response.writeHead(statuses[count - 1], { location: ways[count - 1], 'content-length': 3 }).end('...');
    });
    await bench.fetches(site.url());
    bench.holds(body);
    assert.deepEqual(
      site.seen.map(({ path }) => path),
      ['/scan.bin', '/1', '/2?x=y', '/3', '/4'],
    );
    assert.equal(site.connections, 1, 'the connection is used again');
  });

  test('do not take secrets to another server', async () => {
    const there = await bench.site({ body, etag: '"a"' });
    const site = await bench.site((request, response) => {
      response
        .writeHead(302, { location: request.url === '/scan.bin' ? '/2' : there.url(), 'content-length': 0 })
        .end();
    });
    const secrets = ['--user', 'me:secret', '--header', 'Cookie: a=b', '--header', 'X-Mine: 1'];
    await bench.fetches(site.url(), ...secrets);
    const seen = [...site.seen, ...there.seen].map(({ headers }) => headers);
    const basic = `Basic ${Buffer.from('me:secret').toString('base64')}`;
    assert.deepEqual(
      seen.map(({ authorization }) => authorization),
      [basic, basic, undefined],
    );
    assert.deepEqual(
      seen.map(({ cookie }) => cookie),
      ['a=b', 'a=b', undefined],
    );
    assert.deepEqual(
      seen.map(headers => headers['x-mine']),
      ['1', '1', '1'],
    );
    assert.equal(seen[2].host, `127.0.0.1:${there.port}`);
  });

  test('in a circle come to an end', async () => {
    const site = await bench.site((_, response) => {
      response.writeHead(302, { location: '/scan.bin', 'content-length': 0 }).end();
    });
    const { stderr } = await bench.fails(site.url(), '--max-redirects', '5');
    assert.match(stderr, /more than 5 times/);
    assert.equal(site.seen.length, 6);
  });

  test('to nowhere, and to another protocol', async () => {
    const locations: Record<string, Record<string, string>> = { '/a': {}, '/b': { location: 'ftp://host/file' } };
    const site = await bench.site((request, response) => {
      response.writeHead(302, { ...locations[request.url ?? ''], 'content-length': 0 }).end();
    });
    assert.match((await bench.fails(site.url('/a'))).stderr, /302 Found, but not where/);
    assert.match((await bench.fails(site.url('/b'))).stderr, /only http and https/);
  });
});

describe('what cannot be had', () => {
  test('404, 403, 401: said at once, and never tried again', async () => {
    const site = await bench.site((request, response) => {
      response.writeHead(Number(request.url?.slice(1, 4))).end('no');
    });
    for (const status of [404, 403, 401, 410]) {
      const { stderr } = await bench.fails(site.url(`/${status}.bin`));
      assert.match(stderr, new RegExp(`${status}\\.bin: the server answers ${status} `));
    }
    assert.equal(site.seen.length, 4);
    assert.deepEqual(bench.names(), []);
  });

  test('several URLs: all are tried', async () => {
    const site = await bench.site((request, response) => {
      if (request.url === '/b') response.writeHead(404).end();
      else send(request, response, { body: Buffer.from(request.url ?? '') });
    });
    const { stderr, stdout } = await bench.fails(site.url('/a'), site.url('/b'), site.url('/c'));
    assert.match(stderr, /\/b: the server answers 404/);
    assert.deepEqual(bench.names(), ['a', 'c']);
    assert.match(stdout, /html\/a: 2 bytes\n.*html\/c: 2 bytes\n/);
  });

  test('nobody listens there: said at once', async () => {
    const site = await bench.site({ body: noise(5000) });
    const url = site.url();
    site.close();
    const { stderr } = await bench.fails(url);
    assert.match(stderr, /cannot connect to 127\.0\.0\.1:\d+: connection refused/);
    assert.doesNotMatch(stderr, /again in/);
  });

  test('an answer that is not HTTP', async () => {
    const site = await bench.site((_, response) => {
      response.socket?.end('SSH-2.0-OpenSSH_9.2\r\n');
    });
    assert.match((await bench.fails(site.url())).stderr, /the answer is not HTTP: it begins with "SSH-2\.0/);
  });

  test('no folder for it', async () => {
    const site = await bench.site({ body: noise(5000) });
    const { stderr } = await bench.fails(site.url(), '-o', 'missing/scan.bin');
    assert.match(stderr, /there is no folder ".*missing"/);
  });

  test('a head without an end', async () => {
    const site = await bench.site((_, response) => {
      response.socket?.write('HTTP/1.1 200 OK\r\n');
      response.socket?.write('X: '.padEnd(100_000, 'x'));
    });
    assert.match((await bench.fails(site.url())).stderr, /a head of more than 65536 bytes/);
  });
});

describe('a checksum', () => {
  const body = noise(2_000_000, 4);

  test('that is right: the file has its name', async () => {
    const site = await bench.site({ body, etag: '"a"' });
    const sum = hash('sha256', body);
    const { stdout } = await bench.fetches(site.url(), '--streams', '4', '--checksum', `sha-256=${sum.toUpperCase()}`);
    assert.match(stdout, new RegExp(`sha-256 ${sum}`));
    bench.holds(body);
  });

  test('that is wrong: it does not, and what came is kept', async () => {
    const site = await bench.site({ body, etag: '"a"' });
    const right = hash('sha256', body);
    const wrong = right.replace(/^./, digit => (digit === '0' ? '1' : '0'));
    const { stderr } = await bench.fails(site.url(), '--checksum', `sha-256=${wrong}`);
    assert.match(stderr, new RegExp(`is ${right}, and not ${wrong}`));
    assert.ok(!bench.has('scan.bin'));
    await bench.fetches(site.url(), '--resume', '--checksum', `sha-256=${right}`);
    bench.holds(body);
    assert.deepEqual(
      site.seen.map(({ range }) => range),
      [undefined, 'bytes=1999999-1999999'],
    );
  });
});

describe('a command line', () => {
  const cases: readonly (readonly [args: string[], problem: RegExp])[] = [
    [['http:///x'], /is no URL/],
    [['ftp://host/x'], /only http and https/],
    [['http://a/', 'http://b/', '-o', 'x'], /--output is for one URL/],
    [['http://a/', '--streams', '65'], /--streams "65"/],
    [['http://a/', '--checksum', 'md5'], /--checksum "md5"/],
    [['http://a/', '--checksum', 'xxh64=12'], /has 16 hexadecimal digits, and this has 2/],
    [['http://a/', '--header', 'Range: bytes=0-1'], /fetch sets "Range" itself/],
    [['http://a/', '--header', 'no field'], /give "NAME: VALUE"/],
    [['http://a/', '-o', '-', '--resume'], /--resume does not go with --output -/],
    [['http://a/', '--cacert', '/nowhere/ca.pem'], /--cacert/],
    [[], /argument is missing/],
  ];
  for (const [args, problem] of cases) {
    test(`that cannot be: ${args.join(' ')}`, () => assertRefused(['fetch', ...args], problem));
  }

  test('that cannot be: exit code 2', async () => {
    const { code, stderr } = await bench.run(['fetch', 'ftp://host/x']);
    assert.equal(code, 2);
    assert.match(stderr, /^zerocopy: .*only http and https/);
  });
});
