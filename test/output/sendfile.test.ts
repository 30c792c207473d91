/** How a file is divided among calls of sendfile. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { pageSize } from '../../native/page-cache.js';
import { SendfileOutput } from '../../src/output/sendfile.js';
import { type Piece, Progress } from '../../src/output/transfer.js';
import { Counter } from '../../src/scoreboard/counters.js';
import { inFolder } from '../native/support.js';
import { Exchange, expected, limits, Source } from './support.js';

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
  test(name, () =>
    inFolder(folder => {
      const source = new Source(folder, 4 * packet);
      use(source);
      source.close();
    }),
  );
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
