import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ReceivedHead } from '../../src/http/received-head.js';
import { TransferError } from '../../src/transfer/failure.js';
import { BrokenConnection } from '../../src/transfer/http/broken.js';
import { isPassing, isPassingStatus, NotNow, Retries, retryAfter } from '../../src/transfer/http/retries.js';

describe('tries', () => {
  test('are twice as long apart each time, up to a minute, and come to an end', () => {
    const retries = new Retries(10, () => 1);
    const waits = Array.from({ length: 11 }, () => retries.next(0));
    assert.deepEqual(waits, [500, 1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000, null]);
  });

  test('are never for all at the same moment', () => {
    assert.equal(new Retries(1, () => 0).next(0), 250);
    assert.equal(new Retries(1, () => 0.5).next(0), 375);
  });

  test('begin anew when more is there than ever, and only then', () => {
    const retries = new Retries(2, () => 1);
    assert.equal(retries.next(10_000_000), 500);
    assert.equal(retries.next(20_000_000), 500);
    assert.equal(retries.next(20_100_000), 1000);
    // from the start again, and once more so far
    assert.equal(retries.next(20_200_000), null);
    assert.equal(retries.count, 2);
  });

  test('wait as long as the server asks, but not for ever', () => {
    const retries = new Retries(5, () => 1);
    assert.equal(retries.next(0, 7000), 7000);
    assert.equal(retries.next(0, 10), 1000);
    assert.equal(retries.next(0, 3_600_000), null);
  });

  test('are announced', () => {
    const retries = new Retries(5, () => 1);
    assert.equal(retries.announce(retries.next(0) ?? 0), 'again in 0.5 s (try 2 of 6)');
  });
});

describe('Retry-After', () => {
  const now = Date.UTC(2026, 0, 1);
  const cases: readonly (readonly [value: string | null, ms: number])[] = [
    ['120', 120_000],
    ['0', 0],
    ['Thu, 01 Jan 2026 00:01:30 GMT', 90_000],
    ['Wed, 31 Dec 2025 00:00:00 GMT', 0],
    ['soon', 0],
    ['-5', 0],
    ['1.5', 0],
    ['99999999999999', 0],
    [null, 0],
  ];
  for (const [value, ms] of cases) {
    test(`${value}`, () => {
      const fields = value === null ? [] : [{ name: 'Retry-After', value }];
      assert.equal(retryAfter(new ReceivedHead(1001, 503, '', fields), now), ms);
    });
  }
});

test('what may pass, and what does not', () => {
  const statuses = [400, 401, 403, 404, 408, 410, 416, 429, 500, 501, 502, 503, 504, 505, 599];
  assert.deepEqual(statuses.filter(isPassingStatus), [408, 429, 500, 502, 503, 504, 599]);
  const errors = [new BrokenConnection('x', 'peer'), new NotNow('x', 0), new TransferError('x', 'network')];
  assert.ok(errors.every(isPassing));
  const final = (['peer', 'store', 'source', 'refused'] as const).map(kind => new TransferError('x', kind));
  assert.ok(![...final, new Error('x')].some(isPassing));
});
