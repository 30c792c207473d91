import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HeadShape, wrongHead } from '../../src/bench/clients/answer.js';
import type { Ask } from '../../src/bench/clients/ask.js';
import { ResponseParser } from '../../src/http/response-parser.js';
import { answer } from './support.js';

const ask: Ask = { text: 'GET / HTTP/1.1\r\n\r\n', status: 200, length: 4 };
const part: Ask = { ...ask, status: 206, contentRange: 'bytes 4-7/10' };
const same: Ask = { ...ask, status: 304, length: 0 };

function problem(text: string, expected: Ask): string {
  const parser = new ResponseParser();
  const bytes = Buffer.from(text, 'latin1');
  parser.parse(bytes, 0, bytes.length);
  return wrongHead(parser.head!, expected);
}

const range = { 'Content-Range': 'bytes 4-7/10' };
const cases: [what: string, text: string, ask: Ask, problem: RegExp][] = [
  ['a right one', answer('abcd'), ask, /^$/],
  ['another status', answer('abcd', {}, '404 Not Found'), ask, /answered "404 Not Found" and not 200/],
  ['another length', answer('abcde'), ask, /Content-Length of 5 and not of 4/],
  ['no length', 'HTTP/1.1 200 OK\r\nServer: x\r\n\r\n', ask, /no Content-Length/],
  ['a compressed body', answer('abcd', { 'Content-Encoding': 'gzip' }), ask, /the coding "gzip"/],
  ['a right range', answer('abcd', range, '206 Partial Content'), part, /^$/],
  ['all in place of a range', answer('abcd'), part, /answered "200 OK" and not 206/],
  ['another range', answer('abcd', { 'Content-Range': 'bytes 0-3/10' }, '206 P'), part, /"bytes 0-3\/10" and not/],
  ['no range', answer('abcd', {}, '206 P'), part, /the Content-Range "" and not/],
  ['a 304, whatever length it tells', answer('', { 'Content-Length': '1024' }, '304 Not Modified'), same, /^$/],
];

for (const [what, text, expected, pattern] of cases) {
  test(`a head: ${what}`, () => assert.match(problem(text, expected), pattern));
}

const head = 'HTTP/1.1 200 OK\r\nDate: Mon, 01 Jan 2024 00:00:00 GMT\r\nContent-Length: 4\r\n\r\n';

function fits(text: string, expected = ask, known = head): boolean {
  const shape = new HeadShape();
  shape.learn(known, expected);
  return shape.fits(Buffer.from(text, 'latin1'), text.length);
}

test('a head that differs in its date alone is known again', () => {
  assert.equal(fits(`${head}abcd`), true);
  assert.equal(fits(`${head.replace('00:00:00', '12:34:56')}abcd`), true);
});

test('one that differs in status, length or size is not', () => {
  assert.equal(fits(`${head.replace('200', '500')}abcd`), false);
  assert.equal(fits(`${head.replace(': 4', ': 5')}abcde`), false);
  assert.equal(fits(`${head.replace('Date', 'X-Date')}abcd`), false);
  // 44 bytes, of which only the first digit stands where the 4 stood
  assert.equal(fits(`${head.replace(': 4\r\n', ': 44\r\n').replace('Mon,', 'Mon')}${'a'.repeat(44)}`), false);
});

test('one that is not whole is not', () => {
  assert.equal(fits(head.slice(0, -1)), false);
});

test('nothing is known before something was learnt', () => {
  assert.equal(new HeadShape().fits(Buffer.from(head), head.length), false);
});

test('a 304 has no length to look at', () => {
  const known = 'HTTP/1.1 304 Not Modified\r\nETag: "x"\r\n\r\n';
  assert.equal(fits(known, same, known), true);
  assert.equal(fits(known.replace('304', '200'), same, known), false);
});
