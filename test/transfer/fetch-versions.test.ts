/** Files that change while they are fetched, and parts that are not what was asked for: never a mix, and never under the final name. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { noise } from '../server/harness.js';
import { answerTo, breakOff, FetchBench, rangeOf, send } from './fetch-support.js';

let bench: FetchBench;
beforeEach(() => {
  bench = new FetchBench();
});
afterEach(() => bench.clean());

const body = noise(6_000_000, 1);
const changed = noise(6_000_000, 2);
const file = { body, etag: '"a"' };

describe('never a mix of two versions', () => {
  test('another ETag between two pieces', async () => {
    const site = await bench.site((request, response, count) => {
      if (count === 1) return send(request, response, file);
      // a server that does not know If-Range
      delete request.headers['if-range'];
      send(request, response, { body: changed, etag: '"b"' });
    });
    const { stderr } = await bench.fails(site.url(), '--streams', '2');
    assert.match(stderr, /has changed on the server while it was fetched: its ETag was "a", and is "b" now/);
    assert.deepEqual(bench.names(), [], 'nothing is left of a version that nobody has');
  });

  test('all of another version in place of a piece', async () => {
    const site = await bench.site((request, response, count) => {
      send(request, response, count === 1 ? file : { body: changed, etag: '"b"' });
    });
    assert.match((await bench.fails(site.url(), '--streams', '2')).stderr, /has changed on the server/);
    assert.ok(!bench.has('scan.bin'));
  });

  test('another size', async () => {
    const site = await bench.site((request, response, count) => {
      if (count === 1) return breakOff(request, response, file, 1_000_000);
      delete request.headers['if-range'];
      send(request, response, { body: Buffer.concat([body, body]) });
    });
    assert.match((await bench.fails(site.url())).stderr, /it had 6,000,000 bytes, and has 12,000,000 now/);
  });

  test('shorter by now', async () => {
    const site = await bench.site((request, response, count) => {
      if (count === 1) return breakOff(request, response, file, 1_000_000);
      delete request.headers['if-range'];
      send(request, response, { body: body.subarray(0, 1000) });
    });
    assert.match((await bench.fails(site.url())).stderr, /it is shorter now/);
  });

  test('all of the same version in place of a piece: one stream, from the start', async () => {
    const site = await bench.site((request, response, count) => {
      send(request, response, { ...file, ranges: count === 1 });
    });
    const { stderr } = await bench.fetches(site.url(), '--streams', '4');
    bench.holds(body);
    assert.match(stderr, /gives no parts of the file: it is fetched from its start/);
  });

  for (const [name, header] of [
    ['other bytes', 'bytes 7-6000006/6000007'],
    ['none', undefined],
    ['nonsense', 'bytes all'],
  ] as const) {
    test(`a part that is another than was asked for: Content-Range ${name}`, async () => {
      const site = await bench.site((request, response, count) => {
        const { status, headers, part } = answerTo(request, file);
        if (count > 1 && status === 206) {
          if (header === undefined) delete headers['content-range'];
          else headers['content-range'] = header;
        }
        response.writeHead(status, headers).end(part);
      });
      const { stderr } = await bench.fetches(site.url(), '--streams', '3');
      bench.holds(body);
      assert.match(stderr, /were asked for, and the server sends others/);
    });
  }

  test('a first answer that is none to the question: all is asked for', async () => {
    const site = await bench.site((request, response) => {
      const { status, headers, part } = answerTo(request, file);
      if (status === 206) headers['content-range'] = 'bytes 1-2/3';
      response.writeHead(status, headers).end(part);
    });
    await bench.fetches(site.url(), '--streams', '3');
    bench.holds(body);
  });

  test('a part that nobody asked for', async () => {
    const site = await bench.site((_, response) => {
      response.writeHead(206, { 'content-range': 'bytes 0-9/20', 'content-length': 10 }).end(body.subarray(0, 10));
    });
    assert.match((await bench.fails(site.url())).stderr, /all of the file was asked for, and 206 Partial Content/);
  });

  test('less than a piece at a time is put together', async () => {
    const site = await bench.site((request, response) => {
      const range = rangeOf(request, file);
      if (range === null) return send(request, response, file);
      const [start, end] = [range[0], Math.min(range[1], range[0] + 1_000_000)];
      const headers = { 'content-range': `bytes ${start}-${end - 1}/${body.length}`, etag: '"a"' };
      response.writeHead(206, { ...headers, 'content-length': end - start }).end(body.subarray(start, end));
    });
    const { stderr } = await bench.fetches(site.url(), '--streams', '2');
    bench.holds(body);
    assert.equal(stderr, '');
  });
});
