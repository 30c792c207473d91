/** The header of the PROXY protocol, by itself: what is whole, what is not yet, and what never will be. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseProxyHeader } from '../../src/server/proxy-header.js';
import { binaryHeader } from './proxy-senders.js';

const bytes = (text: string) => Buffer.from(text, 'latin1');
const inet = '\x01\x02\x03\x04\x05\x06\x07\x08\x00\x50\x1f\x90';

const whole: readonly string[] = [
  'PROXY TCP4 1.2.3.4 5.6.7.8 80 65535\r\n',
  `PROXY TCP6 ${'ffff:'.repeat(7)}ffff ${'ffff:'.repeat(7)}ffff 65535 65535\r\n`,
  'PROXY UNKNOWN\r\n',
  binaryHeader(0x21, 0x11, inet),
  binaryHeader(0x21, 0x11, `${inet}${'x'.repeat(4000)}`),
  binaryHeader(0x20, 0, ''),
];

describe('parseProxyHeader', () => {
  test('every part of a header asks for more, and nothing behind it counts', () => {
    for (const text of whole) {
      for (let length = 1; length < text.length; length++) {
        assert.equal(parseProxyHeader(bytes(text.slice(0, length))), 'more', JSON.stringify(text.slice(0, length)));
      }
      for (const more of ['', 'GET', '\r\n\r\n']) {
        const answer = parseProxyHeader(bytes(text + more));
        assert.equal(typeof answer === 'string' ? answer : answer.length, text.length);
      }
    }
  });

  const refused: readonly (readonly [text: string, reason: string])[] = [
    ['G', 'broken header: "G"'],
    ['GET / HTTP/1.0\r\nX: y', 'broken header: "GET / HTTP/1.0"'],
    ['\r\nPROXY', 'broken header: ""'],
    ['\x16\x03\x01', 'broken header: "\x16\x03\x01"'],
    [`PROXY ${'x'.repeat(101)}`, `broken header: "PROXY ${'x'.repeat(101)}"`],
    ['PROXY TCP4 1.2.3.4 5.6.7.8 65536 1\r\n', 'broken header: "PROXY TCP4 1.2.3.4 5.6.7.8 65536 1"'],
    ['PROXY TCP4 1.2.3.4 5.6.7.8 1 2 3\r\n', 'broken header: "PROXY TCP4 1.2.3.4 5.6.7.8 1 2 3"'],
    [binaryHeader(0x11, 0x11, inet), 'unknown PROXY protocol version: 1'],
    [binaryHeader(0x21, 0x11, 'short'), 'header is too small'],
    [binaryHeader(0x21, 0x21, inet), 'header is too small'],
    [binaryHeader(0x21, 0x11, 'x'.repeat(4081)).slice(0, 16), 'header is too large'],
  ];
  for (const [text, reason] of refused) {
    test(`refused: ${JSON.stringify(text.slice(0, 60))}`, () => assert.equal(parseProxyHeader(bytes(text)), reason));
  }
});
