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

test('https.conf is right as soon as zerocopy cert has made its pair', async () => {
  const bench = new Bench();
  try {
    bench.write('conf/https.conf', readFileSync(`${folder}conf/https.conf`, 'latin1'));
    const test = ['-t', '-p', bench.folder, '-c', 'conf/https.conf'];
    const without = await bench.run(test);
    assert.equal(without.code, 1);
    assert.match(without.stderr, /cannot load certificate "\S+conf\/cert\.pem"/);
    const made = await bench.run(['cert', '--out', `${bench.folder}conf`]);
    assert.equal(made.code, 0, made.stderr);
    const { code, stderr } = await bench.run(test);
    assert.equal(code, 0, stderr);
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
