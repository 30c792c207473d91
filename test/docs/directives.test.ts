import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { referencePath, referenceText } from '../../src/docs/main.js';

test('docs/directives.md is what the directive table says (npm run docs makes it)', () => {
  assert.equal(readFileSync(referencePath, 'utf8'), referenceText());
});
