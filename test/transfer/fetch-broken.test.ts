/** Connections that break: the file is right in the end. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { noise } from '../server/harness.js';
import { breakOff, FetchBench, rangeOf, send } from './fetch-support.js';

let bench: FetchBench;
beforeEach(() => {
  bench = new FetchBench();
});
afterEach(() => bench.clean());

const body = noise(6_000_000, 1);
const file = { body, etag: '"a"' };

describe('a connection that breaks', () => {
  test('is made again, and goes on where it was', async () => {
    const site = await bench.site((request, response, count) => {
      if (count <= 2) breakOff(request, response, file, 2_000_000);
      else send(request, response, file);
    });
    const { stderr } = await bench.fetches(site.url());
    bench.holds(body);
    assert.match(stderr, /closed the connection after [\d,]+ of 6,000,000 bytes; again in [\d.]+ s \(try 2 of 6\)/);
    assert.deepEqual(
      site.seen.slice(1).map(({ range, ifRange }) => [range, ifRange]),
      [
        ['bytes=2000000-5999999', '"a"'],
        ['bytes=4000000-5999999', '"a"'],
      ],
    );
  });

  test('within a chunked body: from the start', async () => {
    const site = await bench.site((_, response, count) => {
      response.writeHead(200, { etag: '"a"' });
      if (count === 1) response.write(body.subarray(0, 1_000_000), () => response.socket?.destroy());
      else response.end(body);
    });
    const { stderr } = await bench.fetches(site.url());
    bench.holds(body);
    assert.match(stderr, /before the last chunk; again/);
  });

  test('of a server that gives no parts: from the start', async () => {
    const whole = { ...file, ranges: false };
    const site = await bench.site((request, response, count) => {
      if (count === 1) breakOff(request, response, whole, 3_000_000);
      else send(request, response, whole);
    });
    const { stderr } = await bench.fetches(site.url());
    bench.holds(body);
    assert.match(stderr, /gives no parts of the file: it is fetched from its start, in one stream/);
    assert.equal(site.seen.length, 2, 'the answer with the whole file is used');
  });

  test('of a server that does not tell versions apart: from the start', async () => {
    const nameless = { body };
    const site = await bench.site((request, response, count) => {
      if (count === 1) breakOff(request, response, nameless, 3_000_000);
      else send(request, response, nameless);
    });
    await bench.fetches(site.url());
    bench.holds(body);
    assert.deepEqual(
      site.seen.map(({ range }) => range),
      [undefined, undefined],
    );
  });

  test('again and again: it is given up, and what is there is kept', async () => {
    const site = await bench.site((request, response) => breakOff(request, response, file, 100_000));
    const { stderr } = await bench.fails(site.url(), '--retries', '2');
    assert.equal(site.seen.length, 3);
    assert.match(stderr, /300,000 .*are kept in ".*\.scan\.bin\.zc-part": --resume goes on/s);
    assert.deepEqual(bench.names(), ['.scan.bin.zc-part', '.scan.bin.zc-state']);
  });

  test('of one stream of four', async () => {
    let broken = 0;
    const site = await bench.site((request, response) => {
      const range = rangeOf(request, file);
      if (range !== null && range[0] > 0 && broken++ < 2) breakOff(request, response, file, 300_000);
      else send(request, response, file);
    });
    const { stderr } = await bench.fetches(site.url(), '--streams', '4');
    bench.holds(body);
    assert.match(stderr, /; stream \d again in/);
  });

  test('while nothing is asked for: another one takes its place', async () => {
    const site = await bench.site((request, response) => {
      send(request, response, file);
      // the connection is said to be kept, and is not
      response.on('finish', () => setTimeout(() => response.socket?.destroy(), 5));
    });
    const { stderr } = await bench.fetches(site.url(), '--streams', '2');
    bench.holds(body);
    assert.equal(stderr, '');
  });

  test('a server that is silent', async () => {
    const site = await bench.site((request, response, count) => {
      if (count > 1) return send(request, response, file);
      response.writeHead(200, { 'content-length': body.length, etag: '"a"' });
      response.write(body.subarray(0, 1000));
    });
    const { stderr } = await bench.fetches(site.url(), '--timeout', '0.5');
    bench.holds(body);
    assert.match(stderr, /was silent for 0\.5 s; again/);
  });
});
