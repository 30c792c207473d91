import assert from 'node:assert/strict';
import { test } from 'node:test';
import { surviveKills } from './kills.js';

const mebi = 2 ** 20;

test('either end can be killed at any point: --resume goes on, and no partial file bears the name', async t => {
  const result = await surviveKills({ kills: 5, size: 24 * mebi, rate: 8 * mebi, longest: 2000 });
  t.diagnostic(`${result.kills.join(', ')}; resumed at ${result.resumed.join(', ')}`);
  assert.equal(result.kills.length, 5);
  assert.ok(result.files >= 1);
});
