/** The filters in their order: not-modified, headers, range. And error_page, and internal. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { checkInternal } from '../../src/modules/core-http.js';
import { errorPageFor } from '../../src/modules/error-page.js';
import { Outcome } from '../../src/modules/module.js';
import { buildServer, type FakeRequest, MTIME, NOW, requestFor, runPhase } from './fake-request.js';

const FILES = { '/srv/html/ten.txt': { size: 10 }, '/srv/html/empty.txt': { size: 0 } };
const ETAG = `"${MTIME.toString(16)}-a"`;
const DATE = new Date(MTIME * 1000).toUTCString();

type Headers = Partial<
  Record<'range' | 'ifRange' | 'ifNoneMatch' | 'ifModifiedSince' | 'ifMatch' | 'ifUnmodifiedSince', string>
>;

/** A file as static describes it, and what the filters make of it. */
function filtered(inside: string, headers: Headers = {}, uri = '/ten.txt', args = '') {
  const request = requestFor(inside, uri, FILES, args);
  Object.assign(request.head, headers);
  assert.equal(runPhase(request, 'content'), Outcome.Respond);
  const outcome = runPhase(request, 'filter');
  return { request, outcome, response: request.response };
}

/** The parts of a body: file ranges as [from, to), and text. */
function parts(request: FakeRequest): (string | readonly [number, number])[] {
  return request.response.body.map(part =>
    'bytes' in part ? part.bytes.toString('latin1') : [part.offset, part.offset + part.length],
  );
}

describe('not_modified', () => {
  const table: readonly (readonly [string, Headers, status: number])[] = [
    ['', { ifNoneMatch: '*' }, 304],
    ['', { ifNoneMatch: `W/${ETAG}` }, 304],
    ['', { ifNoneMatch: '"x"' }, 200],
    ['', { ifModifiedSince: DATE }, 304],
    ['if_modified_since off;', { ifModifiedSince: DATE }, 200],
    ['', { ifModifiedSince: new Date(NOW).toUTCString() }, 200],
    ['if_modified_since before;', { ifModifiedSince: new Date(NOW).toUTCString() }, 304],
    ['', { ifMatch: ETAG }, 200],
  ];
  for (const [inside, headers, status] of table) {
    test(`${inside} ${JSON.stringify(headers)} is ${status}`, () => {
      const { response, outcome } = filtered(inside, headers);
      assert.equal(outcome, Outcome.Next);
      assert.equal(response.status, status);
    });
  }

  test('304 keeps date and tag, and has nothing of a body', () => {
    const { response } = filtered('add_header X 1;', { ifNoneMatch: '*', range: 'bytes=0-1' });
    assert.equal(response.etag, ETAG);
    assert.equal(response.lastModified, MTIME);
    assert.equal(response.contentType, '');
    assert.equal(response.contentLength, -1);
    assert.equal(response.acceptRanges, false);
    assert.deepEqual(response.body, []);
    assert.deepEqual(response.headers, ['X', '1']);
  });

  for (const headers of [{ ifMatch: '"x"' }, { ifUnmodifiedSince: 'Sun, 06 Nov 1994 08:49:37 GMT' }]) {
    test(`${JSON.stringify(headers)} is 412, with nothing added yet`, () => {
      const { response, outcome } = filtered('add_header X 1 always;', headers);
      assert.equal(outcome, 412);
      assert.deepEqual(response.headers, []);
    });
  }

  const standIns = [
    [204, '', -1, -1],
    [304, '', -1, MTIME],
    [404, 'text/plain', 10, -1],
    [206, 'text/plain', 10, MTIME],
  ] as const;
  for (const [status, type, length, lastModified] of standIns) {
    test(`a file with the status ${status} has the head of that status`, () => {
      const request = requestFor('', '/ten.txt', FILES);
      runPhase(request, 'content');
      request.response.status = status;
      assert.equal(runPhase(request, 'filter'), Outcome.Next);
      const { contentType, contentLength, body, lastModified: date } = request.response;
      assert.deepEqual(
        [contentType, contentLength, body.length, date],
        [type, length, length < 0 ? 0 : 1, lastModified],
      );
    });
  }

  test('only a 200 is compared', () => {
    const request = requestFor('', '/x');
    Object.assign(request.response, { status: 404, etag: '"x"' });
    request.head.ifNoneMatch = '*';
    assert.equal(runPhase(request, 'filter'), Outcome.Next);
    assert.equal(request.response.status, 404);
  });
});

