import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from './parse-helpers.js';

const HOST = 'Host: x\r\n\r\n';
const IN_HEADERS = ' while reading client request headers';

const SMUGGLING: [string, number][] = [
  ['Content-Length: 1\r\nContent-Length: 1', -400],
  ['Content-Length: 1\r\ncontent-length: 2', -400],
  ['Content-Length: +1', -400],
  ['Content-Length: -1', -400],
  ['Content-Length: 1,1', -400],
  ['Content-Length: 1 1', -400],
  ['Content-Length: 0x1', -400],
  ['Content-Length:', -400],
  ['Content-Length: \t1', -400],
  ['Content-Length: 9223372036854775808', -400],
  ['Content-Length: 99999999999999999999999999', -400],
  ['Content-Length : 1', -400],
  ['Content-Length\t: 1', -400],
  ['Content-Length: 1\r\n 2', -400],
  ['Content-Length: 1\r\nTransfer-Encoding: chunked', -400],
  ['Transfer-Encoding: chunked\r\nContent-Length: 1', -400],
  ['Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked', -400],
  ['Transfer-Encoding : chunked', -400],
  ['Transfer-Encoding: chunked\rX: y', -400],
  ['Transfer-Encoding: gzip', -501],
  ['Transfer-Encoding: identity', -501],
  ['Transfer-Encoding: gzip, chunked', -501],
  ['Transfer-Encoding: chunked, gzip', -501],
  ['Transfer-Encoding: chunked,', -501],
  ['Transfer-Encoding: \tchunked', -501],
  ['Transfer-Encoding: \x0bchunked', -501],
  ['Transfer-Encoding:', -501],
  ['Content-Length: 0\r\nTransfer-Encoding: xchunked', -501],
];

test('request smuggling', () => {
  for (const [headers, status] of SMUGGLING) {
    assert.equal(parse(`POST / HTTP/1.1\r\nHost: x\r\n${headers}\r\n\r\n`).result, status, JSON.stringify(headers));
  }
  const old = parse('POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n');
  assert.deepEqual(
    [old.result, old.reason],
    [-400, `client sent HTTP/1.0 request with "Transfer-Encoding" header${IN_HEADERS}`],
  );
  const good = parse('POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: ChunkeD \r\n\r\n');
  assert.deepEqual([good.head.chunked, good.head.contentLength], [true, -1]);
  assert.equal(parse(`POST / HTTP/1.1\r\nContent-Length: 007\r\n${HOST}`).head.contentLength, 7);
  const spoofed = parse(`POST / HTTP/1.1\r\nTransfer_Encoding: chunked\r\nContent_Length: 3\r\n${HOST}`);
  assert.deepEqual([spoofed.head.chunked, spoofed.head.contentLength], [false, -1]);
});

test('headers that may come only once', () => {
  const once = [
    'If-Modified-Since',
    'If-Unmodified-Since',
    'If-Match',
    'If-None-Match',
    'If-Range',
    'Expect',
    'Authorization',
    'Content-Range',
  ];
  for (const name of once) {
    const { result, reason } = parse(`GET / HTTP/1.1\r\n${name}: 1\r\n${name.toUpperCase()}: 2\r\n${HOST}`);
    assert.equal(result, -400, name);
    const words = `client sent duplicate header line: "${name.toUpperCase()}: 2", previous value: "${name}: 1"`;
    assert.equal(reason, words + IN_HEADERS);
  }
  const twice = parse(
    `GET / HTTP/1.1\r\nRange: 1\r\nRANGE: 2\r\nReferer: 1\r\nReferer: 2\r\nUser-Agent: 1\r\nUser-Agent: 2\r\n${HOST}`,
  );
  assert.deepEqual([twice.head.range, twice.head.referer, twice.head.userAgent], ['1', '1', '1']);
});

const NAMES: [string, boolean, boolean, string | undefined][] = [
  ['A(b', true, false, undefined],
  ['A(b', false, false, 'v'],
  ['A_b', true, false, undefined],
  ['A_b', true, true, 'v'],
  ['A_b', false, false, 'v'],
  ['A\xff', true, false, undefined],
  ['A\xff', false, false, 'v'],
  ['A-b9', true, false, 'v'],
];

test('odd header names', () => {
  for (const [name, ignoreInvalidHeaders, underscoresInHeaders, value] of NAMES) {
    const { result, head } = parse(`GET / HTTP/1.1\r\n${name}: v\r\n${HOST}`, {
      ignoreInvalidHeaders,
      underscoresInHeaders,
    });
    assert.ok(result > 0);
    assert.equal(head.get(name.replace('A', 'a')), value, name);
  }
  assert.equal(parse(`GET / HTTP/1.1\r\nFoo\r\n${HOST}`).head.get('foo'), '');
  assert.equal(parse(`GET / HTTP/1.1\r\nA: b\x01\tc\x7f\r\n${HOST}`).head.get('a'), 'b\x01\tc\x7f');
});

test('more lines than there may be', () => {
  const text = `GET / HTTP/1.1\r\nA: 1\r\n(: ignored\r\nB: 2\r\n${HOST}`;
  assert.ok(parse(text, { maxHeaders: 3 }).result > 0);
  const { result, reason } = parse(text, { maxHeaders: 2 });
  assert.equal(result, -494);
  assert.equal(reason, 'client sent too many header lines while reading client request headers');
});

test('lines that are forgotten', () => {
  const { head } = parse(`\r\nGET / HTTP/1.1\r\nA: 1\r\nB: 2\r\nC: 3\r\n${HOST}`);
  assert.equal(head.size, 4);
  head.keepLines(1);
  assert.deepEqual([head.size, head.get('a'), head.get('b'), head.get('host')], [1, '1', undefined, undefined]);
  assert.equal(head.length, 'GET / HTTP/1.1\r\nA: 1\r\nB: 2\r\n'.length);
});

const CONNECTIONS: [string, boolean, boolean][] = [
  ['X: y', false, true],
  ['Connection: close', false, false],
  ['Connection: Keep-Alive', true, true],
  ['Connection: x-close-y', false, false],
  ['Connection: upgrade', false, true],
  ['Connection: keep-alive, close', false, false],
  ['Connection: close, keep-alive', false, false],
  ['Connection: keep-alive\r\nConnection: close', false, false],
  ['Connection: close\r\nConnection: keep-alive', true, true],
];

test('keep-alive', () => {
  for (const [header, under10, under11] of CONNECTIONS) {
    assert.equal(parse(`GET / HTTP/1.0\r\n${header}\r\n\r\n`).head.keepAlive, under10, header);
    assert.equal(parse(`GET / HTTP/1.1\r\n${header}\r\n${HOST}`).head.keepAlive, under11, header);
  }
});
