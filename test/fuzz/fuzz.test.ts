/** A short run of `npm run fuzz`. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RequestHead } from '../../src/http/request-head.js';
import { RequestParser } from '../../src/http/request-parser.js';
import { defaults, parse, seeded } from '../http/parse-helpers.js';
import { fuzz } from './target.js';
import { targets } from './targets.js';

for (const [target, count] of targets.map((target, at) => [target, [6000, 20_000, 2000][at]!] as const)) {
  test(`mutated ${target.name}`, () => {
    const { accepted, refused } = fuzz(target, count, 20261120);
    // or else it was always the same that was tried
    assert.ok(accepted > count / 100 && refused > count / 100, `${accepted} accepted, ${refused} refused`);
  });
}

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