describe('add_header', () => {
  const table = [
    ['add_header X 1; add_header Y $uri;', 200, ['X', '1', 'Y', '/ten.txt']],
    ['add_header X 1; add_header Y 2 always;', 404, ['Y', '2']],
    ['add_header X ""; add_header Y $arg_none;', 200, []],
    ['add_header Cache-Control a; add_header Cache-Control b;', 301, ['Cache-Control', 'a', 'Cache-Control', 'b']],
    ['add_header X 1; expires 1h;', 500, []],
  ] as const;
  for (const [inside, status, headers] of table) {
    test(`${inside} with ${status}`, () => {
      const request = requestFor(inside, '/ten.txt');
      request.response.status = status;
      assert.equal(runPhase(request, 'filter'), Outcome.Next);
      assert.deepEqual(request.response.headers, headers);
    });
  }

  test('Last-Modified and ETag are replaced', () => {
    const { response } = filtered('add_header last-modified "Sun, 06 Nov 1994 08:49:37 GMT"; add_header ETag \'"q"\';');
    assert.equal(response.lastModified, 784_111_777);
    assert.equal(response.etag, '"q"');
    assert.deepEqual(response.headers, []);
  });

  test('Last-Modified that is no date is sent as it is', () => {
    const { response } = filtered('add_header Last-Modified x;');
    assert.equal(response.lastModified, -1);
    assert.deepEqual(response.headers, ['Last-Modified', 'x']);
  });

  test('Last-Modified and ETag are taken away by empty values', () => {
    const { response } = filtered('add_header Last-Modified ""; add_header ETag "";');
    assert.equal(response.lastModified, -1);
    assert.equal(response.etag, '');
  });

  test('a level with headers of its own takes none from above', () => {
    const server = buildServer('add_header A 1; location / { add_header B 2; location /x { } }');
    const names = (settings: typeof server.settings) => settings.addHeader.lines.map(each => each.name);
    assert.deepEqual(names(server.locations[0]!.settings), ['B']);
    assert.deepEqual(names(server.locations[0]!.locations[0]!.settings), ['B']);
  });

  /** What holds where: in a location, in one within it that has nothing of its own, and in one that has. */
  const inherited: readonly (readonly [rule: string, own: string, inside: string, insideOwn: string])[] = [
    ['', 'B', 'B', 'C'],
    ['NAME_inherit on;', 'B', 'B', 'C'],
    ['NAME_inherit merge;', 'B A', 'B A', 'C B A'],
    ['NAME_inherit off;', 'B', '', 'C'],
  ];
  for (const name of ['add_header', 'add_trailer']) {
    for (const [rule, own, inside, insideOwn] of inherited) {
      test(`${rule.replace('NAME', name) || `${name} alone`}`, () => {
        const server = buildServer(
          `${name} A 1; location / { ${rule.replace('NAME', name)} ${name} B 2; location /x { } location /y { ${name} C 3; } }`,
        );
        const names = ({ addHeader, addTrailer }: typeof server.settings) =>
          (name === 'add_header' ? addHeader : addTrailer).lines.map(each => each.name).join(' ');
        const location = server.locations[0]!;
        const levels = [location, ...location.locations].map(each => names(each.settings));
        assert.deepEqual(levels, [own, inside, insideOwn]);
      });
    }
  }

  test('a level that says off takes nothing, one below it may say on again', () => {
    const server = buildServer(
      'add_header A 1; location / { add_header_inherit off; location /x { add_header B 2; } }',
    );
    const location = server.locations[0]!;
    assert.deepEqual(location.settings.addHeader.lines, []);
    const below = 'add_header_inherit merge; add_header B 2; location /x { add_header_inherit on; add_header C 3; }';
    const other = buildServer(`add_header A 1; location / { ${below} }`).locations[0]!;
    assert.deepEqual(
      other.locations[0]!.settings.addHeader.lines.map(each => each.name),
      ['C'],
    );
  });
});

