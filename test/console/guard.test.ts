import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { isOwnHost, isOwnOrigin, isUser, type Rights, whyNoControl } from '../../src/console/guard.js';
import { shortAddress } from '../../src/console/web.js';

const user = { name: 'anna', password: 'open sesame: \xfc' };
const rights = (host: string, withUser = false): Rights => ({
  address: { host, port: 8081 },
  user: withUser ? user : null,
});
const basic = (text: string) => `Basic ${Buffer.from(text, 'latin1').toString('base64')}`;

test('control takes the loopback or a password, and a master', () => {
  for (const host of ['127.0.0.1', '127.8.9.1', '::1']) assert.equal(whyNoControl(rights(host), true), '');
  for (const host of ['0.0.0.0', '::', '192.0.2.1', '12.7.0.1', '::ffff:127.0.0.1']) {
    assert.match(whyNoControl(rights(host), true), /console_auth NAME PASSWORD/);
    assert.equal(whyNoControl(rights(host, true), true), '');
  }
  assert.match(whyNoControl(rights('127.0.0.1', true), false), /master_process off/);
});

test('on the loopback, without a password, only names of the loopback are answered', () => {
  for (const name of [
    'localhost',
    'localhost:8081',
    'LOCALHOST:1',
    'x.localhost',
    '127.0.0.1',
    '127.1.2.3:8081',
    '[::1]',
    '[::1]:9',
  ]) {
    assert.ok(isOwnHost(name, rights('127.0.0.1')), name);
  }
  for (const name of [
    '',
    'evil.example',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    '127.0.0.1x',
    '[::2]:8081',
    ':8081',
    '10.0.0.1',
  ]) {
    assert.ok(!isOwnHost(name, rights('127.0.0.1')), name);
  }
  assert.ok(isOwnHost('console.example', rights('127.0.0.1', true)));
  assert.ok(isOwnHost('console.example', rights('0.0.0.0')));
  assert.ok(!isOwnHost('', rights('0.0.0.0')));
});

test('an origin is the own one, or none', () => {
  assert.ok(isOwnOrigin('', 'localhost:8081'));
  assert.ok(isOwnOrigin('http://localhost:8081', 'LOCALHOST:8081'));
  for (const origin of [
    'null',
    'https://localhost:8081',
    'http://localhost',
    'http://localhost:8080',
    'http://evil.example',
    'http://localhost:8081.evil.example',
  ]) {
    assert.ok(!isOwnOrigin(origin, 'localhost:8081'), origin);
  }
});

test('a user is a name and a password, as it is or as its SHA-256', () => {
  assert.ok(isUser(basic('anna:open sesame: \xfc'), user));
  assert.ok(isUser(basic('anna:open sesame: \xfc').replace('Basic', 'bASIC  '), user));
  for (const text of ['anna:', 'anna', ':open sesame: \xfc', 'anne:open sesame: \xfc', 'anna:open sesame: \xfc ', '']) {
    assert.ok(!isUser(basic(text), user), text);
  }
  for (const field of ['', 'Basic', 'Basic !!!', 'Bearer YTpi', basic('anna:x').slice(6)])
    assert.ok(!isUser(field, user), field);
  const hashed = { name: 'anna', password: `sha256:${createHash('sha256').update('secret').digest('hex')}` };
  assert.ok(isUser(basic('anna:secret'), hashed));
  assert.ok(!isUser(basic(`anna:${hashed.password}`), hashed));
});

test('addresses as people write them', () => {
  assert.equal(shortAddress('127.0.0.1'), '127.0.0.1');
  assert.equal(shortAddress('0000:0000:0000:0000:0000:ffff:7f00:0001'), '127.0.0.1');
  assert.equal(shortAddress('0000:0000:0000:0000:0000:0000:0000:0001'), '::1');
  assert.equal(shortAddress('2001:0db8:0000:0000:0000:0000:0000:0001'), '2001:db8::1');
  assert.equal(shortAddress('2001:0db8:0001:0002:0003:0004:0005:0006'), '2001:db8:1:2:3:4:5:6');
});
