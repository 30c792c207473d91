import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkPreconditions, ifRangeHolds } from '../../src/http/conditional.js';
import { accessLogDate, cookieDate, errorLogDate, httpDate, iso8601Date, parseHttpDate } from '../../src/http/dates.js';
import { etagMatches, etagOf } from '../../src/http/etag.js';
import { RequestHead } from '../../src/http/request-head.js';

const MODIFIED = 1795171469;
const DATE = 'Fri, 20 Nov 2026 10:44:29 GMT';
const EARLIER = 'Fri, 20 Nov 2026 10:44:28 GMT';
const LATER = 'Sat, 20 Nov 2027 10:44:29 GMT';
const ETAG = '"6b00248d-3e8"';

function headWith(fields: Partial<RequestHead>): RequestHead {
  return Object.assign(new RequestHead(), fields);
}

test('etagOf is modification time and size in hexadecimal', () => {
  assert.equal(etagOf(MODIFIED, 1000), ETAG);
  assert.equal(etagOf(MODIFIED + 0.9, 2 ** 40), '"6b00248d-10000000000"');
});

/** List, strong match, weak match. */
const LISTS: [string, boolean, boolean][] = [
  [ETAG, true, true],
  [`W/${ETAG}`, false, true],
  [`"x", ${ETAG}`, true, true],
  [`"x" ,, W/${ETAG} , "y"`, false, true],
  [`${ETAG}x`, false, false],
  [`${ETAG} ,x`, true, true],
  [`${ETAG}\t`, true, true],
  ['*', true, true],
  ['"x",*', false, false],
  ['', false, false],
  [ETAG.slice(0, -1), false, false],
  [ETAG.slice(1, -1), false, false],
];

test('etagMatches', () => {
  for (const [list, strong, weak] of LISTS) {
    assert.equal(etagMatches(list, ETAG, false), strong, list);
    assert.equal(etagMatches(list, ETAG, true), weak, list);
    assert.equal(etagMatches(list, '', true), list === '*', list);
  }
  assert.equal(etagMatches('"a"', 'W/"a"', true), true);
  assert.equal(etagMatches('"a"', 'W/"a"', false), false);
});

/** Headers and nginx's answer with if_modified_since exact. */
const CONDITIONS: [Partial<RequestHead>, number][] = [
  [{}, 0],
  [{ ifUnmodifiedSince: 'junk' }, 412],
  [{ ifUnmodifiedSince: DATE }, 0],
  [{ ifUnmodifiedSince: EARLIER }, 412],
  [{ ifModifiedSince: DATE }, 304],
  [{ ifModifiedSince: 'junk' }, 0],
  [{ ifModifiedSince: EARLIER }, 0],
  [{ ifModifiedSince: LATER }, 0],
  [{ ifNoneMatch: `W/${ETAG}` }, 304],
  [{ ifNoneMatch: '*' }, 304],
  [{ ifNoneMatch: '"x"' }, 0],
  [{ ifNoneMatch: '' }, 0],
  [{ ifMatch: `W/${ETAG}` }, 412],
  [{ ifMatch: ETAG }, 0],
  [{ ifMatch: '*' }, 0],
  [{ ifMatch: '' }, 412],
  [{ ifMatch: ETAG, ifNoneMatch: ETAG }, 304],
  [{ ifModifiedSince: DATE, ifNoneMatch: '"x"' }, 0],
  [{ ifModifiedSince: 'junk', ifNoneMatch: ETAG }, 0],
  [{ ifModifiedSince: DATE, ifNoneMatch: ETAG }, 304],
];

test('checkPreconditions, as nginx answers', () => {
  for (const [fields, status] of CONDITIONS) {
    assert.equal(checkPreconditions(headWith(fields), MODIFIED, ETAG, 'exact'), status, JSON.stringify(fields));
  }
  const since = (text: string) => headWith({ ifModifiedSince: text });
  assert.equal(checkPreconditions(since(LATER), MODIFIED, ETAG, 'before'), 304);
  assert.equal(checkPreconditions(since(EARLIER), MODIFIED, ETAG, 'before'), 0);
  assert.equal(checkPreconditions(since(DATE), MODIFIED, ETAG, 'off'), 0);
  assert.equal(checkPreconditions(since(DATE), -1, '', 'before'), 0);
  assert.equal(checkPreconditions(headWith({ ifUnmodifiedSince: EARLIER }), -1, '', 'exact'), 0);
  assert.equal(checkPreconditions(headWith({ ifMatch: ETAG }), MODIFIED, '', 'exact'), 412);
});

test('ifRangeHolds', () => {
  const cases: [string | undefined, boolean][] = [
    [undefined, true],
    [ETAG, true],
    ['"x"', false],
    [`W/${ETAG}`, false],
    [DATE, true],
    [EARLIER, false],
    [LATER, false],
    ['', false],
    ['"', false],
    ['junk', false],
  ];
  for (const [ifRange, holds] of cases) {
    assert.equal(ifRangeHolds(headWith({ ifRange }), MODIFIED, ETAG), holds, ifRange);
  }
  assert.equal(ifRangeHolds(headWith({ ifRange: 'junk' }), -1, ''), false);
});

