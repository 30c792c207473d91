import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { findProgram } from '../../src/tools/programs.js';

const program = fileURLToPath(new URL('../../src/bench/fetch.js', import.meta.url));
const skip =
  ['nginx', 'curl', 'aria2c'].some(name => findProgram(name) === undefined) && 'it needs nginx, curl, aria2c';

test('each client fetches the file, and is compared with ours', { skip }, async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [program, '--size', '1M', '--rounds', '1']);
  for (const client of ['curl', 'fetch', 'aria2c -x8', 'fetch --streams 8']) {
    assert.match(stdout, new RegExp(`^${client} +\\d+\\.\\d{3} s ± 0 %$`, 'm'));
  }
  assert.match(stdout, /^fetch \/ curl: \d+\.\d\d of its time$/m);
  assert.match(stdout, /^fetch --streams 8 \/ aria2c -x8: \d+\.\d\d of its time$/m);
});

test('a size that is none', async () => {
  await assert.rejects(promisify(execFile)(process.execPath, [program, '--size', 'big']), /Give a size/);
});
