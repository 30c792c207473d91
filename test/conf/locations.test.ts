import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { LocationTree } from '../../src/conf/locations.js';
import type { LocationConfig } from '../../src/conf/tree.js';
import { buildHttp, location, values } from './helpers.js';
import { ROUTES } from './routes.js';

function label(found: LocationConfig | null): string {
  return found ? (values(found).return as { text: string }).text : 'none';
}

describe('LocationTree', () => {
  for (const { locations, found } of ROUTES) {
    const tree = new LocationTree(buildHttp(`server { ${locations} }`).servers[0]!.locations);
    for (const [uri, expected] of Object.entries(found)) {
      it(`${expected} for ${uri}`, () => assert.equal(label(tree.find(uri)), expected));
    }
  }

  it('finds each of many prefixes, and the longest that covers a path below them', () => {
    const patterns = Array.from({ length: 500 }, (_, i) => `/${i.toString(2)}/`);
    const tree = new LocationTree(patterns.map(pattern => location('prefix', pattern)));
    for (const pattern of patterns) {
      assert.equal(tree.find(pattern)?.pattern, pattern);
      assert.equal(tree.find(`${pattern}~file`)?.pattern, pattern);
      assert.equal(tree.find(pattern.slice(0, -1)), null);
    }
  });

  it('agrees with a plain search for the longest prefix', () => {
    const words = ['', '/', '/a', '/ab', '/abc', '/b', '/b/a', '/b/ab', '/b/ab/c', '/ba', '/z\xff', '/z\xff/a'];
    const tree = new LocationTree(words.map(word => location('prefix', word)));
    for (const word of words) {
      for (const tail of ['', '/', 'a', 'c', '\x01', '\xff', '/a/b']) {
        const uri = word + tail;
        const longest = words.filter(each => uri.startsWith(each)).sort((a, b) => b.length - a.length)[0];
        assert.equal(tree.find(uri)?.pattern, longest, uri);
      }
    }
  });

  it('keeps the captures of the last regular expression, and none without one', () => {
    const inner = location('regex', '\\.(?<kind>\\w+)$');
    const tree = new LocationTree([location('regex', '^/r/(.*)', [inner]), location('prefix', '/')]);
    assert.equal(tree.find('/r/x')?.pattern, '^/r/(.*)');
    assert.equal(tree.captures?.[1], 'x');
    assert.equal(tree.find('/r/x.gif'), inner);
    assert.equal(tree.captures?.groups?.kind, 'gif');
    tree.find('/plain');
    assert.equal(tree.captures, null);
  });

  it('finds named locations by name alone', () => {
    const first = location('named', '@a');
    const tree = new LocationTree([first, location('named', '@a'), location('prefix', '/')]);
    assert.equal(tree.findNamed('@a'), first);
    assert.equal(tree.findNamed('@b'), null);
    assert.equal(tree.find('@a'), null);
  });
});
