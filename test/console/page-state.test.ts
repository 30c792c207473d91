/** The page's own sums, without a browser. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { pauseAfter } from '../../src/console/page/pause.js';
import { apply, mostSamples } from '../../src/console/page/state.js';
import type { LiveMessage, Snapshot } from '../../src/console/snapshot.js';
import { placeOf, requestOf, sampleOf, snapshotOf } from './page-samples.js';

function news(changes: Partial<Extract<LiveMessage, { type: 'news' }>>): LiveMessage {
  const { history: _, ...rest } = snapshotOf();
  return { type: 'news', ...rest, sample: null, ...changes };
}

describe('the state after a message', () => {
  test('news before anything whole are no state', () => {
    assert.equal(apply(undefined, news({})), undefined);
  });

  test('a sample, requests and errors are added, the rest is taken over', () => {
    const before = snapshotOf({
      history: [sampleOf(1, {})],
      requests: [requestOf(2, 'sendfile'), requestOf(1, 'sendfile')],
      errors: [{ serial: 1, text: 'one' }],
    });
    const after = apply(
      before,
      news({
        sample: sampleOf(2, { sendfile: 5 }),
        requests: [requestOf(3, 'buffers')],
        errors: [{ serial: 2, text: 'two' }],
        places: [placeOf('0', { sendfile: false })],
      }),
    ) as Snapshot;
    assert.deepEqual(
      after.history.map(({ bytes }) => bytes.sendfile),
      [0, 5],
    );
    assert.deepEqual(
      after.requests.map(({ serial }) => serial),
      [3, 2, 1],
    );
    assert.deepEqual(
      after.errors.map(({ text }) => text),
      ['two', 'one'],
    );
    assert.equal(after.places[0].sendfile, false);
    assert.equal(before.requests.length, 2);
  });

  test('what is told twice is there once', () => {
    const before = snapshotOf({ history: [sampleOf(1, {})], requests: [requestOf(1, 'sendfile')] });
    const after = apply(before, news({ sample: sampleOf(1, {}), requests: [requestOf(1, 'sendfile')] }));
    assert.equal(after?.history.length, 1);
    assert.equal(after?.requests.length, 1);
  });

  test('after hours it has ten minutes, 100 requests and 50 lines', () => {
    let state: Snapshot | undefined = snapshotOf();
    for (let nth = 1; nth <= 700; nth++) {
      const changes = {
        sample: sampleOf(nth, {}),
        requests: [requestOf(nth, 'memory')],
        errors: [{ serial: nth, text: `${nth}` }],
      };
      state = apply(state, news(changes));
    }
    assert.equal(state?.history.length, mostSamples);
    assert.deepEqual(state?.history.at(-1), sampleOf(700, {}));
    assert.equal(state?.requests.length, 100);
    assert.equal(state?.requests[0].serial, 700);
    assert.equal(state?.errors.length, 50);
  });

  test('a whole state takes the place of the old one, even if its numbers begin anew', () => {
    const before = snapshotOf({ requests: [requestOf(900, 'sendfile')], history: [sampleOf(900, {})] });
    const after = apply(before, { type: 'full', snapshot: snapshotOf({ requests: [requestOf(1, 'buffers')] }) });
    assert.deepEqual(
      after?.requests.map(({ serial }) => serial),
      [1],
    );
    assert.equal(after?.history.length, 0);
  });
});

test('the pauses between attempts grow, and not for ever', () => {
  assert.deepEqual([1, 2, 3, 4, 5, 6, 99].map(pauseAfter), [500, 1000, 2000, 4000, 8000, 15_000, 15_000]);
});
