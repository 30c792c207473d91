import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RequestHead } from '../../src/http/request-head.js';
import { RequestParser } from '../../src/http/request-parser.js';
import { defaults, parse, parseInPieces, seeded } from './parse-helpers.js';

const SEEDS = [
  'GET /a/../b/%2e%2e/%2E./c%2fd//e?x=1#f HTTP/1.1\r\nHost: h:1\r\nConnection: keep-alive\r\n\r\n',
  'POST http://a.b:80/.././x HTTP/1.0\r\nHost: q\r\nContent-Length: 10\r\nTransfer-Encoding: chunked\r\n\r\n',
  'GET /..%2f..%2fetc/passwd%00 HTTP/1.1\r\nHost: [::1]:80\r\nCookie: a\r\nCookie: b\r\n\r\n',
  'OPTIONS * HTTP/1.1\r\nHost: x.\r\nExpect: 100-continue\r\nRange: bytes=0-\r\n\r\n',
  'GET /.%2e/%2e%2e%2f\r\n',
];
const PIECES = [
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
  'Host: y\r\n',
];

/** One to four cuts, doublings, replacements and insertions. */
function mutate(text: string, random: () => number): string {
  let mutant = text;
  for (let i = 1 + Math.floor(random() * 4); i > 0; i--) {
    const at = Math.floor(random() * (mutant.length + 1));
    const length = Math.floor(random() * 5);
    const kind = Math.floor(random() * 4);
    let put = '';
    if (kind === 0) put = PIECES[Math.floor(random() * PIECES.length)];
    else if (kind === 1) put = String.fromCharCode(Math.floor(random() * 256));
    else if (kind === 2) put = mutant.substring(at, at + length).repeat(2);
    mutant = mutant.substring(0, at) + put + mutant.substring(at + (kind === 0 ? 0 : length));
  }
  return mutant;
}

/** What no accepted request may have, whatever was sent. */
function checkAccepted(head: RequestHead, what: string): void {
  assert.ok(head.path.startsWith('/'), what);
  assert.ok(!head.path.includes('\0'), what);
  assert.ok(!/(^|\/)\.{1,2}(\/|$)/.test(head.path), what);
  assert.ok(!/[\r\n\0 ]/.test(head.target + head.args + head.host), what);
  assert.ok(!(head.chunked && head.contentLength >= 0), what);
  assert.ok(head.version !== 1001 || head.hostHeader !== '', what);
}

test('mutated requests: nothing is thrown, nothing dangerous accepted, and cutting changes nothing', () => {
  const random = seeded(20261120);
  let accepted = 0;
  let refused = 0;
  for (let round = 0; round < 6000; round++) {
    const text = mutate(SEEDS[round % SEEDS.length], random);
    const what = JSON.stringify(text);
    const mergeSlashes = random() < 0.5;
    const whole = parse(text, { mergeSlashes });
    const cut = parseInPieces(text, [Math.floor(random() * text.length)], { mergeSlashes });
    assert.deepEqual([cut.result, cut.reason], [whole.result, whole.reason], what);
    if (whole.result < 0) refused++;
    if (whole.result < 0) assert.ok(whole.reason.startsWith('client sent '), what);
    if (whole.result <= 0) continue;
    accepted++;
    assert.ok(whole.result <= text.length, what);
    checkAccepted(whole.head, what);
  }
  assert.ok(accepted > 300 && refused > 300, `${accepted} accepted, ${refused} refused`);
});

test('64 KB of random bytes never throw', () => {
  const random = seeded(7);
  const noise = Buffer.from(Array.from({ length: 65536 }, () => Math.floor(random() * 256)));
  const prefixes = ['', 'GET /', 'GET / HTTP/1.1\r\n', 'GET / HTTP/1.1\r\nHost: '];
  const parser = new RequestParser(defaults());
  const head = new RequestHead();
  for (const prefix of prefixes) {
    const bytes = Buffer.concat([Buffer.from(prefix), noise]);
    for (let start = 0; start < 2000; start += prefix === '' ? 1 : 2000) {
      parser.reset();
      assert.ok(parser.parse(bytes, start, bytes.length, head) <= bytes.length);
    }
  }
});

test('".." in every encoding stays below the root', () => {
  const dots = ['.', '%2e', '%2E'];
  const slashes = ['/', '%2f', '%2F', '//', '/./'];
  for (const a of dots) {
    for (const b of dots) {
      for (const slash of slashes) {
        const up = `${a}${b}`;
        for (const path of [`/${up}`, `/${up}${slash}etc`, `/a${slash}${up}${slash}${up}${slash}etc`]) {
          assert.equal(parse(`GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`).result, -400, path);
        }
        const inside = parse(`GET /a${slash}${up}${slash}b HTTP/1.1\r\nHost: x\r\n\r\n`);
        assert.equal(inside.head.path, '/b', `${slash}${up}`);
      }
    }
  }
});
