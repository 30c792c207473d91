import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { packageFolder } from '../../src/cli/place.js';
import { Bench } from './program.js';

const folder = packageFolder();

test('the configurations that differ in sendfile differ in nothing else', () => {
  const on = readFileSync(`${folder}conf/nginx.conf`, 'latin1').split('\n');
  const off = readFileSync(`${folder}conf/sendfile-off.conf`, 'latin1').split('\n');
  assert.equal(on.length, off.length);
  const different = on.flatMap((line, index) => (line === off[index] ? [] : [[line.trim(), off[index].trim()]]));
  assert.deepEqual(different, [['sendfile on;', 'sendfile off;']]);
});

test('all configurations of the package are right, and its log folder is made', async () => {
  const bench = new Bench();
  try {
    for (const name of ['nginx', 'sendfile-off', 'vlbi']) {
      const { code, stderr } = await bench.run(['-t', '-c', `conf/${name}.conf`]);
      assert.equal(code, 0, stderr);
    }
    assert.ok(existsSync(`${folder}logs`));
  } finally {
    await bench.clean();
  }
});

test('the page needs nothing from elsewhere', () => {
  const page = readFileSync(`${folder}public/index.html`, 'utf8');
  for (const [, url] of page.matchAll(/(?:href|src)="([^"]*)"/g))
    assert.match(url, /^(\/test\.dat|data:,|http:\/\/localhost:8081\/)$/);
  assert.ok(!/@import|url\(/.test(page));
  assert.ok(page.length < 10_000, `${page.length} bytes`);
});
