import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { TransferError } from '../../../src/transfer/failure.js';
import {
  decodeEscapes,
  parseUrl,
  resolveRedirect,
  withCredentials,
  withFileName,
} from '../../../src/transfer/http/url.js';

const basic = (pair: string) => `Basic ${Buffer.from(pair, 'latin1').toString('base64')}`;

describe('URLs', () => {
  const cases: [text: string, host: string, port: number, authority: string, path: string][] = [
    ['http://example.org', 'example.org', 80, 'example.org', '/'],
    ['HTTP://Example.ORG/A', 'example.org', 80, 'example.org', '/A'],
    ['http://example.org:8080/a?b=c', 'example.org', 8080, 'example.org:8080', '/a?b=c'],
    ['http://example.org:80/', 'example.org', 80, 'example.org', '/'],
    ['https://example.org/x', 'example.org', 443, 'example.org', '/x'],
    ['https://example.org:80/x', 'example.org', 80, 'example.org:80', '/x'],
    ['http://[::1]:81/x', '::1', 81, '[::1]:81', '/x'],
    ['http://127.0.0.1/a#part', '127.0.0.1', 80, '127.0.0.1', '/a'],
    ['localhost:8080/file', 'localhost', 8080, 'localhost:8080', '/file'],
    ['example.org', 'example.org', 80, 'example.org', '/'],
    ['http://h/a b"<>', 'h', 80, 'h', '/a%20b%22%3C%3E'],
    ['http://h/a%20b%2F%', 'h', 80, 'h', '/a%20b%2F%'],
    ['http://h/\xc3\xa4?\xe4', 'h', 80, 'h', '/%C3%A4?%E4'],
    ['http://h/a/../b/./c', 'h', 80, 'h', '/b/c'],
    ['http://h?q', 'h', 80, 'h', '/?q'],
  ];
  for (const [text, host, port, authority, path] of cases) {
    test(text, () => {
      const target = parseUrl(text);
      assert.deepEqual([target.host, target.port, target.authority, target.path], [host, port, authority, path]);
      assert.equal(target.secure, text.startsWith('https'));
      assert.equal(target.authorization, undefined);
    });
  }

  test('user and password are for Authorization alone', () => {
    const target = parseUrl('http://me%40home:a%3Ab%E4\xe4@h:81/x');
    assert.equal(target.authorization, basic('me@home:a:b\xe4\xe4'));
    assert.equal(target.url, 'http://h:81/x');
    assert.equal(parseUrl('http://me@h/').authorization, basic('me:'));
    assert.equal(withCredentials(parseUrl('http://a:b@h/'), 'c', 'd:e').authorization, basic('c:d:e'));
  });

  for (const text of [
    '',
    'http://',
    'http:///path',
    'http://h:99999/',
    'http://h:x/',
    'http://a b/',
    'ftp://h/x',
    'file:///etc/passwd',
    'http://[::1/',
  ]) {
    test(`refused: "${text}"`, () => {
      assert.throws(
        () => parseUrl(text),
        (error: unknown) =>
          error instanceof TransferError &&
          error.kind === 'refused' &&
          /^".*": (that is no URL|only http and https)/.test(error.message),
      );
    });
  }
});

test('a password is not in the message', () => {
  assert.throws(
    () => parseUrl('http://me:secret@h:x/'),
    (error: unknown) => error instanceof TransferError && error.message.startsWith('"http://h:x/": that is no URL'),
  );
});

describe('redirects', () => {
  const cases: [base: string, location: string, url: string, isTrusted: boolean][] = [
    ['http://a/x/y?q', 'z', 'http://a/x/z', true],
    ['http://a/x/y', '/z', 'http://a/z', true],
    ['http://a/x/y', '?q', 'http://a/x/y?q', true],
    ['http://a/x', 'http://a:80/z', 'http://a/z', true],
    ['http://a/x', '//b/z', 'http://b/z', false],
    ['http://a/x', 'https://a/x', 'https://a/x', false],
    ['https://a/x', 'http://a/x', 'http://a/x', false],
    ['http://a/x', 'http://a:8080/x', 'http://a:8080/x', false],
    ['http://a/x', 'http://sub.a/x', 'http://sub.a/x', false],
    ['http://a/x', '/\xe4 b', 'http://a/%E4%20b', true],
  ];
  for (const [base, location, url, isTrusted] of cases) {
    test(`${base} to ${location}`, () => {
      const to = resolveRedirect(withCredentials(parseUrl(base), 'u', 'p'), location);
      assert.equal(to.url, url);
      assert.equal(to.authorization, isTrusted ? basic('u:p') : undefined);
    });
  }

  test('a password in the location itself is taken', () => {
    const to = resolveRedirect(parseUrl('http://u:p@a/x'), 'http://v:q@b/y');
    assert.equal(to.authorization, basic('v:q'));
  });

  for (const location of ['ftp://b/', 'http://', 'javascript:alert(1)']) {
    test(`refused: ${location}`, () => {
      assert.throws(
        () => resolveRedirect(parseUrl('http://a/'), location),
        (error: unknown) => error instanceof TransferError && error.kind === 'peer',
      );
    });
  }
});

test('a URL that ends with a slash gets the name of the file', () => {
  const cases: [url: string, name: string, path: string][] = [
    ['http://h/a/', 'b.bin', '/a/b.bin'],
    ['http://h', 'b.bin', '/b.bin'],
    ['http://h/a', 'b.bin', '/a'],
    ['http://h/a/?q=1', 'b', '/a/b?q=1'],
    ['http://h/', 'a b?#%/\xc3\xa4', '/a%20b%3F%23%25%2F%C3%A4'],
  ];
  for (const [url, name, path] of cases) assert.equal(withFileName(parseUrl(url), name).path, path);
});

test('percent escapes are undone, and what is none stays', () => {
  assert.equal(decodeEscapes('a%20b%C3%a4%2f%u0041%4%'), 'a b\xc3\xa4/%u0041%4%');
});
