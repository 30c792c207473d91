/** Heads that come again. That they are read as they were the first time is what test/http/parse-helpers.ts looks at in every test of the parser. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RepeatedHeads } from '../../src/http/repeated-heads.js';
import { RequestHead } from '../../src/http/request-head.js';
import { type ParserOptions, RequestParser } from '../../src/http/request-parser.js';
import { defaults, facts, parseWith } from './parse-helpers.js';

const options = defaults();
const text = 'GET /a?b HTTP/1.1\r\nHost: x\r\nCookie: c=1\r\nX-Own: y\r\n\r\n';

/** Has a head come, at some place of a buffer, and says whether it was known. */
function come(heads: RepeatedHeads, head: string, by: ParserOptions = options, start = 0): boolean {
  const bytes = Buffer.from('#'.repeat(start) + head, 'latin1');
  if (heads.find(bytes, start, bytes.length, by) !== null) return true;
  heads.note(bytes, start, head, new RequestHead(), by);
  return false;
}

test('a head is known from the third time on, wherever it lies', () => {
  const heads = new RepeatedHeads();
  assert.deepEqual(
    [0, 3, 1, 0, 7].map(start => come(heads, text, options, start)),
    [false, false, true, true, true],
  );
});

test('one byte makes another head, and other options do', () => {
  const heads = new RepeatedHeads();
  for (let at = 0; at < text.length; at++) {
    for (let times = 0; times < 3; times++) come(heads, text);
    const other = `${text.slice(0, at)}~${text.slice(at + 1)}`;
    assert.equal(come(heads, other), false, other);
  }
  for (let times = 0; times < 3; times++) come(heads, text);
  assert.equal(come(heads, text, defaults()), false);
  assert.equal(come(heads, text.slice(1)), false);
});

test('heads that are too long, or that no head can be, are not kept', () => {
  const heads = new RepeatedHeads();
  for (const head of ['', 'x', 'GET /\r\n\r\n', `GET /${'a'.repeat(1020)} HTTP/1.1\r\n\r\n`]) {
    for (let times = 0; times < 5; times++) assert.equal(come(heads, head), false);
  }
});

test('what a request does with its head is not seen by the next one', () => {
  const parser = new RequestParser(options);
  for (let times = 0; times < 2; times++) parseWith(parser, text);
  const { head } = parseWith(parser, text);
  const before = facts(head);
  head.method = 'POST';
  head.keepLines(1);
  assert.equal(head.get('x-own'), undefined);
  const again = parseWith(parser, text).head;
  assert.deepEqual(facts(again), before);
  assert.deepEqual([again.get('x-own'), again.cookie, again.slice(0, 3)], ['y', 'c=1', 'GET']);
});

test('many lines are kept as few are', () => {
  const parser = new RequestParser(options);
  const many = `GET / HTTP/1.1\r\n${Array.from({ length: 60 }, (_, i) => `a${i}: ${i}\r\n`).join('')}Host: x\r\n\r\n`;
  for (let times = 0; times < 4; times++) {
    const { head } = parseWith(parser, many);
    assert.deepEqual([head.size, head.get('a59'), head.get('host')], [61, '59', 'x']);
  }
});

test('a head that came with ignored lines names them each time', () => {
  const parser = new RequestParser(options);
  const odd = 'GET / HTTP/1.1\r\nHost: x\r\nA_B: 1\r\n\r\n';
  for (let times = 0; times < 4; times++) {
    const { head } = parseWith(parser, odd);
    assert.deepEqual(parser.ignoredLines(head), ['A_B: 1']);
  }
  for (let times = 0; times < 4; times++) {
    parseWith(parser, text);
    assert.equal(parser.hasIgnored, false);
  }
});
