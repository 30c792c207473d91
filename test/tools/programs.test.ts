import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findProgram } from '../../src/tools/programs.js';

test('programs are found by PATH, and in the folders of servers', () => {
  assert.equal(findProgram('sh', '/nowhere:/bin'), '/bin/sh');
  assert.equal(findProgram('no-such-program'), undefined);
});
