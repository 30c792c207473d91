import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  closingLine,
  contentRange,
  multipartBoundary,
  multipartLength,
  multipartType,
  partHead,
  unsatisfiedRange,
} from '../../src/http/multipart.js';
import { parseRange } from '../../src/http/range.js';

/**
 * Header, and what nginx 1.22.1 does with it for a file of 1000 bytes: "200" (ignored), "416", or the ranges with their
 * last bytes.
 */
const RANGES: [string, string][] = [
  ['0-9', '200'],
  ['bytes', '200'],
  ['bytes=', '200'],
  ['bytes =0-1', '200'],
  ['items=0-1', '200'],
  ['BYTES=0-1', '0-1'],
  ['bytes=0-0', '0-0'],
  ['bytes=0-999', '0-999'],
  ['bytes=0-5000', '0-999'],
  ['bytes=990-', '990-999'],
  ['bytes=999-', '999-999'],
  ['bytes=1000-', '416'],
  ['bytes=5-3', '416'],
  ['bytes=-5', '995-999'],
  ['bytes=-0', '416'],
  ['bytes=-2000', '0-999'],
  ['bytes= 0-1', '0-1'],
  ['bytes=0 - 1', '0-1'],
  ['bytes=0-1 ', '0-1'],
  ['bytes=-5 ', '995-999'],
  ['bytes=5-  ', '5-999'],
  ['bytes=0-1 , 3-4', '0-1 3-4'],
  ['bytes=0-1, -5', '0-1 995-999'],
  ['bytes=5- ,6-7', '5-999 6-7'],
  ['bytes=0-1,', '416'],
  ['bytes=,0-1', '416'],
  ['bytes=0-1,,2-3', '416'],
  ['bytes=a-b', '416'],
  ['bytes=0-1,a', '416'],
  ['bytes=5-3,a', '416'],
  ['bytes=-', '416'],
  ['bytes=--5', '416'],
  ['bytes=- 5', '416'],
  ['bytes=0-1;2-3', '416'],
  ['bytes=0x1-2', '416'],
  ['bytes=1-1 2', '416'],
  ['bytes=\t0-1', '416'],
  ['bytes=0-99999999999999999999', '416'],
  ['bytes=99999999999999999999-', '416'],
  ['bytes=-99999999999999999999', '416'],
  ['bytes=-9223372036854775808', '416'],
  ['bytes=9223372036854775807-', '416'],
  ['bytes=9007199254740993-', '416'],
  ['bytes=0-9223372036854775807', '0-999'],
  ['bytes=0-1,2-3', '0-1 2-3'],
  ['bytes=0-1,5000-', '0-1'],
  ['bytes=5000-,0-1', '0-1'],
  ['bytes=1-0,0-1', '0-1'],
  ['bytes=-0,0-1', '0-1'],
  ['bytes=0-1,-0', '0-1'],
  ['bytes=5000-,6000-', '416'],
  ['bytes=0-499,500-999', '0-499 500-999'],
  ['bytes=-1,-1', '999-999 999-999'],
  ['bytes=0-998,0-0', '0-998 0-0'],
  ['bytes=0-998,0-1', '200'],
  ['bytes=0-999,0-1', '200'],
  ['bytes=0-499,400-999', '200'],
];

function described(text: string, size: number, maxRanges: number): string {
  const ranges = parseRange(text, size, maxRanges);
  if (ranges === null) return '200';
  return ranges.length === 0 ? '416' : ranges.map(range => `${range.start}-${range.end - 1}`).join(' ');
}

test('parseRange, as nginx answers', () => {
  for (const [text, answer] of RANGES) assert.equal(described(text, 1000, 2 ** 31 - 1), answer, text);
});

test('an empty file has no ranges', () => {
  const cases: [string, string][] = [
    ['bytes=0-', '200'],
    ['bytes=0-0', '200'],
    ['bytes=-5', '200'],
    ['bytes=-0', '200'],
    ['bytes=5-', '416'],
    ['bytes=x', '416'],
  ];
  for (const [text, answer] of cases) assert.equal(described(text, 0, 10), answer, text);
});

test('max_ranges', () => {
  assert.equal(described('bytes=0-1', 1000, 0), '200');
  assert.equal(described('bytes=0-1', 1000, 1), '0-1');
  assert.equal(described('bytes=0-1,2-3', 1000, 1), '200');
  assert.equal(described('bytes=0-1,2-3', 1000, 2), '0-1 2-3');
  assert.equal(described('bytes=0-1,2-3,4-5', 1000, 2), '200');
  assert.equal(described('bytes=0-1,5000-,2-3', 1000, 2), '0-1 2-3');
});

test('sizes beyond 32 bits are exact', () => {
  assert.equal(described('bytes=107374182400-107374182401', 2 ** 40, 10), '107374182400-107374182401');
  assert.equal(described('bytes=-1', 2 ** 52, 10), '4503599627370495-4503599627370495');
});

test('multipart bodies have the bytes and the length that nginx gives them', () => {
  const boundary = multipartBoundary(1);
  assert.equal(boundary, '00000000000000000001');
  assert.equal(multipartType(boundary), 'multipart/byteranges; boundary=00000000000000000001');
  const ranges = [
    { start: 0, end: 2 },
    { start: 5, end: 7 },
  ];
  const body =
    '\r\n--00000000000000000001\r\nContent-Type: text/plain\r\nContent-Range: bytes 0-1/1000\r\n\r\nxx' +
    '\r\n--00000000000000000001\r\nContent-Type: text/plain\r\nContent-Range: bytes 5-6/1000\r\n\r\nxx' +
    '\r\n--00000000000000000001--\r\n';
  const built = `${ranges.map(range => `${partHead(boundary, 'text/plain', range, 1000)}xx`).join('')}${closingLine(boundary)}`;
  assert.equal(built, body);
  assert.equal(body.length, 202);
  assert.equal(multipartLength(boundary, 'text/plain', ranges, 1000), 202);
  assert.equal(partHead(boundary, '', ranges[0], 9), `\r\n--${boundary}\r\nContent-Range: bytes 0-1/9\r\n\r\n`);
  assert.equal(contentRange(ranges[1], 2 ** 40), 'bytes 5-6/1099511627776');
  assert.equal(unsatisfiedRange(1000), 'bytes */1000');
});
