/** The programs that people download with. Each test is skipped where its program is not installed. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { missing, noise, sha256, TestServer, ways } from './harness.js';

const large = noise(20_000_000, 3);

/** Fetches the file with the browser, and writes what came of it into the page. */
const page = (way: string) => `<!doctype html><p id="sum">waiting</p><script>
const show = text => { document.getElementById('sum').textContent = text; };
(async () => {
  const response = await fetch('/${way}/large');
  const digest = await crypto.subtle.digest('SHA-256', await response.arrayBuffer());
  const hex = Array.from(new Uint8Array(digest), byte => byte.toString(16).padStart(2, '0')).join('');
  const part = await fetch('/${way}/large', { headers: { Range: 'bytes=100-199' }, cache: 'no-store' });
  show([response.status, hex, part.status, (await part.arrayBuffer()).byteLength].join(' '));
})().catch(error => show(String(error)));
</script>`;

let server: TestServer;
let folder: string;
before(async () => {
  const site = { listen: ['127.0.0.1:{port}', '[::1]:{port}'], httpLines: 'types { text/html html; }' };
  server = await TestServer.start(site, { large, 'on.html': page('on'), 'off.html': page('off') });
});
after(() => server.stop());
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'zerocopy-client-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

interface Run {
  readonly code: number | null;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** Runs a program in the folder of the test to its end. */
function run(program: string, ...args: string[]): Promise<Run> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'], timeout: 30_000 });
    const stdout: Buffer[] = [];
    let stderr = '';
    child.stdout.on('data', chunk => stdout.push(chunk));
    child.stderr.on('data', chunk => {
      stderr += chunk;
    });
    child.on('error', reject);
    child.on('close', code => resolve({ code, stdout: Buffer.concat(stdout), stderr }));
  });
}

function saved(): string {
  return sha256(readFileSync(join(folder, 'large')));
}

for (const way of ways) {
  describe(`sendfile ${way}`, () => {
    const url = () => `http://localhost:${server.port}/${way}/large`;

    test('curl: whole, resumed, several files of one connection', { skip: missing('curl') }, async () => {
      const whole = await run('curl', '-sf', url());
      assert.equal(whole.code, 0, whole.stderr);
      assert.equal(sha256(whole.stdout), sha256(large));

      writeFileSync(join(folder, 'large'), large.subarray(0, 7_654_321));
      const resumed = await run('curl', '-sf', '-C', '-', '-O', url());
      assert.equal(resumed.code, 0, resumed.stderr);
      assert.equal(saved(), sha256(large));

      const several = await run('curl', '-sfr', '0-999999', '-w', '%{num_connects}', url(), '-r', '0-999999', url());
      assert.equal(several.code, 0, several.stderr);
      const [first, connects] = [several.stdout.subarray(0, 1_000_000), several.stdout.toString('latin1').slice(-1)];
      assert.equal(sha256(first), sha256(large.subarray(0, 1_000_000)));
      assert.equal(connects, '0', 'the second one came over the connection of the first');
    });

    test('wget -c goes on with half a file', { skip: missing('wget') }, async () => {
      writeFileSync(join(folder, 'large'), large.subarray(0, large.length / 2));
      const { code, stderr } = await run('wget', '-c', '--tries=1', url());
      assert.equal(code, 0, stderr);
      assert.match(stderr, /206 Partial Content/);
      assert.equal(saved(), sha256(large));
    });

    test('aria2c -x8 fetches eight parts at once', { skip: missing('aria2c') }, async () => {
      const { code, stdout } = await run('aria2c', '-x8', '-s8', '-k1M', '--file-allocation=none', url());
      assert.equal(code, 0, stdout.toString());
      assert.equal(saved(), sha256(large));
      const parts = server
        .accessLog()
        .split('\n')
        .filter(line => line.includes(`/${way}/large`) && /aria2/.test(line));
      assert.ok(parts.filter(line => line.includes(' 206 ')).length >= 4, parts.join('\n'));
    });

    test('Chromium: fetch() in a page', { skip: missing('chromium') }, async () => {
      const browser = await run(
        'chromium',
        ...['--headless', '--no-sandbox', '--disable-gpu', '--no-first-run', `--user-data-dir=${folder}`],
        ...['--virtual-time-budget=10000', '--dump-dom', `http://localhost:${server.port}/${way}.html`],
      );
      assert.equal(browser.code, 0, browser.stderr);
      const sum = /<p id="sum">(.*?)<\/p>/.exec(browser.stdout.toString())?.[1];
      assert.equal(sum, `200 ${sha256(large)} 206 100`);
    });
  });
}
