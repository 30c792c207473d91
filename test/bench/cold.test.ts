import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { tmpdir } from 'node:os';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { SlowStore } from '../../src/bench/cold/slow-store.js';

const program = fileURLToPath(new URL('../../src/bench/cold.js', import.meta.url));
const run = promisify(execFile);

/** Why the disk here cannot be slowed down; false where it can. */
function whyNot(): string | false {
  try {
    new SlowStore(tmpdir(), 1e6).remove();
    return false;
  } catch (error) {
    return (error as Error).message;
  }
}

test('a small file beside cold ones: a line for each way, with its ratio', { skip: whyNot() }, async () => {
  const args = [
    program,
    '--rounds',
    '1',
    '--seconds',
    '0.5',
    '--rate',
    '20m',
    '--clients',
    '3',
    '--only',
    'zerocopy-threads',
  ];
  const { stdout } = await run(process.execPath, args);
  assert.match(stdout, /^Disk: 20mB\/s; times in ms$/m);
  assert.match(stdout, /^zerocopy +sendfile on +aio threads( +\d+(\.\d+)?){6} +(within|OVER) 3$/m);
  assert.doesNotMatch(stdout, /aio off|nginx/);
});

test('a rate that is none', async () => {
  await assert.rejects(run(process.execPath, [program, '--rate', 'fast']), /Give a rate/);
});
