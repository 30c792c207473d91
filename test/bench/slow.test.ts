import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const program = fileURLToPath(new URL('../../src/bench/slow.js', import.meta.url));

test('slow downloads all stay alive, and leave no descriptor behind', async () => {
  const args = [program, '--clients', '100', '--seconds', '3', '--pace', '20000', '--json'];
  const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 60_000 });
  for (const one of JSON.parse(stdout)) {
    assert.equal(one.alive, 100, one.path);
    assert.ok(one.least > 20_000, `${one.path}: the slowest client got ${one.least} bytes`);
    assert.ok(one.descriptorsMost >= one.descriptorsBefore + 100, one.path);
    assert.equal(one.descriptorsAfter, one.descriptorsBefore, one.path);
  }
});
