import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseWrk, wrkVersion } from '../../src/bench/clients/wrk.js';
import type { Entry } from '../../src/bench/comparison.js';
import type { Row } from '../../src/bench/report.js';
import { agreementOf } from '../../src/bench/wrk-agreement.js';

const wrkOutput = `Running 3s test @ http://127.0.0.1:41234/1k.bin
  1 threads and 50 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency   390.55us   68.21us   3.13ms   88.42%
    Req/Sec   128.01k     4.12k  133.11k    80.65%
  394885 requests in 3.10s, 488.01MB read
Requests/sec: 127388.51
Transfer/sec:    157.43MB
`;

test('wrk: requests and seconds', () => {
  assert.deepEqual(parseWrk(wrkOutput), { requests: 394885, seconds: 3.1 });
  assert.equal(parseWrk(wrkOutput.replace('3.10s', '1.50m')).seconds, 90);
});

test('wrk: failed requests, or no result, are an error', () => {
  const failures = '  Socket errors: connect 0, read 12, write 0, timeout 0\n';
  assert.throws(() => parseWrk(wrkOutput.replace('Requests/sec', `${failures}Requests/sec`)), /read 12/);
  const statuses = '  Non-2xx or 3xx responses: 394885\n';
  assert.throws(() => parseWrk(wrkOutput.replace('Requests/sec', `${statuses}Requests/sec`)), /394885/);
  assert.throws(() => parseWrk('unable to connect to 127.0.0.1:1 Connection refused\n'), /Connection refused/);
});

test('wrk: its version, with and without the packager', () => {
  assert.equal(wrkVersion('wrk debian/4.1.0-3+b2 [epoll] Copyright (C) 2012 Will Glozer\n'), '4.1.0-3+b2');
  assert.equal(wrkVersion('wrk 4.2.0 [epoll] Copyright (C) 2012 Will Glozer\n'), '4.2.0');
  assert.equal(wrkVersion(''), 'of unknown version');
});

function compared(figures: readonly (readonly [peer: string, ours: readonly number[], wrk: readonly number[]])[]) {
  const rows = figures.map(([peer]) => ({ peer }) as Row);
  const entries = figures.map(([peer, ours, wrk]): Entry => {
    const samples = ours.map((rate, at) => {
      const found = wrk[at];
      return { values: { rate }, requests: 1, hashed: 0, ...(found !== undefined && { wrk: found }) };
    });
    return { peer, samples };
  });
  return agreementOf(rows, entries);
}

test('the same ranking, and how far the figures are apart', () => {
  const found = compared([
    ['a', [100, 102, 104], [110, 110, 110]],
    ['b', [90, 90, 90], [88, 88, 88]],
  ])!;
  assert.equal(found.rows[0]!.ratio, 102 / 110);
  assert.ok(Math.abs(found.distance - 8 / 110) < 1e-9);
  assert.deepEqual(found.swapped, []);
});

test('another ranking', () => {
  const found = compared([
    ['a', [100], [80]],
    ['b', [90], [95]],
  ])!;
  assert.deepEqual(found.swapped, [['a', 'b']]);
});

test('two that are as good as equal are in no order', () => {
  assert.deepEqual(
    compared([
      ['a', [100], [96]],
      ['b', [98], [97]],
    ])!.swapped,
    [],
  );
  // the order of a and b is within what the figures spread
  assert.deepEqual(
    compared([
      ['a', [60, 100, 140], [80, 80, 80]],
      ['b', [90], [95]],
    ])!.swapped,
    [],
  );
});

test('the ratio is that of the rounds, each by itself', () => {
  assert.equal(compared([['a', [100, 10, 50], [100, 10, 100]]])!.rows[0]!.ratio, 1);
});

test('without wrk there is nothing to say', () => {
  assert.equal(compared([['a', [100], []]]), undefined);
});
