/** `valid_referers`: what nginx refuses. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Runtime } from '../../src/server/runtime.js';
import { build, FILE } from './fake-request.js';

const withoutName =
  'the "none" or "blocked" referers are specified in the "valid_referers" directive without any valid referer';

const refused: readonly (readonly [server: string, reason: string])[] = [
  ['valid_referers;', 'invalid number of arguments in "valid_referers" directive'],
  ['valid_referers "";', 'invalid referer ""'],
  ['valid_referers ~;', 'empty regex in "~"'],
  ['valid_referers ~(;', 'pcre2_compile() failed: missing closing parenthesis in "("'],
  ['valid_referers *.a.*;', 'invalid hostname or wildcard "*.a.*"'],
  ['valid_referers a..b/x;', 'invalid hostname or wildcard "a..b"'],
  ['valid_referers a.com A.com/x;', 'conflicting parameter "a.com"'],
  ['valid_referers .a.com; valid_referers *.a.com;', 'conflicting parameter "*.a.com"'],
  ['server_name a.com; valid_referers server_names a.com;', 'conflicting parameter "a.com"'],
  ['valid_referers none;', withoutName],
  ['valid_referers blocked ~x;', withoutName],
  ['valid_referers a.com; location / { valid_referers none; }', withoutName],
  ['referer_hash_max_size x;', '"referer_hash_max_size" directive invalid number'],
];

function load(server: string): Runtime {
  return new Runtime(build(`events {} http { server { listen 1; ${server} } }`));
}

describe('valid_referers', () => {
  for (const [server, reason] of refused) {
    test(`refused: ${server}`, () => assert.throws(() => load(server), { message: `${reason} in ${FILE}:1` }));
  }

  test('taken: what nginx takes', () => {
    for (const server of [
      'referer_hash_max_size 10; referer_hash_bucket_size 64; valid_referers a.com;',
      'server_name a.com; valid_referers server_names; location / { valid_referers a.com; }',
      'server_name ~^a$ ""; valid_referers none server_names;',
    ]) {
      assert.doesNotThrow(() => load(server));
    }
  });
});
