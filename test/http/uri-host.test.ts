import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asciiLower, decimalValue } from '../../src/http/ascii.js';
import { escapeHtml, escapeUri, escapeUriComponent } from '../../src/http/escape.js';
import { normalizeHost } from '../../src/http/host.js';
import { normalizePath } from '../../src/http/uri.js';

/** Raw path, the path with slashes merged, and with slashes kept; '' where it is refused. */
const PATHS: [string, string, string][] = [
  ['/', '/', '/'],
  ['/a', '/a', '/a'],
  ['/a/', '/a/', '/a/'],
  ['//', '/', '//'],
  ['//a///b//', '/a/b/', '//a///b//'],
  ['/.', '/', '/'],
  ['/./', '/', '/'],
  ['/a/./b', '/a/b', '/a/b'],
  ['/a/b/..', '/a/', '/a/'],
  ['/a/b/../', '/a/', '/a/'],
  ['/a/b/../../c', '/c', '/c'],
  ['/a//../b', '/b', '/a/b'],
  ['//../b', '', '/b'],
  ['/..', '', ''],
  ['/../', '', ''],
  ['/a/../..', '', ''],
  ['/a/../../b', '', ''],
  ['/.../..a/.b', '/.../..a/.b', '/.../..a/.b'],
  ['/%2e%2e/', '', ''],
  ['/a/%2E%2e/b', '/b', '/b'],
  ['/a%2fb%2F..', '/a/', '/a/'],
  ['/%252e%252e/', '/%2e%2e/', '/%2e%2e/'],
  ['/%20%3f%23%25%41%ff', '/ ?#%A\xff', '/ ?#%A\xff'],
  ['/%0d%0a', '/\r\n', '/\r\n'],
  ['/%00', '', ''],
  ['/%', '', ''],
  ['/%4', '', ''],
  ['/%4g', '', ''],
  ['/%-1', '', ''],
  ['%2fa', '', ''],
  ['a', '', ''],
  ['', '', ''],
];

test('normalizePath', () => {
  for (const [raw, merged, kept] of PATHS) {
    assert.equal(normalizePath(raw, true), merged, raw);
    assert.equal(normalizePath(raw, false), kept, raw);
  }
});

test('normalizePath takes paths longer than any before', () => {
  const long = `/${'%61'.repeat(50000)}`;
  assert.equal(normalizePath(long, true), `/${'a'.repeat(50000)}`);
  assert.equal(normalizePath(`/${'a/../'.repeat(20000)}b`, true), '/b');
});

const HOSTS: [string, string][] = [
  ['a', 'a'],
  ['A.B:80', 'a.b'],
  ['a.', 'a'],
  ['a.:80', 'a'],
  ['a:80.', 'a'],
  ['a:b:c', 'a'],
  ['[::1]', '[::1]'],
  ['[::1]:80', '[::1]'],
  ['[FE80::1]x', '[fe80::1]'],
  ['[::1', '[::1'],
  ['a@b', 'a@b'],
  ['a,b_c', 'a,b_c'],
  ['\xc0.A', '\xc0.a'],
  ['', ''],
  ['.', ''],
  ['..', ''],
  ['a..b', ''],
  [':80', ''],
  ['a/b', ''],
  ['a:/', ''],
  ['[a/b]', ''],
  ['a b', ''],
  ['a\tb', ''],
  ['a\0', ''],
  ['a\x7f', ''],
];

test('normalizeHost, as nginx answers', () => {
  for (const [text, host] of HOSTS) assert.equal(normalizeHost(text), host, JSON.stringify(text));
});

test('escapes, as nginx writes them', () => {
  const printable = Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i)).join('');
  assert.equal(
    escapeUri(`${printable}\x01\x7f\x80\xff`),
    "%20!%22%23$%25&'()*+,-./0123456789:;%3C=%3E%3F@ABCDEFGHIJKLMNOPQRSTUVWXYZ[%5C]%5E_%60abcdefghijklmnopqrstuvwxyz%7B%7C%7D~%01%7F%80%FF",
  );
  assert.equal(
    escapeUriComponent(`${printable}\n`),
    '%20%21%22%23%24%25%26%27%28%29%2A%2B%2C-.%2F0123456789%3A%3B%3C%3D%3E%3F%40ABCDEFGHIJKLMNOPQRSTUVWXYZ%5B%5C%5D%5E_%60abcdefghijklmnopqrstuvwxyz%7B%7C%7D~%0A',
  );
  assert.equal(escapeUri('/plain/path'), '/plain/path');
  assert.equal(escapeHtml('<a href="x">\'&amp;'), '&lt;a href=&quot;x&quot;&gt;&#39;&amp;amp;');
  assert.equal(escapeHtml('plain'), 'plain');
});

test('an escaped path comes back as it was', () => {
  let path = '/';
  for (let code = 1; code < 256; code++) path += String.fromCharCode(code);
  assert.equal(normalizePath(escapeUri(path), true), path);
});

test('small helpers', () => {
  assert.equal(asciiLower('AbZ@[\xc0'), 'abz@[\xc0');
  assert.equal(decimalValue('x0012y', 1, 5), 12);
  assert.equal(decimalValue('9223372036854775807', 0, 19), 2 ** 63);
  assert.equal(decimalValue('9223372036854775808', 0, 19), -1);
  assert.equal(decimalValue('0000000000000000000000000000007', 0, 31), 7);
});
