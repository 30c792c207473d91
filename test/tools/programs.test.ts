import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findProgram, run } from '../../src/tools/programs.js';

test('programs are found by PATH, and in the folders of servers', () => {
  assert.equal(findProgram('sh', '/nowhere:/bin'), '/bin/sh');
  assert.equal(findProgram('no-such-program'), undefined);
});

test('what a program failed of is told: its words, the signal that ended it, or that it took too long', async () => {
  const never = new AbortController().signal;
  const sh = (script: string, timeout = 20_000) => run('/bin/sh', ['-c', script], timeout, never);
  assert.equal(await sh('echo well'), 'well\n');
  await assert.rejects(sh('echo no room >&2; exit 3'), /: no room$/);
  await assert.rejects(sh('kill -TERM $$'), /: was ended by SIGTERM$/);
  await assert.rejects(sh('exec sleep 30', 50), /: took more than 0\.05 s$/);
});
