import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { captureNames, captureVariable, compileRegex, followCaptures } from '../../src/conf/regex.js';
import { RegexError } from '../../src/conf/regex-error.js';
import { PATTERNS, REFUSED } from './patterns.js';

describe('compileRegex', () => {
  for (const [pattern, path, matches] of PATTERNS) {
    it(`${pattern} ${matches ? 'finds' : 'does not find'} ${JSON.stringify(path)}`, () =>
      assert.equal(compileRegex(pattern, false).test(path), matches));
  }

  for (const pattern of REFUSED) {
    it(`refuses ${pattern}`, () =>
      assert.throws(
        () => compileRegex(pattern, false),
        (error: Error) =>
          error instanceof RegexError &&
          error.message.startsWith('pcre2_compile() failed: ') &&
          error.message.includes('JavaScript') &&
          error.message.endsWith(` in "${pattern}"`),
      ));
  }

  // PCRE2's reasons, as nginx prints them (it adds where in the pattern).
  const mistakes: readonly (readonly [pattern: string, reason: string])[] = [
    ['(', 'missing closing parenthesis'],
    ['a)', 'unmatched closing parenthesis'],
    ['[', 'missing terminating ] for character class'],
    ['a{2,1}', 'numbers out of order in {} quantifier'],
    ['*', 'quantifier does not follow a repeatable item'],
    ['(?<a>x)(?<a>y)', 'two named subpatterns have the same name (PCRE2_DUPNAMES not set)'],
    ['[z-a]', 'range out of order in character class'],
    ['(?<n', 'syntax error in subpattern name (missing terminator?)'],
    ['(?<9>c)', 'subpattern name must start with a non-digit'],
    ['\\1', 'reference to non-existent subpattern'],
    ['(?P=n)', 'reference to non-existent subpattern'],
    ['a\\', '\\ at end of pattern'],
    ['(?#', 'missing ) after (?# comment'],
  ];
  for (const [pattern, reason] of mistakes) {
    it(`${pattern}: ${reason}`, () =>
      assert.throws(
        () => compileRegex(pattern, false),
        new RegexError(`pcre2_compile() failed: ${reason} in "${pattern}"`),
      ));
  }

  it('ignores case when asked to', () => assert.ok(compileRegex('^/ABC$', true).test('/aBc')));
});

describe('captures', () => {
  it('names them in lower case', () => {
    assert.deepEqual(captureNames(compileRegex('(a)(?<One>b)(?P<two>c)|[(?<no>]', false)), ['one', 'two']);
    assert.deepEqual(captureNames(compileRegex('(a)', false)), []);
  });

  it('keeps the names of an earlier match, and gives way to those of the later', () => {
    const host = compileRegex('^(?<user>\\w+)\\.(?<zone>\\w+)$', false).exec('joe.net')!;
    const first = followCaptures(null, host);
    const both = followCaptures(first, compileRegex('^/(?<zone>\\w+)$', false).exec('/home')!);
    assert.deepEqual({ ...both.groups }, { user: 'joe', zone: 'home' });
    const plain = followCaptures(both, compileRegex('(x)', false).exec('x')!);
    assert.equal(plain[1], 'x');
    const variable = captureVariable('user');
    assert.equal(variable.get({ captures: plain }, ''), 'joe');
    assert.equal(variable.get({ captures: null }, ''), undefined);
  });
});
