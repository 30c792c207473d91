import assert from 'node:assert/strict';
import type { RequestHead } from '../../src/http/request-head.js';
import { parse, parseInPieces } from '../http/parse-helpers.js';
import { below } from './mutate.js';
import type { Target } from './target.js';

/** What no accepted request may have, whatever was sent. */
function checkAccepted({ path, target, args, host, chunked, contentLength, version, hostHeader }: RequestHead): void {
  assert.ok(path.startsWith('/'));
  assert.ok(!path.includes('\0'));
  assert.ok(!/(^|\/)\.{1,2}(\/|$)/.test(path));
  assert.ok(!/[\r\n\0 ]/.test(target + args + host));
  assert.ok(!(chunked && contentLength >= 0));
  assert.ok(version !== 1001 || hostHeader !== '');
}

/** The parser of requests: nothing is thrown, nothing dangerous accepted, and where the bytes are cut changes nothing. */
export const requests: Target = {
  name: 'requests',
  seeds: [
    'GET /a/../b/%2e%2e/%2E./c%2fd//e?x=1#f HTTP/1.1\r\nHost: h:1\r\nConnection: keep-alive\r\n\r\n',
    'POST http://a.b:80/.././x HTTP/1.0\r\nHost: q\r\nContent-Length: 10\r\nTransfer-Encoding: chunked\r\n\r\n',
    'GET /..%2f..%2fetc/passwd%00 HTTP/1.1\r\nHost: [::1]:80\r\nCookie: a\r\nCookie: b\r\n\r\n',
    'OPTIONS * HTTP/1.1\r\nHost: x.\r\nExpect: 100-continue\r\nRange: bytes=0-\r\n\r\n',
    'GET /.%2e/%2e%2e%2f\r\n',
  ],
  pieces: [
    ...[
      '..',
      '/',
      '%2e',
      '%2F',
      '%00',
      '\0',
      '\r',
      '\n',
      '\r\n',
      ' ',
      ':',
      '%',
      '?',
      '#',
      '/../',
      '/./',
      '//',
      'http://',
    ],
    ...['Host: y\r\n', 'Transfer-Encoding: chunked\r\n', 'Content-Length: 1\r\n', ' folded\r\n', '\t', '\x7f', '\xff'],
  ],
  try(text, random) {
    const mergeSlashes = random() < 0.5;
    const whole = parse(text, { mergeSlashes });
    const cuts = [below(text.length, random), below(text.length, random)].sort((a, b) => a - b);
    const cut = parseInPieces(text, cuts, { mergeSlashes });
    assert.deepEqual([cut.result, cut.reason], [whole.result, whole.reason]);
    if (whole.result < 0) assert.ok(whole.reason.startsWith('client sent '));
    if (whole.result <= 0) return false;
    assert.ok(whole.result <= text.length);
    checkAccepted(whole.head);
    return true;
  },
};
