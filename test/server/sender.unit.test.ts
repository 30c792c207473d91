/** How much of a response goes out before others have their turn. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { constantText } from '../../src/modules/rows.js';
import { type Output, type OutputLimits, Progress, type Transfer } from '../../src/output/transfer.js';
import type { Connections } from '../../src/server/connections.js';
import type { HttpRequest } from '../../src/server/request.js';
import { Sender } from '../../src/server/sender.js';

const whole = 2 ** 21;
const small = 2 ** 18;

/** An output whose socket takes all that it is offered, and the shares that it was given. */
class Recorder implements Output {
  readonly shares: number[] = [];

  send(transfer: Transfer): Progress {
    this.shares.push(transfer.share);
    transfer.bytesSent += transfer.share;
    return Progress.Share;
  }
}

function requestOf(share: number, rate = '0', contentLength = 2 ** 30): HttpRequest {
  const limits: OutputLimits = { share, bufferNumber: 2, bufferSize: 32_768, cork: false };
  const settings = {
    ...{ sendfile: true, aio: null, directio: Number.POSITIVE_INFINITY },
    ...{ limitRate: constantText(rate), limitRateAfter: constantText('0') },
  };
  const request = {
    ...{
      head: { method: 'GET' },
      headText: 'head',
      response: { body: [], contentLength },
      values: new Map(),
      startedAt: 0,
    },
    ...{ settings, locationRuntime: { settings, limits } },
  };
  return request as unknown as HttpRequest;
}

/** The shares of a response, one for each word of whether others wait meanwhile. */
function sharesOf(request: HttpRequest, others: readonly boolean[]): number[] {
  const output = new Recorder();
  const loop = { hasOthers: false, wallClock: 0 };
  const owner = { log: assert.fail, onPagesRead: assert.fail };
  const sender = new Sender({ loop, sendfileOutput: output } as unknown as Connections, -1, null, owner);
  sender.begin(request, '');
  for (const hasOthers of others) {
    loop.hasOthers = hasOthers;
    sender.send();
  }
  sender.end();
  return output.shares;
}

describe('the shares of a response', () => {
  test('are whole ones as long as nobody else waits', () => {
    assert.deepEqual(sharesOf(requestOf(whole), [false, false, false]), [whole, whole, whole]);
  });

  test('are small ones beside others', () => {
    assert.deepEqual(sharesOf(requestOf(whole), [true, true, false, true]), [small, small, whole, small]);
  });

  test('are one where all of it fits into that', () => {
    assert.deepEqual(sharesOf(requestOf(whole, '0', whole), [true]), [whole]);
    assert.deepEqual(sharesOf(requestOf(whole, '0', whole + 1), [true]), [small]);
  });

  test('are as configured where that is less, or without limit', () => {
    assert.deepEqual(sharesOf(requestOf(1000), [true, true]), [1000, 1000]);
    assert.deepEqual(sharesOf(requestOf(0), [true, true]), [0, 0]);
  });

  test('are what the rate allows where that is less', () => {
    assert.deepEqual(sharesOf(requestOf(whole, '3m'), [true, true, true]), [small, small, small]);
    assert.deepEqual(sharesOf(requestOf(whole, '100k'), [true]), [102_400]);
    assert.deepEqual(sharesOf(requestOf(0, '100k'), [true]), [102_400]);
    assert.deepEqual(sharesOf(requestOf(1000, '100k'), [false]), [1000]);
  });
});
