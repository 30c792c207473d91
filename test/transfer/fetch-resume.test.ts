/** Transfers that were ended, in whatever way, and go on later. */
import assert from 'node:assert/strict';
import { existsSync, statSync } from 'node:fs';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { until } from '../cli/program.js';
import { noise } from '../server/harness.js';
import { answerTo, dribble, FetchBench, type Handler, longAgo, type Served, send } from './fetch-support.js';

let bench: FetchBench;
beforeEach(() => {
  bench = new FetchBench();
});
afterEach(() => bench.clean());

const body = noise(8_000_000, 1);
const file = { body, etag: '"a"' };

const part = () => `${bench.got}/.scan.bin.zc-part`;
const state = () => `${bench.got}/.scan.bin.zc-state`;

/** Fetches some of a file, and is ended by a signal. */
async function interrupted(signal: NodeJS.Signals, served: Served, ...args: string[]) {
  const site = await bench.site((request, response) => dribble(request, response, served, 2_000_000));
  const run = bench.start(['fetch', '--interval', '0', '--dir', bench.got, site.url(), ...args]);
  await until(() => existsSync(part()) && statSync(part()).size >= 2_000_000, 'two megabytes are there');
  // the state follows once a second
  if (signal === 'SIGKILL') await until(() => existsSync(state()), 'the state is saved');
  run.child.kill(signal);
  const finished = await run.end;
  assert.ok(!bench.has('scan.bin'), 'what is not whole has not the final name');
  site.close();
  return finished;
}

describe('goes on', () => {
  test('after kill -9', async () => {
    await interrupted('SIGKILL', file);
    const site = await bench.site(file);
    await bench.fetches(site.url(), '--resume');
    bench.holds(body);
    const [{ range, ifRange }] = site.seen;
    assert.equal(ifRange, '"a"');
    const [, start] = /^bytes=(\d+)-7999999$/.exec(range ?? '') ?? [];
    assert.ok(Number(start) >= 2_000_000, range);
    assert.equal(site.seen.length, 1);
  });

  test('after kill -9 of several streams, with as many as one likes', async () => {
    await interrupted('SIGKILL', file, '--streams', '3');
    const site = await bench.site(file);
    const { stdout } = await bench.fetches(site.url(), '--resume', '--streams', '2', '--json');
    bench.holds(body);
    const [report] = JSON.parse(stdout).receiver.files;
    assert.ok(report.resumedFrom >= 2_000_000, `${report.resumedFrom}`);
    for (const { range } of site.seen) assert.doesNotMatch(range ?? '', /^bytes=0-/);
  });

  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    test(`after ${signal}, which keeps what is there`, async () => {
      const finished = await interrupted(signal, file);
      assert.equal(finished.code, code, finished.stderr);
      assert.match(
        finished.stderr,
        new RegExp(`ended by its user \\(${signal}\\).* are kept in ".*zc-part": --resume`),
      );
      const site = await bench.site(file);
      await bench.fetches(site.url(), '--resume');
      bench.holds(body);
      assert.doesNotMatch(site.seen[0].range ?? '', /^bytes=0-/);
    });
  }

  test('of a file that its date tells apart', async () => {
    const dated = { body, lastModified: longAgo };
    await interrupted('SIGINT', dated);
    const site = await bench.site(dated);
    await bench.fetches(site.url(), '--resume');
    bench.holds(body);
    assert.equal(site.seen[0].ifRange, longAgo);
  });

  test('with a server that does not say again what it was asked for', async () => {
    const dated = { body, lastModified: longAgo };
    await interrupted('SIGINT', dated);
    const site = await bench.site((request, response) => {
      const { status, headers, part } = answerTo(request, dated);
      delete headers['last-modified'];
      response.writeHead(status, headers).end(part);
    });
    await bench.fetches(site.url(), '--resume');
    bench.holds(body);
    assert.equal(site.seen.length, 1);
    assert.equal(statSync(`${bench.got}/scan.bin`).mtime.toUTCString(), longAgo);
  });

  test('of a file that the server names', async () => {
    const named =
      (handler: Handler): Handler =>
      (request, response, count) => {
        response.setHeader('content-disposition', 'attachment; filename="scan.bin"');
        handler(request, response, count);
      };
    const slow = await bench.site(named((request, response) => dribble(request, response, file, 2_000_000)));
    const run = bench.start(['fetch', '--dir', bench.got, slow.url('/get?id=7')]);
    await until(() => existsSync(part()) && statSync(part()).size >= 2_000_000, 'two megabytes are there');
    run.child.kill('SIGINT');
    await run.end;
    const site = await bench.site(named((request, response) => send(request, response, file)));
    await bench.fetches(site.url('/get?id=7'), '--resume');
    bench.holds(body);
    assert.match(site.seen.at(-1)?.range ?? '', /^bytes=[1-9]/);
  });
});

describe('begins anew, and says so', () => {
  test('where the server has another version', async () => {
    await interrupted('SIGINT', file);
    const other = { body: noise(8_000_000, 2), etag: '"b"' };
    const site = await bench.site(other);
    const { stderr } = await bench.fetches(site.url(), '--resume');
    bench.holds(other.body);
    assert.match(stderr, /is fetched from its start: its source has another version of the file now/);
    assert.equal(site.seen.length, 1, 'the answer with all of it is used');
  });

  test('where the server has another version, in several streams', async () => {
    await interrupted('SIGINT', file);
    const other = { body: noise(8_000_000, 2), etag: '"b"' };
    const site = await bench.site(other);
    const { stderr } = await bench.fetches(site.url(), '--resume', '--streams', '2');
    bench.holds(other.body);
    assert.match(stderr, /^zerocopy: .* is fetched from its start: its source has another version of the file now\n$/);
    assert.ok(site.seen.length > 3, 'parts are asked for');
  });

  test('where nothing tells versions apart', async () => {
    const nameless = { body, etag: 'W/"a"' };
    await interrupted('SIGINT', nameless);
    const site = await bench.site(nameless);
    const { stderr } = await bench.fetches(site.url(), '--resume');
    bench.holds(body);
    assert.match(stderr, /is fetched from its start: its source does not say which version/);
  });

  test('where the server gives no parts', async () => {
    await interrupted('SIGINT', file);
    const site = await bench.site({ ...file, ranges: false });
    const { stderr } = await bench.fetches(site.url(), '--resume');
    bench.holds(body);
    assert.match(stderr, /gives no parts of the file: it is fetched from its start/);
  });

  test('without --resume, and says nothing', async () => {
    await interrupted('SIGINT', file);
    const site = await bench.site(file);
    const { stderr } = await bench.fetches(site.url());
    bench.holds(body);
    assert.equal(stderr, '');
    assert.equal(site.seen[0].range, undefined);
  });
});
