/** Whole files, as they come from servers that do as they should, in each of the ways that HTTP has. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { statSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { noise } from '../server/harness.js';
import { FetchBench, longAgo } from './fetch-support.js';

let bench: FetchBench;
beforeEach(() => {
  bench = new FetchBench();
});
afterEach(() => bench.clean());

const large = noise(12_345_678, 1);
const hash = (algorithm: string, bytes: Buffer) => createHash(algorithm).update(bytes).digest('hex');

describe('a whole file', () => {
  for (const size of [0, 1, 4_999_999]) {
    test(`of ${size} bytes, in one request`, async () => {
      const body = noise(size, 2);
      const site = await bench.site({ body, etag: '"a"' });
      await bench.fetches(site.url());
      bench.holds(body);
      assert.deepEqual(
        site.seen.map(({ range }) => range),
        [undefined],
      );
    });

    test(`of ${size} bytes, by eight streams`, async () => {
      const body = noise(size, 2);
      const site = await bench.site({ body, etag: '"a"' });
      await bench.fetches(site.url(), '--streams', '8');
      bench.holds(body);
    });
  }

  test('by three streams, which use their connections again', async () => {
    const site = await bench.site({ body: large, etag: '"a"' });
    await bench.fetches(site.url(), '--streams', '3');
    bench.holds(large);
    assert.ok(site.seen.length > site.connections, `${site.seen.length} requests on ${site.connections} connections`);
    assert.ok(site.connections <= 3);
    assert.equal(site.seen[0].range, 'bytes=0-4194303');
    for (const { ifRange } of site.seen.slice(1)) assert.equal(ifRange, '"a"');
  });

  test('with read and write, and at a rate', async () => {
    const body = noise(600_000, 3);
    const site = await bench.site({ body, etag: '"a"' });
    const began = performance.now();
    await bench.fetches(site.url(), '--no-zero-copy', '--block-size', '4096', '--rate', '1M');
    assert.ok(performance.now() - began > 500, 'it takes its time');
    bench.holds(body);
  });

  test('in chunks, and until the connection is closed', async () => {
    const body = large.subarray(0, 3_000_001);
    const chunked = await bench.site((_, response) => {
      response.writeHead(200, { etag: '"a"' });
      for (let at = 0; at < body.length; at += 70_001) response.write(body.subarray(at, at + 70_001));
      response.end();
    });
    await bench.fetches(chunked.url());
    bench.holds(body);
    const closing = await bench.site((_, response) => {
      response.useChunkedEncodingByDefault = false;
      response.shouldKeepAlive = false;
      response.writeHead(200).end(body);
    });
    await bench.fetches(closing.url(), '--overwrite', '--streams', '4');
    bench.holds(body);
  });

  test('in one stream where the server gives no parts', async () => {
    const site = await bench.site({ body: large, etag: '"a"', ranges: false });
    const { stderr } = await bench.fetches(site.url(), '--streams', '8');
    bench.holds(large);
    assert.match(stderr, /no parts of the file: one stream/);
    assert.equal(site.seen.length, 1);
  });

  test('in one stream where nothing tells its versions apart', async () => {
    const site = await bench.site({ body: large, etag: 'W/"a"' });
    await bench.fetches(site.url(), '--streams', '8');
    bench.holds(large);
    assert.deepEqual(
      site.seen.map(({ range }) => range),
      ['bytes=0-4194303', undefined],
    );
  });

  test('by several streams where its date tells them apart', async () => {
    const site = await bench.site({ body: large, lastModified: longAgo });
    await bench.fetches(site.url(), '--streams', '3');
    bench.holds(large);
    assert.equal(site.seen[1].ifRange, longAgo);
  });

  test('has the date that it has at the server', async () => {
    const site = await bench.site({ body: large, lastModified: longAgo });
    await bench.fetches(site.url());
    assert.equal(statSync(`${bench.got}/scan.bin`).mtime.toUTCString(), longAgo);
  });

  test('goes to standard output', async () => {
    const body = Buffer.from('one\ntwo\n');
    const site = await bench.site({ body, etag: '"a"' });
    const { stdout, stderr } = await bench.fetches(site.url(), '-o', '-');
    assert.equal(stdout, 'one\ntwo\n');
    assert.equal(stderr, '');
    assert.deepEqual(bench.names(), []);
  });

  test('goes to a reader that has enough of it: exit code 1, and no second try', async () => {
    const site = await bench.site({ body: large, etag: '"a"' });
    const script = `{ "$@" fetch ${site.url()} -o -; echo "code $?" >&2; } | head -c 1000`;
    const { stdout, stderr } = await bench.startBy(script).end;
    assert.equal(stdout.length, 1000);
    assert.match(stderr, /write\(\) to standard output failed: nobody reads it any more\ncode 1\n/);
  });

  test('that comes coded although nobody asked for it is stored so, and it is said', async () => {
    const body = Buffer.from('not really gzip');
    const site = await bench.site((_, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip', 'content-length': body.length }).end(body);
    });
    const { stderr } = await bench.fetches(site.url());
    bench.holds(body);
    assert.match(stderr, /sends it coded \(gzip\), and so it is stored/);
    assert.equal(site.seen[0].headers['accept-encoding'], 'identity');
  });

  test('says what it is, as JSON', async () => {
    const site = await bench.site({ body: large, etag: '"a"' });
    const { stdout } = await bench.fetches(site.url(), '--json', '--checksum', 'sha-256');
    const { receiver } = JSON.parse(stdout);
    assert.equal(receiver.role, 'fetch');
    assert.equal(receiver.path, 'splice');
    assert.equal(receiver.bytes, large.length);
    const value = hash('sha256', large);
    const name = `${bench.got}/scan.bin`;
    assert.deepEqual(receiver.files, [
      { name, size: large.length, resumedFrom: 0, checksum: { algorithm: 'sha-256', value } },
    ]);
    assert.ok(receiver.cost.calls.splice > 0);
  });
});

describe('its name', () => {
  const body = Buffer.from('hello');
  const called = (disposition: string) =>
    bench.site((_, response) => {
      response.writeHead(200, { 'content-disposition': disposition, 'content-length': body.length }).end(body);
    });

  test('is what the server says, but never a path', async () => {
    const site = await called('attachment; filename="../../../.profile"');
    await bench.fetches(site.url());
    bench.holds(body, 'profile');
  });

  test('is what the user says', async () => {
    const site = await called('attachment; filename="other"');
    await bench.fetches(site.url(), '-o', 'mine');
    bench.holds(body, 'mine');
  });

  test('is what the URL says, in any bytes', async () => {
    const site = await bench.site({ body });
    await bench.fetches(site.url('/a/%e4%f6%20x?name=y'));
    // the bytes e4 f6 are no UTF-8
    assert.ok(statSync(Buffer.from(`${bench.got}/\xe4\xf6 x`, 'latin1')).isFile());
  });

  test('that is taken is left alone', async () => {
    const site = await bench.site({ body });
    writeFileSync(`${bench.got}/scan.bin`, 'mine');
    const { stderr } = await bench.fails(site.url());
    assert.match(stderr, /scan\.bin" exists already: --overwrite replaces it/);
    bench.holds(Buffer.from('mine'));
    await bench.fetches(site.url(), '--overwrite');
    bench.holds(body);
    assert.equal((await bench.fails(site.url(), '-o', 'scan.bin')).code, 1);
    assert.equal(site.seen.length, 2, 'a name that is given is looked at before anything is asked for');
  });
});
