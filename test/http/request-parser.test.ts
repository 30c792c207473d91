import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RequestHead } from '../../src/http/request-head.js';
import { RequestParser } from '../../src/http/request-parser.js';
import { defaults, facts, parse, parseInPieces } from './parse-helpers.js';

const HOST = 'Host: x\r\n\r\n';
const IN_LINE = ' while reading client request line';
const IN_HEADERS = ' while reading client request headers';

test('an ordinary request fills every field', () => {
  const text =
    'GET /a%20b/c?q=1&r HTTP/1.1\r\nHost: WWW.Example.com:8080\r\nUser-Agent: u/1 \r\nreferer:http://r/\r\n' +
    'X-Forwarded-For: 1.1.1.1\r\nx-forwarded-for: 2.2.2.2\r\nCookie: a=1\r\nCOOKIE: b=2\r\nX-Own:  one\r\nx-own: two\r\n' +
    'If-None-Match: "e"\r\nIf-Match: "m"\r\nIf-Range: "r"\r\nRange: bytes=0-1\r\nIf-Modified-Since: d1\r\n' +
    'If-Unmodified-Since: d2\r\nAuthorization: Basic eA==\r\nContent-Type: text/x\r\nContent-Length: 12\r\n' +
    'Expect: 100-Continue\r\n\r\n';
  const { result, head } = parse(`${text}body`);
  assert.equal(result, text.length);
  assert.equal(head.length, text.length);
  assert.equal(head.requestLine, 'GET /a%20b/c?q=1&r HTTP/1.1');
  assert.deepEqual(
    [head.method, head.target, head.path, head.args, head.hasArgs],
    ['GET', '/a%20b/c?q=1&r', '/a b/c', 'q=1&r', true],
  );
  assert.deepEqual(
    [head.version, head.protocol, head.host, head.hostHeader],
    [1001, 'HTTP/1.1', 'www.example.com', 'WWW.Example.com:8080'],
  );
  assert.deepEqual(
    [head.userAgent, head.referer, head.xForwardedFor, head.cookie],
    ['u/1', 'http://r/', '1.1.1.1, 2.2.2.2', 'a=1; b=2'],
  );
  assert.deepEqual([head.ifNoneMatch, head.ifMatch, head.ifRange, head.range], ['"e"', '"m"', '"r"', 'bytes=0-1']);
  assert.deepEqual([head.ifModifiedSince, head.ifUnmodifiedSince], ['d1', 'd2']);
  assert.deepEqual([head.authorization, head.contentType, head.contentLength], ['Basic eA==', 'text/x', 12]);
  assert.deepEqual([head.expectContinue, head.keepAlive, head.chunked], [true, true, false]);
  assert.equal(head.get('x-own'), 'one, two');
  assert.equal(head.get('host'), 'WWW.Example.com:8080');
  assert.equal(head.get('x-none'), undefined);
});

test('one parser and one head serve request after request, pipelined', () => {
  const first = 'POST /one?x HTTP/1.1\r\nHost: a\r\nCookie: c\r\nContent-Length: 0\r\nConnection: close\r\n\r\n';
  const second = '\r\nGET /two HTTP/1.0\r\n\r\n';
  const bytes = Buffer.from(first + second, 'latin1');
  const parser = new RequestParser(defaults());
  const head = new RequestHead();
  assert.equal(parser.parse(bytes, 0, bytes.length, head), first.length);
  assert.deepEqual([head.cookie, head.contentLength, head.keepAlive, head.hasArgs], ['c', 0, false, true]);
  assert.equal(parser.parse(bytes, first.length, bytes.length, head), bytes.length);
  assert.equal(head.length, second.trimStart().length);
  const { head: alone } = parse(second);
  assert.deepEqual(facts(head), facts(alone));
  assert.equal(head.get('cookie'), undefined);
});

test('options may change between requests, and reset forgets a request that was begun', () => {
  const parser = new RequestParser(defaults());
  const head = new RequestHead();
  const bytes = Buffer.from(`GET //a HTTP/1.1\r\nA_B: 1\r\n${HOST}`, 'latin1');
  assert.equal(parser.parse(bytes, 0, 9, head), 0);
  parser.reset();
  assert.equal(parser.parse(bytes, 0, bytes.length, head), bytes.length);
  assert.deepEqual([head.path, head.get('a_b')], ['/a', undefined]);
  parser.options = { ...defaults(), mergeSlashes: false, underscoresInHeaders: true };
  assert.equal(parser.parse(bytes, 0, bytes.length, head), bytes.length);
  assert.deepEqual([head.path, head.get('a_b')], ['//a', '1']);
});

