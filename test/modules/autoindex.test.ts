/** `autoindex` and `random_index`: what cannot be had side by side with nginx. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { formats } from '../../src/modules/autoindex-formats.js';
import { Outcome } from '../../src/modules/module.js';
import { complaint, type FakeFiles, type FakeRequest, FILE, requestFor, runPhase } from './fake-request.js';

function bodyOf(request: FakeRequest): string {
  return request.response.body.map(each => ('bytes' in each ? each.bytes.toString('latin1') : '')).join('');
}

/** A folder with so many files. */
function crowd(count: number): FakeFiles {
  const names = Array.from({ length: count }, (_, i) => `/srv/html/d/${(i * 7919) % count}`);
  return { '/srv/html/d': { kind: 'folder' }, ...Object.fromEntries(names.map(name => [name, {}])) };
}

describe('autoindex', () => {
  test('thousands of files are in the order of their names, and in one body', () => {
    const count = 3000;
    const request = requestFor('autoindex on; autoindex_format json;', '/d/', crowd(count));
    assert.equal(runPhase(request, 'content'), Outcome.Respond);
    const names = JSON.parse(bodyOf(request)).map((entry: { name: string }) => entry.name);
    assert.deepEqual(names, Array.from({ length: count }, (_, i) => `${i}`).sort());
    assert.equal(request.response.contentLength, bodyOf(request).length);
    assert.ok(request.response.body.length > 1);
  });

  test('a list for which there is no memory is refused', () => {
    for (const claimable of [1000, 400_000]) {
      const request = requestFor('autoindex on;', '/d/', crowd(3000));
      request.claimable = claimable;
      assert.equal(runPhase(request, 'content'), 503);
      assert.deepEqual(request.errors, ['error: no memory is left for a listing of "/srv/html/d"']);
    }
  });

  test('sizes are rounded as nginx rounds them', () => {
    const options = { uri: '/', exactSize: false, offset: 0, isUtf8: false, callback: '' };
    const shown = (size: number) =>
      formats.html.entry({ name: 'x', kind: 'file', size, mtime: 0 }, options, true).slice(-9, -2);
    const giga = 1024 ** 3;
    assert.deepEqual(
      [
        9999,
        10_000,
        1024 * 10 + 511,
        1024 * 10 + 512,
        1024 ** 2 - 1,
        1024 ** 2 * 1.5,
        giga - 1,
        giga,
        giga * 2.5,
        giga * 3000,
      ].map(shown),
      ['   9999', '    10K', '    10K', '    11K', '  1024K', '     2M', '  1024M', '     1G', '     3G', '  3000G'],
    );
  });

  test('names that are no UTF-8 are cut by bytes', () => {
    const options = { uri: '/', exactSize: false, offset: 60, isUtf8: true, callback: '' };
    const shown = (name: string) =>
      /">(.*)<\/a> *01-Jan-1970 01:00/.exec(
        formats.html.entry({ name, kind: 'file', size: 0, mtime: 0 }, options, true),
      )?.[1];
    for (const begin of ['\xff', '\xc0\x80', '\xed\xe9', '\xf4\x90\x80\x80']) {
      const name = begin.padEnd(51, 'x');
      assert.equal(shown(name), `${name.slice(0, 47)}..&gt;`);
      assert.equal(shown(name.slice(1)), name.slice(1));
    }
    const accents = '\xc3\xa9'.repeat(51);
    assert.equal(shown(accents), `${accents.slice(0, 94)}..&gt;`);
  });

  test('what nginx refuses', () => {
    for (const [directive, reason] of [
      ['autoindex x;', 'invalid value "x" in "autoindex" directive, it must be "on" or "off"'],
      ['autoindex_format yaml;', 'invalid value "yaml"'],
      ['autoindex on; autoindex off;', '"autoindex" directive is duplicate'],
    ]) {
      assert.equal(complaint(`events {} http { ${directive} }`), `${reason} in ${FILE}:1`);
    }
    assert.equal(
      complaint('events {} http { random_index on; }'),
      `"random_index" directive is not allowed here in ${FILE}:1`,
    );
  });
});

describe('random_index', () => {
  test('every file of the folder has its turn, and nothing else', () => {
    const files = {
      ...crowd(3),
      '/srv/html/d/sub': { kind: 'folder' },
      '/srv/html/d/fifo': { kind: 'other' },
    } as const;
    const chosen = new Set<string | undefined>();
    for (let i = 0; i < 200; i++) {
      const request = requestFor('random_index on;', '/d/', files, 'q=1');
      assert.equal(runPhase(request, 'content'), Outcome.Restart);
      chosen.add(request.redirects[0]);
    }
    assert.deepEqual([...chosen].sort(), ['/d/0?q=1', '/d/1?q=1', '/d/2?q=1']);
  });
});
