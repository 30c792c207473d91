import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chooseCores, parseCores } from '../../src/bench/pinning.js';

test('lists of processors, as the kernel writes them', () => {
  assert.deepEqual(parseCores('0'), [0]);
  assert.deepEqual(parseCores('0-3'), [0, 1, 2, 3]);
  assert.deepEqual(parseCores('2,5-6,9'), [2, 5, 6, 9]);
});

test('servers and clients never share a core', () => {
  const cores = chooseCores();
  assert.ok(cores === undefined || cores.server !== cores.client);
});
