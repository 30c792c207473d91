import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseServerName, ServerNameError, ServerNames } from '../../src/conf/server-names.js';
import { server } from './helpers.js';
import { HOSTS } from './routes.js';

/** Servers that are numbered from 1, with these names; the first is the default. */
function namesOf(names: readonly string[]): ServerNames {
  const entries = names.map((list, i) => ({
    names: list.split(' ').map(name => parseServerName(name === '""' ? '' : name)),
    server: server(i + 1),
  }));
  return new ServerNames('0.0.0.0:80', entries, entries[0]!.server);
}

describe('ServerNames', () => {
  for (const { names, found } of HOSTS) {
    const tree = namesOf(names);
    for (const [host, expected] of Object.entries(found)) {
      it(`${expected} for "${host}"`, () => assert.equal(tree.find(host.toLowerCase()).line, expected));
    }
  }

  it('shows what a regular expression captured, and nothing else', () => {
    const tree = namesOf(['a', '~^(?<user>.+)\\.(net)$']);
    tree.find('joe.net');
    assert.equal(tree.captures?.groups?.user, 'joe');
    assert.equal(tree.captures?.[2], 'net');
    tree.find('a');
    assert.equal(tree.captures, null);
  });

  // As nginx 1.22.1 warns about two servers with these names.
  const conflicts: readonly (readonly [names: readonly string[], warned: readonly string[]])[] = [
    [['a a', 'b'], ['a']],
    [['.a.b', 'a.b'], ['a.b']],
    [['a.b', '.a.b'], ['.a.b']],
    [['*.a.b', '.a.b'], ['.a.b']],
    [['.a.b', '*.a.b'], ['*.a.b']],
    [['a.*', 'a.*'], ['a.*']],
    [['A.B', 'a.b'], ['a.b']],
    [['~a', '~a'], []],
    [['""', '""'], ['']],
    [['a.b.', 'a.b'], []],
    [
      ['.a.b *.a.b a.b', 'x'],
      ['*.a.b', 'a.b'],
    ],
  ];
  for (const [names, warned] of conflicts) {
    it(`warns of ${JSON.stringify(names)}`, () => {
      assert.deepEqual(
        namesOf(names).warnings,
        warned.map(name => `conflicting server name "${name}" on 0.0.0.0:80, ignored`),
      );
    });
  }

  it('leaves the first of two servers with one name in force', () => {
    assert.equal(namesOf(['x', 'a', 'a']).find('a').line, 2);
  });
});

describe('parseServerName', () => {
  const kinds: readonly (readonly [text: string, kind: string])[] = [
    ['a.b', 'exact'],
    ['', 'exact'],
    ['_', 'exact'],
    ['*.a', 'leading'],
    ['.a', 'leading'],
    ['a.*', 'trailing'],
    ['~a', 'regex'],
  ];
  for (const [text, kind] of kinds) it(`${kind}: "${text}"`, () => assert.equal(parseServerName(text).kind, kind));

  for (const text of ['www.*.com', 'a*', '*.a.*', 'a..b', '*.*', '*..a', 'a.*.', 'ab.*x', 'a.**', '.a.*']) {
    it(`refuses "${text}"`, () =>
      assert.throws(() => parseServerName(text), new ServerNameError(`invalid server name or wildcard "${text}"`)));
  }
});
