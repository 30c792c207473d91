/** What sendfile is asked for: the head along with the file, and how that is divided among calls. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { close } from '../../native/file.js';
import { pageSize } from '../../native/page-cache.js';
import { setLingerReset } from '../../native/socket.js';
import { SendfileOutput } from '../../src/output/sendfile.js';
import { type Piece, Progress } from '../../src/output/transfer.js';
import { Counter } from '../../src/scoreboard/counters.js';
import { waitFor } from '../native/support.js';
import { EPOLLIN, Exchange, expected, limits, type Source, withSource } from './support.js';

const packet = 16 * pageSize;
const roomy = { buffers: 2 ** 20 };

/** How many calls send the pieces, to a client that has room for all of them. */
function calls(head: string, pieces: readonly Piece[], { cork = false, secured = -1, isPaced = true } = {}): number {
  const exchange = new Exchange(new SendfileOutput(isPaced), roomy);
  const { transfer } = exchange;
  transfer.secured = secured;
  transfer.begin(head, pieces, { ...limits, cork });
  assert.equal(exchange.step(), Progress.Done);
  const bytes = expected(head, pieces);
  assert.ok(exchange.all(bytes.length).equals(bytes), 'the bytes differ');
  exchange.close();
  return transfer.sendfileCalls;
}

/** A test with a file of a few packets. */
function fileTest(name: string, use: (source: Source) => void): void {
  test(name, () => withSource(4 * packet, use));
}

describe('a file behind a head', () => {
  fileTest('is one call where it begins with a page', source => {
    assert.equal(calls('head', [source.piece(0, 2 * packet)]), 1);
    assert.equal(calls('head', [source.piece(3 * pageSize, packet + 1)]), 1);
  });

  fileTest('is one call where it fits into one packet', source => {
    assert.equal(calls('head', [source.piece(5, packet - 5)]), 1);
    assert.equal(calls('head', [source.piece(pageSize - 1, 1)]), 1);
  });

  fileTest('is first what is left of its first page where it begins within one and is more', source => {
    assert.equal(calls('head', [source.piece(5, packet - 4)]), 2);
    assert.equal(calls('head', [source.piece(pageSize - 1, 2 * packet)]), 2);
    assert.equal(calls('head', [source.piece(5, packet)], { cork: true }), 2);
    const part = { bytes: Buffer.from('part') };
    assert.equal(calls('head', [source.piece(5, packet), part, source.piece(7, packet), part]), 4);
  });

  fileTest('is one call where TCP does not pace itself', source => {
    assert.equal(calls('head', [source.piece(5, packet)], { isPaced: false }), 1);
  });

  fileTest('is one call where nothing goes out before it, or by itself', source => {
    assert.equal(calls('', [source.piece(5, packet)]), 1);
    const part = { bytes: Buffer.from('part') };
    assert.equal(calls('head', [source.piece(5, packet), part], { cork: true }), 1);
    assert.equal(calls('head', [source.piece(5, packet)], { secured: Counter.sendfileBytes }), 1);
  });
});

describe('sendfile', () => {
  test('sends the head along, and the file in one call', () => {
    withSource(10_000, source => {
      const exchange = new Exchange(new SendfileOutput());
      exchange.transfer.begin('head', [source.piece(0, 10_000)], limits);
      assert.equal(exchange.finish(), Progress.Done);
      const { preadCalls, writevCalls, sendfileCalls, eagainCount } = exchange.transfer;
      assert.deepEqual([preadCalls, writevCalls, sendfileCalls, eagainCount], [0, 0, 1, 0]);
      exchange.close();
    });
  });

  test('names send() when the head before a file fails', () => {
    withSource(10, source => {
      const exchange = new Exchange(new SendfileOutput());
      setLingerReset(exchange.client);
      close(exchange.client);
      waitFor(exchange.transfer.fd, EPOLLIN);
      exchange.transfer.begin('head', [source.piece(0, 10)], { ...limits, cork: true });
      assert.equal(exchange.step(), Progress.Failed);
      assert.equal(exchange.transfer.failedCall, 'send');
      close(exchange.transfer.fd);
    });
  });
});