/** Target, then path, args and target as the head has them. */
const TARGETS: [string, string, string, string?][] = [
  ['/', '/', ''],
  ['/f.txt?', '/f.txt', ''],
  ['/f?a?b', '/f', 'a?b'],
  ['/f.txt#frag?x', '/f.txt', ''],
  ['/f.txt?a#frag#g', '/f.txt', 'a'],
  ['//f.txt', '/f.txt', ''],
  ['/a/..', '/', ''],
  ['/a/.', '/a/', ''],
  ['/a/..?b', '/', 'b'],
  ['/a/.#b?c', '/a/', ''],
  ['/a/%2e%2e/f?x=/../y', '/f', 'x=/../y'],
  ['/a/./b/../f?x%00', '/a/f', 'x%00'],
  ['/%25%23%3f%2b', '/%#?+', ''],
  ['/a%252e', '/a%2e', ''],
  ['/a\x80\xff', '/a\x80\xff', ''],
  ['/...', '/...', ''],
  ['/.a/..b/c.', '/.a/..b/c.', ''],
  ['/a//../f', '/f', ''],
  ['/a%2f%2fb', '/a/b', ''],
  ['http://A.b', '/', '', '/'],
  ['http://A.b?q=1', '/', 'q=1', '?q=1'],
  ['http://A.b:80/f.txt?q', '/f.txt', 'q', '/f.txt?q'],
  ['http://a.b/x/../y', '/y', '', '/x/../y'],
  ['h1+.-://a.b:/', '/', '', '/'],
];

test('targets', () => {
  for (const [target, path, args, kept] of TARGETS) {
    const { result, head, reason } = parse(`GET ${target} HTTP/1.1\r\n${HOST}`);
    assert.ok(result > 0, `${target}: ${reason}`);
    assert.deepEqual([head.path, head.args, head.target], [path, args, kept ?? target], target);
    assert.equal(head.host, target.startsWith('/') ? 'x' : 'a.b', target);
  }
});

const VERSIONS: [string, number, number?, string?][] = [
  ['HTTP/1.1', 1001],
  ['HTTP/1.0', 1000],
  ['HTTP/1.2', 1001],
  ['HTTP/1.05', 1001],
  ['HTTP/1.100', 1001],
  [' HTTP/1.1  ', 1001],
  ['HTTP/2.0', -505],
  ['HTTP/10.1', -505],
  ['HTTP/9', -505],
  ['HTTP/0.9', -400],
  ['HTTP/01.1', -400],
  ['HTTP/1', -400],
  ['HTTP/1.', -400],
  ['HTTP/1.1x', -400],
  ['HTTP/1.1 x', -400],
  ['HTTP/1.1000', -400],
  ['HTTPS/1.1', -400],
  ['http/1.1', -400],
  ['x', -400],
];

test('versions', () => {
  for (const [version, expected] of VERSIONS) {
    const { result, head, reason } = parse(`GET / ${version}\r\n${HOST}`);
    if (expected < 0) {
      assert.equal(result, expected, version);
      assert.equal(reason, `client sent invalid ${expected === -505 ? 'version' : 'request'}${IN_LINE}`);
      assert.equal(head.requestLine, `GET / ${version}`);
    } else {
      assert.ok(result > 0, version);
      assert.deepEqual([head.version, head.protocol], [expected, version.trim()]);
    }
  }
});

test('HTTP/0.9 is a line and no more', () => {
  const { result, head } = parse('GET /f?a\r\nGET /');
  assert.equal(result, 10);
  assert.deepEqual([head.version, head.protocol, head.path, head.args, head.keepAlive], [9, '', '/f', 'a', false]);
  assert.equal(parse('GET /f \n').head.version, 9);
  const post = parse('POST /f\r\n');
  assert.deepEqual([post.result, post.head.version], [-400, 9]);
  assert.equal(post.reason, `client sent invalid method in HTTP/0.9 request${IN_LINE}`);
});

