import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ReceivedHead } from '../../src/http/received-head.js';
import { contentRange, differenceOf, versionOf } from '../../src/transfer/fetch/version.js';

const head = (fields: Record<string, string>) =>
  new ReceivedHead(
    1001,
    200,
    'OK',
    Object.entries(fields).map(([name, value]) => ({ name, value })),
  );

const modified = 'Thu, 01 Jan 2026 00:00:00 GMT';

describe('what tells versions apart', () => {
  const cases: readonly (readonly [name: string, fields: Record<string, string>, validator: string])[] = [
    ['a strong tag', { ETag: '"abc"' }, '"abc"'],
    ['an empty tag', { ETag: '""' }, '""'],
    ['a weak tag', { ETag: 'W/"abc"' }, ''],
    ['a tag without quotes', { ETag: 'abc' }, ''],
    ['a tag rather than a date', { ETag: '"a"', 'Last-Modified': modified }, '"a"'],
    ['a date that is settled', { 'Last-Modified': modified, Date: 'Thu, 01 Jan 2026 00:01:00 GMT' }, modified],
    ['a date of just now', { 'Last-Modified': modified, Date: 'Thu, 01 Jan 2026 00:00:59 GMT' }, ''],
    ['a date without that of the answer', { 'Last-Modified': modified }, ''],
    [
      'a weak tag, and a date',
      { ETag: 'W/"a"', 'Last-Modified': modified, Date: 'Fri, 02 Jan 2026 00:00:00 GMT' },
      modified,
    ],
    ['nothing', {}, ''],
  ];
  for (const [name, fields, validator] of cases) {
    test(name, () => assert.equal(versionOf(head(fields), 5).validator, validator));
  }
});

describe('another answer', () => {
  const version = versionOf(head({ ETag: '"a"', 'Last-Modified': modified }), 5);
  const dated = versionOf(head({ 'Last-Modified': modified, Date: 'Fri, 02 Jan 2026 00:00:00 GMT' }), 5);
  const other = 'Fri, 02 Jan 2026 00:00:00 GMT';
  const cases: readonly (readonly [name: string, difference: string, one: typeof version, two: typeof version])[] = [
    ['the same', '', version, version],
    ['another tag', 'its ETag was "a", and is "b" now', version, versionOf(head({ ETag: '"b"' }), 5)],
    [
      'a weak tag of the same name',
      'its ETag was "a", and is W/"a" now',
      version,
      versionOf(head({ ETag: 'W/"a"' }), 5),
    ],
    ['no tag', '', version, versionOf(head({}), 5)],
    ['another size', 'it had 5 bytes, and has 6 now', version, versionOf(head({ ETag: '"a"' }), 6)],
    ['no size', '', version, versionOf(head({ ETag: '"a"' }), null)],
    [
      'another date',
      `its date was ${modified}, and is ${other} now`,
      dated,
      versionOf(head({ 'Last-Modified': other }), 5),
    ],
  ];
  for (const [name, difference, one, two] of cases) {
    test(name, () => assert.equal(differenceOf(one, two), difference));
  }
});

describe('Content-Range', () => {
  const cases: readonly (readonly [value: string | null, range: [number, number, number | null] | null])[] = [
    ['bytes 0-4/10', [0, 5, 10]],
    ['Bytes 5-9/10', [5, 10, 10]],
    ['bytes 5-9/*', [5, 10, null]],
    ['bytes 5-4/10', null],
    ['bytes 5-10/10', null],
    ['bytes */10', null],
    ['items 0-4/10', null],
    ['bytes 0-9007199254740992/*', null],
    ['bytes=0-4/10', null],
    [null, null],
  ];
  for (const [value, range] of cases) {
    test(`${value}`, () => {
      const found = contentRange(head(value === null ? {} : { 'Content-Range': value }));
      assert.deepEqual(found === null ? null : [found.start, found.end, found.size], range);
    });
  }
});
