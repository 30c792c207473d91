/** Servers that cannot for the moment, or not as much as they are asked for. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { noise } from '../server/harness.js';
import { dribble, FetchBench, send } from './fetch-support.js';

let bench: FetchBench;
beforeEach(() => {
  bench = new FetchBench();
});
afterEach(() => bench.clean());

const body = noise(6_000_000, 1);
const file = { body, etag: '"a"' };

describe('a server that cannot for the moment', () => {
  test('503 with Retry-After, 429, 500: it is asked again when it says', async () => {
    const times: number[] = [];
    const site = await bench.site((request, response, count) => {
      times.push(performance.now());
      if (count === 1) response.writeHead(503, { 'retry-after': '1' }).end('later');
      else if (count === 2) response.writeHead(429).end();
      else if (count === 3) response.writeHead(500).end();
      else send(request, response, file);
    });
    const { stderr } = await bench.fetches(site.url());
    bench.holds(body);
    assert.ok(times[1] - times[0] >= 990, `${times[1] - times[0]} ms`);
    assert.match(stderr, /the server answers 503 Service Unavailable; again in 1\.0 s/);
  });

  test('and asks for an hour: it is not waited for', async () => {
    const site = await bench.site((_, response) => {
      response.writeHead(503, { 'retry-after': '3600' }).end();
    });
    await bench.fails(site.url());
    assert.equal(site.seen.length, 1);
  });

  test('is slow on one connection: the others take over', async () => {
    const sockets: unknown[] = [];
    const site = await bench.site((request, response) => {
      if (!sockets.includes(request.socket)) sockets.push(request.socket);
      if (sockets[1] === request.socket) dribble(request, response, file, 1000);
      else send(request, response, file);
    });
    await bench.fetches(site.url(), '--streams', '3');
    bench.holds(body);
  });

  test('takes fewer connections than there are streams', async () => {
    const sockets: unknown[] = [];
    const site = await bench.site((request, response) => {
      if (!sockets.includes(request.socket)) sockets.push(request.socket);
      if (sockets[0] === request.socket) send(request, response, file);
      else response.writeHead(403, { connection: 'close' }).end();
    });
    const { stderr } = await bench.fetches(site.url(), '--streams', '4');
    bench.holds(body);
    assert.match(stderr, /403 Forbidden.*; stream \d leaves it to the others/);
  });
});
