import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Lexer } from '../../src/conf/lexer.js';

function words(text: string): readonly string[] {
  return new Lexer(text, 'f').next().words;
}

describe('Lexer', () => {
  const table: readonly (readonly [text: string, words: readonly string[]])[] = [
    ['a b  c;', ['a', 'b', 'c']],
    ['\t a\r\n b ;', ['a', 'b']],
    ['a "b c" \'d e\';', ['a', 'b c', 'd e']],
    ['a "";', ['a', '']],
    ['a "it\'s" \'"\';', ['a', "it's", '"']],
    ['a "x\\"y" \'x\\\'y\';', ['a', 'x"y', "x'y"]],
    ['a x\\\\y \\t\\r\\n;', ['a', 'x\\y', '\t\r\n']],
    ['a \\.php$ \\d+ \\;b;', ['a', '\\.php$', '\\d+', '\\;b']],
    ['a b\\ c;', ['a', 'b\\ c']],
    ['a "b\\\\" c;', ['a', 'b\\', 'c']],
    ['a \\"b c;', ['a', '"b', 'c']],
    ['a b"c d"e;', ['a', 'b"c', 'd"e']],
    ['a b#c d;', ['a', 'b#c', 'd']],
    ['a # b; {\n c;', ['a', 'c']],
    ['a "# b";', ['a', '# b']],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: that is how nginx writes variables
    ['a ${b}c $d{', ['a', '${b}c', '$d']],
    ['a b}c;', ['a', 'b}c']],
    ['a{', ['a']],
    ['a "b"{', ['a', 'b']],
    ['a "b");', ['a', 'b', ')']],
    ['a "b;{}\n";', ['a', 'b;{}\n']],
    ['a \xff\xfe;', ['a', '\xff\xfe']],
  ];
  for (const [text, expected] of table) it(JSON.stringify(text), () => assert.deepEqual(words(text), expected));

  it('counts lines to the end of each statement', () => {
    const lexer = new Lexer('a\n;b "\n" # \n{\\\n;}\n', 'f');
    assert.deepEqual(lexer.next(), { words: ['a'], end: ';', line: 2 });
    assert.deepEqual(lexer.next(), { words: ['b', '\n'], end: '{', line: 4 });
    assert.deepEqual(lexer.next(), { words: ['\\\n'], end: ';', line: 5 });
    assert.deepEqual(lexer.next(), { words: [], end: '}', line: 5 });
    assert.deepEqual(lexer.next(), { words: [], end: 'eof', line: 6 });
  });

  it('takes a parameter that still fits in the buffer', () => {
    assert.equal(words(`a ${'b'.repeat(4090)};`)[1]!.length, 4090);
  });
});