describe('expires', () => {
  const second = Math.floor(NOW / 1000);
  const after = (seconds: number) => new Date((second + seconds) * 1000).toUTCString();
  const table: readonly (readonly [string, args: string, expires: string, cacheControl: string])[] = [
    ['1h', '', after(3600), 'max-age=3600'],
    ['0', '', after(0), 'max-age=0'],
    ['-1', '', after(-1), 'no-cache'],
    ['epoch', '', 'Thu, 01 Jan 1970 00:00:01 GMT', 'no-cache'],
    ['max', '', 'Thu, 31 Dec 2037 23:55:55 GMT', 'max-age=315360000'],
    ['modified +24h', '', new Date((MTIME + 86_400) * 1000).toUTCString(), 'max-age=86300'],
    ['modified 0', '', after(0), 'max-age=0'],
    ['modified 10s', '', new Date((MTIME + 10) * 1000).toUTCString(), 'no-cache'],
    ['modified -1h', '', new Date((MTIME - 3600) * 1000).toUTCString(), 'no-cache'],
    ['$arg_e', 'e=1m', after(60), 'max-age=60'],
    ['$arg_e', 'e=max', 'Thu, 31 Dec 2037 23:55:55 GMT', 'max-age=315360000'],
    ['modified $arg_e', 'e=1d', new Date((MTIME + 86_400) * 1000).toUTCString(), 'max-age=86300'],
  ];
  for (const [text, args, expires, cacheControl] of table) {
    test(`${text} ${args}`, () => {
      const { response } = filtered(`expires ${text};`, {}, '/ten.txt', args);
      assert.deepEqual(response.headers, ['Expires', expires, 'Cache-Control', cacheControl]);
    });
  }

  for (const [text, args] of [
    ['off', ''],
    ['$arg_e', ''],
    ['$arg_e', 'e=zz'],
  ] as const) {
    test(`${text} ${args} says nothing`, () => {
      assert.deepEqual(filtered(`expires ${text};`, {}, '/ten.txt', args).response.headers, []);
    });
  }

  for (const seconds of [60, 86_000]) {
    test(`@${seconds}s is the next such time of the local day`, () => {
      const [, expires, , age] = filtered(`expires @${seconds}s;`).response.headers;
      const at = new Date(expires!);
      assert.equal(at.getHours() * 3600 + at.getMinutes() * 60 + at.getSeconds(), seconds);
      assert.ok(at.getTime() > NOW && at.getTime() <= NOW + 86_400_000);
      assert.equal(age, `max-age=${at.getTime() / 1000 - second}`);
    });
  }
});

