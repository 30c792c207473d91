import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ChunkedDecoder } from '../../src/http/chunked.js';
import { seeded } from './parse-helpers.js';

/** What a body decodes to when it comes in pieces of the given size; null for a malformed one. */
function decoded(text: string, piece: number): { data: string; used: number; done: boolean; size: number } | null {
  const decoder = new ChunkedDecoder();
  const bytes = Buffer.from(text, 'latin1');
  let data = '';
  let at = 0;
  while (at < bytes.length && !decoder.done) {
    const end = Math.min(bytes.length, at + piece);
    while (at < end && !decoder.done) {
      at = decoder.decode(bytes, at, end);
      if (at < 0) return null;
      data += bytes.latin1Slice(decoder.dataStart, decoder.dataEnd);
    }
  }
  return { data, used: at, done: decoder.done, size: decoder.size };
}

const GOOD: [string, string][] = [
  ['0\r\n\r\n', ''],
  ['3\r\nabc\r\n0\r\n\r\n', 'abc'],
  ['3;x=y\r\nabc\r\n00\r\n\r\n', 'abc'],
  ['3 ; x="\t;"\r\nabc\r\n0\r\n\r\n', 'abc'],
  ['A\r\n0123456789\r\na\r\n\r\n\r\n\r\n\r\n\r\n\r\n0\r\n\r\n', '0123456789\r\n\r\n\r\n\r\n\r\n'],
  ['1\r\na\r\n0\r\nTrailer: x\r\nOther: y\r\n\r\n', 'a'],
  ['000000000001\r\na\r\n0\r\n\r\n', 'a'],
];

test('good bodies, in pieces of every size', () => {
  for (const [body, data] of GOOD) {
    for (let piece = 1; piece <= body.length + 4; piece++) {
      const result = decoded(`${body}GET `, piece);
      assert.deepEqual(
        result,
        { data, used: body.length, done: true, size: data.length },
        `${JSON.stringify(body)} by ${piece}`,
      );
    }
  }
});

const BAD = [
  'x\r\n',
  '\r\n',
  ';a\r\n',
  '-1\r\n',
  '+1\r\n',
  ' 1\r\n',
  '0x1\r\n',
  '1\nab',
  '1\r\r\n',
  '1;a\nb',
  '1;a\0b',
  '1\r\nab',
  '1\r\na\n0\r\n',
  '1\r\na\rx',
  '0\r\n\n',
  '0\r\n\rx',
  '0\r\nA: b\n\r\n',
  '20000000000000\r\n',
  'ffffffffffffffff\r\n',
  '00000000000000001\r\n',
  '1fffffffffffff\r\n'.replace('1f', 'ff'),
  `1;${'e'.repeat(20000)}\r\n`,
  `0\r\nT: ${'t'.repeat(9000)}\r\n\r\n`,
  `${`1;${'e'.repeat(2000)}\r\na\r\n`.repeat(9)}0\r\n\r\n`,
  `0\r\n${'T: t\r\n'.repeat(3000)}\r\n`,
];

test('malformed and unbounded bodies', () => {
  for (const body of BAD) {
    for (const piece of [1, 7, body.length])
      assert.equal(decoded(body, piece), null, JSON.stringify(body.slice(0, 40)));
  }
});

test('sizes in sum stay below 2^53', () => {
  const decoder = new ChunkedDecoder();
  const first = Buffer.from('1fffffffffffff\r\nabc', 'latin1');
  assert.equal(decoder.skip(first, 0, first.length), first.length);
  assert.deepEqual([decoder.size, decoder.done], [Number.MAX_SAFE_INTEGER, false]);
});

test('skip drops the body and stops where the next request begins', () => {
  const decoder = new ChunkedDecoder();
  for (const [body] of GOOD) {
    decoder.reset();
    const bytes = Buffer.from(`##${body}GET /`, 'latin1');
    assert.equal(decoder.skip(bytes, 2, 4), 4);
    assert.equal(decoder.skip(bytes, 4, bytes.length), 2 + body.length);
    assert.ok(decoder.done);
  }
  decoder.reset();
  assert.equal(decoder.skip(Buffer.from('zz'), 0, 2), -400);
});

test('random bodies never throw and never run over the end', () => {
  const random = seeded(3);
  const alphabet = '0123af;\r\n\r\n x';
  const decoder = new ChunkedDecoder();
  for (let round = 0; round < 3000; round++) {
    let text = '';
    for (let i = 0; i < 30; i++) text += alphabet[Math.floor(random() * alphabet.length)];
    const bytes = Buffer.from(text, 'latin1');
    decoder.reset();
    const at = decoder.skip(bytes, 0, bytes.length);
    assert.ok(at === -400 || (at > 0 && at <= bytes.length && (decoder.done || at === bytes.length)));
  }
});
