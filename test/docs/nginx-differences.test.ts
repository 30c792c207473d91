import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { differencesPath } from '../../src/docs/main.js';
import { differences, differencesText } from '../../src/docs/nginx-differences.js';
import { suiteOf } from '../differential/harness.js';

test('docs/nginx-differences.md is what the table says (npm run docs makes it)', () => {
  assert.equal(readFileSync(differencesPath, 'utf8'), differencesText());
});

test('every difference is shown by a pair of a suite that there is', () => {
  const folder = new URL('../differential/', import.meta.url);
  const names = readdirSync(folder).filter(name => name.endsWith('.test.js'));
  const texts = names.map(name => readFileSync(new URL(name, folder), 'utf8')).join('');
  for (const { title, cases } of differences) {
    assert.ok(cases.length > 0, title);
    for (const id of cases) assert.ok(texts.includes(`'${suiteOf(id)}'`), `${id}`);
  }
});
