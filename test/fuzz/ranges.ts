import assert from 'node:assert/strict';
import { parseRange } from '../../src/http/range.js';
import { below, pick } from './mutate.js';
import type { Target } from './target.js';

const sizes = [0, 1, 2, 10, 1000, 2 ** 31, 2 ** 40];

/** The parser of ranges: whatever it gives lies within the file, and several together are no more than it. */
export const ranges: Target = {
  name: 'ranges',
  seeds: [
    ...['bytes=0-', 'bytes=0-0,1-1,-1', 'bytes=-5', 'bytes= 1 - 2 , 3-4 ', 'BYTES=5-', 'bytes=0-99999999999999999999'],
    ...['bytes=9-1', 'bytes=1-2,x', 'lines=0-1', `bytes=${'0-0,'.repeat(50)}-1`],
  ],
  pieces: ['-', ',', ' ', '=', 'bytes', '0', '9007199254740993', '18446744073709551616', '\t', '--', ',,', '0-', '-0'],
  try(text, random) {
    const size = pick(sizes, random);
    const most = random() < 0.5 ? below(8, random) : Number.MAX_SAFE_INTEGER;
    const found = parseRange(text, size, most);
    if (found === null || found.length === 0) return false;
    assert.ok(found.length <= most);
    for (const { start, end } of found)
      assert.ok(start >= 0 && start < end && end <= size, `${start}-${end} of ${size}`);
    const sum = found.reduce((total, { start, end }) => total + end - start, 0);
    assert.ok(sum <= size, `${sum} bytes of ${size}`);
    return true;
  },
};
