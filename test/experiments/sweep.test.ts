/** Block sizes, at a size that proves nothing but that it runs: the shape of what comes out, and its arithmetic. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { Bench } from './support.js';

const bench = new Bench();
after(() => bench.clean());

test('sweep: from 4k to 4M, both ways', async () => {
  const result = await bench.result('sweep');
  const sizes = ['4k', '8k', '16k', '32k', '64k', '128k', '256k', '512k', '1M', '2M', '4M'];
  assert.deepEqual([...new Set(result.cells.map(({ row }) => row))], sizes);
  assert.equal(result.cells.length, sizes.length * 4);
  assert.equal(result.ratios.length, sizes.length);
  const calls = (row: string) => result.cells.find(cell => cell.row === row)?.samples[0].callsPerGB.sender ?? 0;
  assert.ok(calls('4k') > 20 * calls('128k'), `${calls('4k')} ${calls('128k')}`);
});