describe('range', () => {
  test('one range is a 206', () => {
    const { request, response } = filtered('', { range: 'bytes=2-4' });
    assert.equal(response.status, 206);
    assert.equal(response.contentRange, 'bytes 2-4/10');
    assert.equal(response.contentLength, 3);
    assert.equal(response.acceptRanges, false);
    assert.deepEqual(parts(request), [[2, 5]]);
  });

  test('several ranges are multipart/byteranges', () => {
    const { request, response } = filtered('', { range: 'bytes=0-1,3-4' });
    const boundary = response.contentType.slice('multipart/byteranges; boundary='.length);
    assert.match(boundary, /^\d{20}$/);
    const head = (range: string) =>
      `\r\n--${boundary}\r\nContent-Type: text/plain\r\nContent-Range: bytes ${range}/10\r\n\r\n`;
    assert.deepEqual(parts(request), [head('0-1'), [0, 2], head('3-4'), [3, 5], `\r\n--${boundary}--\r\n`]);
    assert.equal(response.contentLength, 198);
    assert.equal(response.contentRange, '');
  });

  test('of an empty file, all but the start is behind the end', () => {
    assert.equal(filtered('', { range: 'bytes=20-' }, '/empty.txt').outcome, 416);
  });

  test('behind the end is 416', () => {
    const { response, outcome } = filtered('', { range: 'bytes=20-' });
    assert.equal(outcome, 416);
    assert.equal(response.contentRange, 'bytes */10');
  });

  const whole: readonly (readonly [string, Headers, string, acceptRanges: boolean])[] = [
    ['', { range: 'bytes=0-1', ifRange: '"x"' }, '/ten.txt', true],
    ['max_ranges 1;', { range: 'bytes=0-1,3-4' }, '/ten.txt', true],
    ['max_ranges 0;', { range: 'bytes=0-1' }, '/ten.txt', false],
    ['', { range: 'lines=0-1' }, '/ten.txt', true],
    ['', { range: 'bytes=0-1' }, '/empty.txt', true],
    ['', { range: 'bytes=-1' }, '/empty.txt', true],
  ];
  for (const [inside, headers, uri, acceptRanges] of whole) {
    test(`${inside} ${JSON.stringify(headers)} ${uri} is the whole`, () => {
      const { response } = filtered(inside, headers, uri);
      assert.equal(response.status, 200);
      assert.equal(response.acceptRanges, acceptRanges);
    });
  }

  for (const ifRange of [ETAG, DATE]) {
    test(`If-Range: ${ifRange} lets it count`, () => {
      assert.equal(filtered('', { range: 'bytes=0-1', ifRange }).response.status, 206);
    });
  }

  test('a range may span segments of files and memory', () => {
    const request = requestFor('', '/x', FILES);
    const file = request.open('/srv/html/ten.txt');
    assert.ok(typeof file !== 'number');
    const body = [{ bytes: Buffer.from('abcd') }, { file, offset: 2, length: 5 }, { bytes: Buffer.from('xyz') }];
    Object.assign(request.response, { acceptRanges: true, contentLength: 12, body });
    request.head.range = 'bytes=2-10';
    runPhase(request, 'filter');
    assert.deepEqual(parts(request), ['cd', [2, 7], 'xy']);
    assert.equal(request.response.contentLength, 9);
  });

  test('other statuses have no ranges', () => {
    const request = requestFor('', '/x');
    Object.assign(request.response, { status: 404, acceptRanges: true, contentLength: 10 });
    request.head.range = 'bytes=0-1';
    assert.equal(runPhase(request, 'filter'), Outcome.Next);
    assert.equal(request.response.acceptRanges, false);
    assert.equal(request.response.contentLength, 10);
  });
});

describe('error_page', () => {
  const table = [
    ['error_page 404 /a;', { kind: 'uri', status: 404, target: '/a', args: '' }],
    ['error_page 404 =200 /a?b=c;', { kind: 'uri', status: 200, target: '/a', args: 'b=c' }],
    ['error_page 404 = /a$uri?$args;', { kind: 'uri', status: 0, target: '/a/x', args: 'q' }],
    ['error_page 404 @n;', { kind: 'named', status: 404, target: '@n', args: '' }],
    ['error_page 404 =200 @n;', { kind: 'named', status: 200, target: '@n', args: '' }],
    ['error_page 404 http://z$uri;', { kind: 'redirect', status: 302, target: 'http://z/x', args: '' }],
    ['error_page 404 =301 http://z/;', { kind: 'redirect', status: 301, target: 'http://z/', args: '' }],
    ['error_page 404 =404 http://z/;', { kind: 'redirect', status: 302, target: 'http://z/', args: '' }],
    ['error_page 500 404 /a; error_page 404 /b;', { kind: 'uri', status: 404, target: '/a', args: '' }],
    ['error_page 500 /a;', null],
  ] as const;
  for (const [inside, action] of table) {
    test(inside, () => assert.deepEqual(errorPageFor(requestFor(inside, '/x', {}, 'q'), 404), action));
  }
});

test('internal is 404 from outside, and nested locations are internal too', () => {
  const request = requestFor('internal; location /x {}', '/x');
  assert.equal(checkInternal(request), 404);
  request.internal = true;
  assert.equal(checkInternal(request), Outcome.Next);
  assert.equal(request.location.locations[0]!.settings.internal, true);
});