/** Request, status, and how the reason begins. As nginx 1.22.1 answers them. */
const REFUSED: [string, number, string][] = [
  ['get / HTTP/1.1\r\n', -400, 'client sent invalid method'],
  ['\x16\x03\x01\x02', -400, 'client sent invalid method'],
  [' GET / HTTP/1.1\r\n', -400, 'client sent invalid method'],
  ['GET\t/ HTTP/1.1\r\n', -400, 'client sent invalid method'],
  ['CONNECT a:443 HTTP/1.1\r\n', -400, 'client sent invalid request'],
  ['GET * HTTP/1.1\r\n', -400, 'client sent invalid request'],
  ['OPTIONS *x HTTP/1.1\r\n', -400, 'client sent invalid request'],
  ['GET x HTTP/1.1\r\n', -400, 'client sent invalid request'],
  ['GET ?x HTTP/1.1\r\n', -400, 'client sent invalid request'],
  ['GET /a b HTTP/1.1\r\n', -400, 'client sent invalid request'],
  ['GET /a\tb HTTP/1.1\r\n', -400, 'client sent invalid request'],
  ['GET /a\x7f HTTP/1.1\r\n', -400, 'client sent invalid request'],
  ['GET /a\0 HTTP/1.1\r\n', -400, 'client sent invalid request'],
  ['GET /?a\x01 HTTP/1.1\r\n', -400, 'client sent invalid request'],
  ['GET /\r\r\n', -400, 'client sent invalid request'],
  ['GET / \rx\r\n', -400, 'client sent invalid request'],
  ['GET / HTTP/1.1\rHost: x\r\n\r\n', -400, 'client sent invalid request'],
  ['GET /a%00 HTTP/1.1\r\n', -400, 'client sent invalid request'],
  ['GET /a%2 HTTP/1.1\r\n', -400, 'client sent invalid request'],
  ['GET /a%zz HTTP/1.1\r\n', -400, 'client sent invalid request'],
  ['GET /../x HTTP/1.1\r\n', -400, 'client sent invalid request'],
  ['GET //../x HTTP/1.1\r\n', -400, 'client sent invalid request'],
  ['GET http://u@h/ HTTP/1.1\r\n', -400, 'client sent invalid request'],
  ['GET http://a_b/ HTTP/1.1\r\n', -400, 'client sent invalid request'],
  ['GET http://h#f HTTP/1.1\r\n', -400, 'client sent invalid request'],
  ['GET http:/h/ HTTP/1.1\r\n', -400, 'client sent invalid request'],
  ['GET http://h\r\n', -400, 'client sent invalid request'],
  ['GET http://h:8x/ HTTP/1.1\r\n', -400, 'client sent invalid request'],
  ['GET http:///f HTTP/1.1\r\n', -400, 'client sent invalid host in request line'],
  ['GET http://a..b/ HTTP/1.1\r\n', -400, 'client sent invalid host in request line'],
  ['TRACE / HTTP/1.1\r\nHost: x\r\n\r\n', -405, 'client sent TRACE method'],
  ['CONNECT / HTTP/1.1\r\nHost: x\r\n\r\n', -405, 'client sent CONNECT method'],
  ['GET / HTTP/1.1\r\n\r\n', -400, 'client sent HTTP/1.1 request without "Host" header'],
  ['GET http://h/ HTTP/1.1\r\n\r\n', -400, 'client sent HTTP/1.1 request without "Host" header'],
  ['GET / HTTP/1.1\r\nHost : x\r\n', -400, 'client sent invalid header line: "Host\\x20..."'],
  ['GET / HTTP/1.1\r\nHost: x\r\n c\r\n', -400, 'client sent invalid header line: "\\x20..."'],
  ['GET / HTTP/1.1\r\n: x\r\n', -400, 'client sent invalid header line: "\\x3a..."'],
  ['GET / HTTP/1.1\r\nA\x01: b\r\n', -400, 'client sent invalid header line: "A\\x01..."'],
  ['GET / HTTP/1.1\r\nA: b\0c\r\n', -400, 'client sent invalid header line: "A: b\\x00..."'],
  ['GET / HTTP/1.1\r\nHost: x\rFoo: y\r\n', -400, 'client sent invalid header line: "Host: x\\x0d..."'],
  ['GET / HTTP/1.1\r\nHost: x\r\r\n\r\n', -400, 'client sent invalid header line: "Host: x\\x0d..."'],
  ['GET / HTTP/1.1\r\nHost: x\r\n\r\r\n\r\n', -400, 'client sent invalid header line: "\\x0d..."'],
  [
    'GET / HTTP/1.1\r\nHost: a\r\nhost: b\r\n',
    -400,
    'client sent duplicate host header: "host: b", previous value: "Host: a"',
  ],
  ['GET / HTTP/1.1\r\nHost: a/b\r\n\r\n', -400, 'client sent invalid host header'],
  ['GET / HTTP/1.1\r\nHost:\r\n\r\n', -400, 'client sent invalid host header'],
];

