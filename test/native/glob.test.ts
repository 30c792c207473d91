import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { test } from 'node:test';
import { glob } from '../../native/glob.js';
import { inFolder } from './support.js';

const names = [
  'a.conf',
  'b.conf',
  'B.conf',
  'ab.conf',
  '.hidden.conf',
  'a.conf.bak',
  'a+b.conf',
  'a(1).conf',
  '[x].conf',
];
const nested = [
  'x/one.conf',
  'x/two.conf',
  'y/one.conf',
  'y/.one.conf',
  '.z/one.conf',
  'x y/a$b.conf',
  'x/deep/one.conf',
];

const patterns = [
  '*.conf',
  '*',
  'a*.conf',
  '*.bak',
  '?.conf',
  '??.conf',
  '[ab].conf',
  '[a-c].conf',
  '[!a].conf',
  '[^a].conf',
  '[A-Z].conf',
  '.*.conf',
  '.h*',
  '*/one.conf',
  '*/*.conf',
  '[xy]/*.conf',
  'x*/*.conf',
  '.z/*.conf',
  'x/*/one.conf',
  '*/*/*.conf',
  'x/*',
  'a+*.conf',
  'a(*).conf',
  '[[]x].conf',
  '*[1-9]*',
  'none*.conf',
  'none/*.conf',
  'a.conf/*',
  'link/*.conf',
  '*$*',
  'x ?/*',
  '*.co?f',
  '**.conf',
];

/** What bash makes of each pattern; `LC_ALL=C`, for ranges and order are the bytes'. */
function shell(folder: string): string[][] {
  const script = 'for pattern; do compgen -G "$pattern"; echo; done';
  const { stdout } = spawnSync('bash', ['-c', script, 'bash', ...patterns.map(pattern => `${folder}/${pattern}`)], {
    env: { PATH: process.env.PATH, LC_ALL: 'C' },
    encoding: 'latin1',
  });
  const lines = stdout.split('\n');
  // an empty line ends the names of a pattern
  return patterns.map(() =>
    lines
      .splice(0, lines.indexOf('') + 1)
      .slice(0, -1)
      .sort(),
  );
}

const skip = spawnSync('bash', ['-c', 'compgen -G /']).status === 0 ? false : 'no bash here to compare with';

test('glob finds what bash finds', { skip }, () => {
  inFolder(folder => {
    for (const name of [...names, ...nested]) {
      mkdirSync(dirname(`${folder}/${name}`), { recursive: true });
      writeFileSync(`${folder}/${name}`, '');
    }
    symlinkSync('x', `${folder}/link`);
    symlinkSync('nowhere', `${folder}/dangling.conf`);
    const found = shell(folder);
    assert.ok(found.flat().length > patterns.length, 'bash has found some');
    for (const [at, pattern] of patterns.entries()) assert.deepEqual(glob(`${folder}/${pattern}`), found[at], pattern);
  });
});

test('names are byte strings, whatever their encoding', () => {
  inFolder(folder => {
    const utf8 = Buffer.from(`${folder}/\u00fc`, 'utf8').toString('latin1');
    mkdirSync(Buffer.from(utf8, 'latin1'));
    for (const name of ['\xff.conf', '\xe2\x82\xac.conf']) writeFileSync(Buffer.from(`${utf8}/${name}`, 'latin1'), '');
    assert.deepEqual(glob(`${utf8}/*.conf`), [`${utf8}/\xe2\x82\xac.conf`, `${utf8}/\xff.conf`]);
  });
});
