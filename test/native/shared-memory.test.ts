import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { close, ftruncate } from '../../native/file.js';
import { mapShared, memfdCreate } from '../../native/shared-memory.js';

const child = `
const { mapShared } = await import(${JSON.stringify(new URL('../../native/shared-memory.js', import.meta.url).href)});
const numbers = new Float64Array(mapShared(3, 65536));
numbers[8191] = numbers[0] + 1;
`;

test('two processes see the same memory, also when the descriptor is closed', () => {
  const fd = memfdCreate('zerocopy-test');
  assert.equal(ftruncate(fd, 65536), 0);
  const memory = mapShared(fd, 65536);
  assert.ok(typeof memory !== 'number');
  const numbers = new Float64Array(memory);
  numbers[0] = 41;
  const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', child], {
    stdio: ['ignore', 'inherit', 'pipe', fd],
    encoding: 'utf8',
  });
  assert.equal(status, 0, stderr);
  assert.equal(close(fd), 0);
  assert.equal(numbers[8191], 42);
});

test('what cannot be mapped is an errno', () => {
  assert.equal(mapShared(-1, 65536), -9);
});
