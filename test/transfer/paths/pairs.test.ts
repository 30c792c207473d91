/** Every source with every sink, over a TCP connection of the loopback. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { EAGAIN } from '../../../native/errno.js';
import { seeded } from '../../http/parse-helpers.js';
import { inFolder } from '../../native/support.js';
import {
  move,
  SentFile,
  type Stretch,
  settings,
  sinkNames,
  smallest,
  sourceNames,
  TakenFile,
  Wire,
} from './support.js';

/** One that is a multiple of the page, and one that is none. */
const blockSizes = [settings.blockSize, 1000];

const upTo = (random: () => number, most: number) => 1 + Math.floor(random() * most);

/** Cuts a file in stretches, and gives them in any order. */
function stretchesOf(size: number, shift: number, random: () => number): Stretch[] {
  const stretches: Stretch[] = [];
  for (let from = 0; from < size; ) {
    const count = Math.min(size - from, upTo(random, 60_000));
    stretches.splice(Math.floor(random() * (stretches.length + 1)), 0, { from, to: from + shift, count });
    from += count;
  }
  return stretches;
}

for (const from of sourceNames) {
  for (const into of sinkNames) {
    describe(`${from} into ${into}`, () => {
      for (const blockSize of blockSizes) {
        const own = { blockSize };

        test(`files of all kinds of sizes, by blocks of ${blockSize} bytes`, () => {
          const sizes = [0, 1, blockSize - 1, blockSize, blockSize + 1, 3 * blockSize, 3 * blockSize + 17, 700_000];
          for (const size of sizes) {
            inFolder(folder => {
              const sent = new SentFile(folder, from, size, own);
              const taken = new TakenFile(folder, into, own);
              const wire = new Wire();
              const moved = move(sent.source, taken.sink, wire, { from: 0, to: 0, count: size });
              assert.deepEqual([moved.sent, moved.taken], [size, size]);
              taken.sink.flush();
              assert.deepEqual(taken.ranges, size === 0 ? [] : [[0, size]]);
              if (taken.stores) assert.ok(taken.bytes.equals(sent.bytes), `${size} bytes differ`);
              assert.equal(taken.sink.take(wire.receiver, size, 1), -EAGAIN);
              wire.end();
              assert.equal(taken.sink.take(wire.receiver, size, 1), 0);
              for (const file of [sent, taken, wire]) file.close();
            });
          }
        });

        test(`a socket that is full in the middle of blocks of ${blockSize} bytes`, () =>
          inFolder(folder => {
            const size = 30 * blockSize + 1;
            const sent = new SentFile(folder, from, size, own);
            const taken = new TakenFile(folder, into, own);
            const wire = new Wire(smallest);
            const { full } = move(sent.source, taken.sink, wire, { from: 0, to: 4095, count: size });
            if (blockSize > 10_000) assert.ok(full > 3, `${full} times`);
            taken.sink.flush();
            assert.deepEqual(taken.ranges, [[4095, 4095 + size]]);
            if (taken.stores) assert.ok(taken.bytes.subarray(4095).equals(sent.bytes));
            for (const file of [sent, taken, wire]) file.close();
          }));
      }

      test('stretches in any order, cut and taken anywhere', () => {
        const random = seeded(41);
        for (let round = 0; round < 6; round++) {
          inFolder(folder => {
            const size = upTo(random, 400_000);
            const shift = upTo(random, 9000) - 1;
            const own = { blockSize: round % 2 === 0 ? 4096 * upTo(random, 8) : upTo(random, 20_000) };
            const sent = new SentFile(folder, from, size, own);
            const taken = new TakenFile(folder, into, own);
            const wire = new Wire(round % 3 === 0 ? smallest : {});
            const most = round < 3 ? () => upTo(random, 30_000) : undefined;
            for (const stretch of stretchesOf(size, shift, random)) move(sent.source, taken.sink, wire, stretch, most);
            taken.sink.flush();
            assert.deepEqual(taken.ranges, [[shift, shift + size]]);
            if (taken.stores) assert.ok(taken.bytes.subarray(shift).equals(sent.bytes), `round ${round}`);
            for (const file of [sent, taken, wire]) file.close();
          });
        }
      });
    });
  }
}