test('what is refused, with which status and words', () => {
  for (const [text, status, reason] of REFUSED) {
    const parsed = parse(text);
    assert.equal(parsed.result, status, JSON.stringify(text));
    const lineOnly = /^client sent invalid (method|request|host in request line)$/.test(reason);
    assert.equal(parsed.reason, reason + (lineOnly ? IN_LINE : IN_HEADERS), JSON.stringify(text));
    assert.equal(parsed.head.requestLine, text.split(/[\r\n]/)[0], JSON.stringify(text));
    assert.equal(parsed.head.keepAlive, false);
  }
});

test('a refused header leaves what is known for the log', () => {
  const { result, head } = parse('GET /p?a HTTP/1.1\r\nHost: x\r\nUser-Agent: u\r\nBad Name: 1\r\n\r\n');
  assert.equal(result, -400);
  assert.deepEqual([head.method, head.path, head.args, head.version, head.userAgent], ['GET', '/p', 'a', 1001, 'u']);
});

test('Expect, OPTIONS *, bare LF, empty lines, own methods', () => {
  assert.equal(parse(`PUT / HTTP/1.1\r\nExpect: other\r\n${HOST}`).head.expectContinue, false);
  assert.equal(parse('PUT / HTTP/1.0\r\nExpect: 100-continue\r\n\r\n').head.expectContinue, false);
  const star = parse(`OPTIONS * HTTP/1.1\r\n${HOST}`);
  assert.deepEqual([star.head.method, star.head.target, star.head.path], ['OPTIONS', '*', '/']);
  const bare = parse('\r\n\n\r\nGET /f HTTP/1.1\nHost: x\nA: b\n\nX');
  assert.deepEqual([bare.result, bare.head.length, bare.head.path, bare.head.get('a')], [35, 30, '/f', 'b']);
  assert.equal(parse(`_-A / HTTP/1.1\r\n${HOST}`).head.method, '_-A');
});

test('a line or a head that is too large', () => {
  const limits = { maxLine: 64, maxHead: 200 };
  const line = (length: number) => `GET /${'a'.repeat(length - 16)} HTTP/1.1\r\n`;
  const long = `GET /${'a'.repeat(64 - 16)} HTTP/1.1\r\n`;
  assert.equal(long.length, 64);
  assert.equal(line(64), long);
  assert.ok(parse(long + HOST, limits).result > 0);
  const over = parse(line(65) + HOST, limits);
  assert.deepEqual([over.result, over.reason], [-414, `client sent too long URI${IN_LINE}`]);
  assert.equal(over.head.requestLine, line(65).substring(0, 64).trimEnd());
  const fits = `A: ${'b'.repeat(59)}\r\n`;
  assert.ok(parse(`GET / HTTP/1.1\r\n${fits}${HOST}`, limits).result > 0);
  const header = parse(`GET / HTTP/1.1\r\nA: ${'b'.repeat(60)}\r\n${HOST}`, limits);
  assert.deepEqual(
    [header.result, header.reason.substring(0, 41)],
    [-494, 'client sent too long header line: "A: bbb'],
  );
  const many = parse(`GET / HTTP/1.1\r\n${'A: b\r\n'.repeat(40)}${HOST}`, limits);
  assert.deepEqual([many.result, many.reason], [-494, `client sent too large request${IN_HEADERS}`]);
  assert.equal(parse('\r\n'.repeat(200), limits).result, -400);
  assert.equal(parse(`GET /${'a'.repeat(59)}`, limits).result, -414);
  assert.equal(parse(`GET /${'a'.repeat(58)}`, limits).result, 0);
});

