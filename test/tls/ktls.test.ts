/**
 * Where the kernel can encrypt: the check that shows it, as anybody can run it. On other kernels there is no such test, and none that is
 * skipped: there, CI runs the check in a virtual machine.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { packageFolder } from '../../src/cli/place.js';
import { canUseKtls, describeTls } from '../../src/server/tls-setup.js';
import { tlsNotice, whyNoKtls } from '../../src/tls/server.js';
import { missing, TestServer } from '../server/harness.js';
import { Certificates } from './certificates.js';
import { pair, tlsSite } from './support.js';

const hasPrograms = ['curl', 'openssl', 'strace'].every(name => missing(name) === false);
const programPath = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));
const canCheck = hasPrograms && canUseKtls() && process.getuid?.() === 0;

describe('TLS by the kernel', () => {
  test('why it can or cannot be is told', () => {
    assert.match(whyNoKtls(false), /the kernel module "tls" is not there: modprobe tls|the OpenSSL within Node/);
    assert.match(tlsNotice(true), /^TLS by OpenSSL 3\.\S+ .*; /);
    assert.match(describeTls(), canUseKtls() ? /the kernel can encrypt \(kTLS\)/ : /no kTLS: \S+/);
  });

  test('a start says so in the error log, and -V on standard error', { skip: missing('openssl') }, async () => {
    const certificates = new Certificates().selfSigned('server');
    const server = await TestServer.start(tlsSite(pair(certificates, 'server')));
    try {
      await server.logged(`: ${describeTls()}\n`);
      assert.match(server.errorLog(), /\[notice\] \d+#\d+: TLS by /);
    } finally {
      await server.stop();
      certificates.remove();
    }
    const { stderr } = spawnSync(process.execPath, [programPath, '-V'], { encoding: 'latin1' });
    assert.ok(stderr.includes(`\n${describeTls()}\n`), stderr);
  });

  if (canCheck) {
    test('sendfile, TCP_ULP and TLS_TX are seen, and the bytes are those of the file', () => {
      const { status, stdout, stderr } = spawnSync(`${packageFolder()}test/tls/ktls-check.sh`, { encoding: 'latin1' });
      assert.equal(status, 0, `${stdout}${stderr}`);
    });
  }
});