test('cookieDate', () => {
  assert.equal(cookieDate(784111777), 'Sun, 06-Nov-94 08:49:37 GMT');
  assert.equal(cookieDate(0), 'Thu, 01-Jan-70 00:00:00 GMT');
  assert.equal(cookieDate(Date.UTC(2037, 11, 31, 23, 59, 59) / 1000), 'Thu, 31-Dec-37 23:59:59 GMT');
  assert.equal(cookieDate(Date.UTC(2038, 0, 1) / 1000), 'Fri, 01-Jan-2038 00:00:00 GMT');
  assert.equal(cookieDate(1e300), 'Fri, 31-Dec-9999 23:59:59 GMT');
});

test('httpDate', () => {
  assert.equal(httpDate(784111777), 'Sun, 06 Nov 1994 08:49:37 GMT');
  assert.equal(httpDate(MODIFIED + 0.999), DATE);
  assert.equal(httpDate(0), 'Thu, 01 Jan 1970 00:00:00 GMT');
  assert.equal(httpDate(-1), 'Wed, 31 Dec 1969 23:59:59 GMT');
  for (let i = 0; i < 300; i += 37) {
    const seconds = MODIFIED + i * 64;
    assert.equal(httpDate(seconds), new Date(seconds * 1000).toUTCString());
    assert.equal(parseHttpDate(httpDate(seconds)), seconds);
  }
});

test('parseHttpDate reads three forms, and nothing else', () => {
  const cases: [string, number][] = [
    ['Sun, 06 Nov 1994 08:49:37 GMT', 784111777],
    ['Sunday, 06-Nov-94 08:49:37 GMT', 784111777],
    ['Sun Nov  6 08:49:37 1994', 784111777],
    ['Sun Nov 16 08:49:37 1994', 784975777],
    ['Mon, 06 Nov 1994 08:49:37 GMT', 784111777],
    ['Thursday, 01-Jan-70 00:00:00 GMT', 0],
    ['Tuesday, 31-Dec-69 23:59:59 GMT', 3155759999],
    ['Thu, 29 Feb 2024 00:00:00 GMT', 1709164800],
    ['Thu, 29 Feb 2023 00:00:00 GMT', -1],
    ['Thu, 31 Apr 2023 00:00:00 GMT', -1],
    ['Sun, 00 Nov 1994 08:49:37 GMT', -1],
    ['Sun, 06 Nov 1994 24:00:00 GMT', -1],
    ['Sun, 06 Nov 1994 08:60:37 GMT', -1],
    ['Sun, 06 Nov 1994 08:49:60 GMT', -1],
    ['Sun, 06 Nov 1969 08:49:37 GMT', -1],
    ['Sun, 6 Nov 1994 08:49:37 GMT', -1],
    ['Sun, 06 nov 1994 08:49:37 GMT', -1],
    ['Xxx, 06 Nov 1994 08:49:37 GMT', -1],
    ['Sun, 06 Nov 1994 08:49:37 UTC', -1],
    ['Sun, 06 Nov 1994 08:49:37 GMTx', -1],
    ['Sun, 06 Nov 1994 08:49:37', -1],
    ['Sun, 06 Nov 1994 08:49:3x GMT', -1],
    ['Sun  06 Nov 1994 08:49:37 GMT', -1],
    ['Sun Nov 6 08:49:37 1994', -1],
    ['1994-11-06T08:49:37Z', -1],
    ['0', -1],
    ['', -1],
  ];
  for (const [text, seconds] of cases) assert.equal(parseHttpDate(text), seconds, text);
});

test('log dates are local, with the offset', () => {
  const zone = process.env.TZ;
  const ms = MODIFIED * 1000 + 999;
  const cases: [string, number, string, string, string][] = [
    ['UTC', ms, '20/Nov/2026:10:44:29 +0000', '2026/11/20 10:44:29', '2026-11-20T10:44:29+00:00'],
    ['Asia/Kolkata', ms + 1000, '20/Nov/2026:16:14:30 +0530', '2026/11/20 16:14:30', '2026-11-20T16:14:30+05:30'],
    ['America/St_Johns', ms + 2000, '20/Nov/2026:07:14:31 -0330', '2026/11/20 07:14:31', '2026-11-20T07:14:31-03:30'],
  ];
  for (const [name, at, access, error, iso] of cases) {
    process.env.TZ = name;
    assert.deepEqual([accessLogDate(at), errorLogDate(at), iso8601Date(at)], [access, error, iso]);
  }
  if (zone === undefined) delete process.env.TZ;
  else process.env.TZ = zone;
});