test('more header lines than there is room for at first', () => {
  const lines = Array.from({ length: 100 }, (_, i) => `H${i}: ${i}\r\n`).join('');
  const { head } = parse(`GET / HTTP/1.1\r\n${lines}${HOST}`);
  assert.deepEqual([head.get('h0'), head.get('h31'), head.get('h32'), head.get('h99')], ['0', '31', '32', '99']);
});

test('every way to cut a request in two gives what the whole gives', () => {
  const limits = { maxLine: 64, maxHead: 200 };
  const texts = [
    'GET /a%20b?q HTTP/1.1\r\nHost: x:1\r\nUser-Agent:  u \r\nConnection: close\r\n\r\nrest',
    '\r\nGET http://H.i:80/x/../y HTTP/1.0  \r\nhost: q\n\n',
    'GET http://[::1]:8 HTTP/1.23\r\nFoo\r\nHost: q\r\n\r\n',
    'OPTIONS  *  HTTP/1.1\r\nHost: x\r\n\r\n',
    'GET /old \r\n',
    `GET /${'a'.repeat(80)} HTTP/1.1\r\n`,
    `GET / HTTP/1.1\r\nA: ${'b'.repeat(80)}\r\n\r\n`,
    `GET / HTTP/1.1\r\n${'A: b\r\n'.repeat(50)}`,
    ...REFUSED.map(([text]) => text),
  ];
  for (const text of texts) {
    const whole = parse(text, limits);
    for (let cut = 0; cut <= text.length; cut++) {
      const cutInTwo = parseInPieces(text, [cut], limits);
      const what = `${JSON.stringify(text)} cut at ${cut}`;
      assert.deepEqual([cutInTwo.result, cutInTwo.reason], [whole.result, whole.reason], what);
      if (whole.result > 0) assert.deepEqual(facts(cutInTwo.head), facts(whole.head), what);
    }
    const bytewise = parseInPieces(
      text,
      Array.from(text, (_, i) => i),
      limits,
    );
    assert.deepEqual([bytewise.result, bytewise.reason], [whole.result, whole.reason], JSON.stringify(text));
  }
});

test('a client that sends a byte at a time costs a linear amount of reading', () => {
  const filler = `X-Filler: ${'v'.repeat(1000)}\r\nY:${' '.repeat(1000)}z\r\n`;
  const text = `\r\n\r\nGET /${'p/'.repeat(500)}?${'q'.repeat(900)} HTTP/1.1    \r\n${filler.repeat(4)}${HOST}`;
  assert.ok(text.length > 8000);
  let reads = 0;
  const bytes = new Proxy(Buffer.from(text, 'latin1'), {
    get(target, key) {
      if (typeof key === 'string' && key >= '0' && key <= '9999999') {
        reads++;
        return target[Number(key)];
      }
      const value: unknown = Reflect.get(target, key, target);
      if (key === 'latin1Slice') reads += text.length;
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  const parser = new RequestParser(defaults());
  const head = new RequestHead();
  for (let end = 1; end < text.length; end++) assert.equal(parser.parse(bytes, 0, end, head), 0);
  assert.equal(parser.parse(bytes, 0, text.length, head), text.length);
  assert.equal(head.args.length, 900);
  assert.ok(reads >= text.length && reads < 4 * text.length, `${reads} reads for ${text.length} bytes`);
});

test('a head with thousands of lines leaves the next request as it should be', () => {
  const parser = new RequestParser({ ...defaults(), maxHeaders: 10_000 });
  const head = new RequestHead();
  const big = Buffer.from(`GET / HTTP/1.1\r\n${'a:b\r\n'.repeat(5000)}${HOST}`, 'latin1');
  assert.equal(parser.parse(big, 0, big.length, head), big.length);
  assert.equal(head.get('a')?.length, 5000 * 3 - 2);
  const small = Buffer.from(`GET /s HTTP/1.1\r\nA: 1\r\n${HOST}`, 'latin1');
  assert.equal(parser.parse(small, 0, small.length, head), small.length);
  assert.deepEqual([head.get('a'), head.host, head.path], ['1', 'x', '/s']);
});
