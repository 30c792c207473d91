/** `zerocopy cert`: what it makes is good, and what is there stays. */
import assert from 'node:assert/strict';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, test } from 'node:test';
import { makeSelfSigned } from '../../src/tls/self-signed.js';
import { Bench } from './program.js';

let bench: Bench;
beforeEach(() => {
  bench = new Bench();
});
afterEach(() => bench.clean());

const day = 86_400_000;

test('without names it is for this machine, for 90 days', async () => {
  const out = `${bench.folder}new/folder`;
  const { code, stdout, stderr } = await bench.run(['cert', '--out', out]);
  assert.equal(code, 0, stderr);
  const certificate = new X509Certificate(readFileSync(`${out}/cert.pem`));
  assert.equal(certificate.subjectAltName, 'DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1');
  assert.equal(certificate.ca, false);
  assert.ok(certificate.checkHost('localhost') && certificate.checkIP('::1'));
  assert.ok(certificate.checkPrivateKey(createPrivateKey(readFileSync(`${out}/key.pem`))));
  assert.ok(certificate.verify(certificate.publicKey));
  const days = (Date.parse(certificate.validTo) - Date.now()) / day;
  assert.ok(days > 89.9 && days <= 90, `${days}`);
  assert.equal(statSync(`${out}/key.pem`).mode & 0o777, 0o600);
  assert.equal(statSync(`${out}/cert.pem`).mode & 0o777, 0o644);
  assert.ok(stdout.includes(`ssl_certificate_key ${out}/key.pem;`) && stdout.includes(`curl --cacert ${out}/cert.pem`));
});

test('for names, wildcards and addresses, as JSON', async () => {
  const names = ['data.example', '*.data.example', '192.0.2.7', '2001:db8::7'];
  const { stdout, code, stderr } = await bench.run(['cert', ...names, '--out', bench.folder, '--days', '7', '--json']);
  assert.equal(code, 0, stderr);
  const told = JSON.parse(stdout);
  const certificate = new X509Certificate(readFileSync(told.certificate));
  assert.deepEqual([told.names, told.sha256], [names, certificate.fingerprint256]);
  assert.ok(
    certificate.checkHost('a.data.example') && certificate.checkIP('2001:db8::7') && certificate.checkIP('192.0.2.7'),
  );
  assert.match(certificate.subject, /CN=data\.example/);
  assert.equal(Date.parse(told.until), Date.parse(certificate.validTo));
});

test('what is there stays, unless --force replaces it', async () => {
  writeFileSync(`${bench.folder}key.pem`, 'mine', { mode: 0o644 });
  const refused = await bench.run(['cert', '--out', bench.folder]);
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /key\.pem" is there already: --force replaces the pair/);
  assert.equal(readFileSync(`${bench.folder}key.pem`, 'latin1'), 'mine');
  const forced = await bench.run(['cert', '--out', bench.folder, '--force']);
  assert.equal(forced.code, 0, forced.stderr);
  assert.equal(statSync(`${bench.folder}key.pem`).mode & 0o777, 0o600);
});

test('mistakes are told', async () => {
  const mistakes: [args: string[], message: RegExp][] = [
    [['no name'], /"no name" is neither a host name nor an address/],
    [['a,DNS:b'], /neither a host name/],
    [['*'], /neither a host name/],
    [['a.example', '--days', '0'], /--days "0": give a number from 1 to 3650/],
    [['a.example', '--out', '/dev/null'], /ENOTDIR|EEXIST|mkdir/],
  ];
  for (const [args, message] of mistakes) {
    const { code, stderr } = await bench.run(['cert', ...args]);
    assert.ok(code !== 0);
    assert.match(stderr, message);
  }
});

test('each certificate has a key and a number of its own; a long name is not cut off', () => {
  const long = `${'a'.repeat(60)}.${'b'.repeat(60)}.example`;
  const [one, other] = [makeSelfSigned([long], 1), makeSelfSigned([long], 1)];
  const [first, second] = [one, other].map(({ certificate }) => new X509Certificate(certificate));
  assert.notEqual(first.serialNumber, second.serialNumber);
  assert.notEqual(one.key, other.key);
  assert.ok(first.checkHost(long));
  assert.throws(() => makeSelfSigned(['a', 'not a name,with:colon'], 1), /X509V3_EXT_conf_nid/);
});
