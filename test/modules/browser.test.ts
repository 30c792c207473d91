/** `modern_browser` and `ancient_browser`; all that nginx says to the same is in test/differential. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { build, FakeRequest } from './fake-request.js';

/** $modern_browser, $ancient_browser and $msie of a browser, under these directives. */
function shown(inside: string, userAgent?: string): string {
  const text = `events {} http { server { location / { ${inside} add_header X "$modern_browser $ancient_browser $msie"; } } }`;
  const server = build(text).servers[0]!;
  const request = new FakeRequest(server);
  request.head.userAgent = userAgent;
  return request.settings.addHeader.lines[0]!.value.evaluate(request);
}

const explorer = (version: string) => `Mozilla/4.0 (compatible; MSIE ${version}; Windows NT 5.1)`;

test('from which version on a browser is modern', () => {
  for (const [version, expected] of [
    ['5.5', '1  1'],
    ['5.49', '1  1'],
    ['5.4', ' 1 1'],
    ['10.0', '1  1'],
  ] as const) {
    assert.equal(shown('modern_browser msie 5.5;', explorer(version)), expected, version);
  }
});

test('Opera is ancient where nothing is said of it, whatever it calls itself', () => {
  const opera = `${explorer('6.0')} Opera 9.50`;
  assert.equal(shown('modern_browser msie 5.5;', opera), ' 1 ');
  assert.equal(shown('modern_browser msie 5.5; modern_browser opera 9;', opera), '1  ');
  assert.equal(shown('modern_browser opera 9; modern_browser msie 5.5;', opera), '1  ');
});

test('those that nobody has named', () => {
  assert.equal(shown('', 'curl/8'), ' 1 ');
  assert.equal(shown('modern_browser unlisted;', 'curl/8'), '1  ');
  assert.equal(shown('modern_browser unlisted;'), '1  ');
  assert.equal(shown('modern_browser unlisted; ancient_browser Links;', 'Links (2.1)'), ' 1 ');
  assert.equal(shown('modern_browser unlisted; ancient_browser netscape4;', 'Mozilla/4.79 [en]'), ' 1 ');
  assert.equal(shown('modern_browser unlisted; ancient_browser netscape4;', 'Mozilla/5.0 (X11)'), '1  ');
});

test('values that are given', () => {
  const inside = 'modern_browser unlisted; modern_browser_value "new."; ancient_browser_value old; ancient_browser x;';
  assert.equal(shown(inside, 'curl/8'), 'new.  ');
  assert.equal(shown(inside, 'lynx'), ' old ');
});
