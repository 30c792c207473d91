/** The program as it is installed: one file, and the code that V8 has made of it. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { childrenOf } from '../../src/tools/processes.js';
import { freePort, until } from '../../src/tools/waiting.js';

const dist = fileURLToPath(new URL('../../', import.meta.url));
const program = `${dist}src/cli/zerocopy.cjs`;
const folder = mkdtempSync(join(tmpdir(), 'zerocopy-bundle-test-'));
after(() => rmSync(folder, { recursive: true, force: true }));
writeFileSync(join(folder, 'page.html'), '<p>served');

function run(args: readonly string[]) {
  return spawnSync(process.execPath, [program, ...args], { encoding: 'utf8' });
}

/** Runs a server until it has answered, and what is to be done with it is done. */
async function serving(
  path: string,
  args: readonly string[],
  port: number,
  act: (pid: number) => unknown,
  env: Readonly<Record<string, string>> = {},
): Promise<void> {
  const child = spawn(process.execPath, [path, ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', text => {
    said += text;
  });
  const answers = () =>
    fetch(`http://127.0.0.1:${port}/page.html`).then(
      async answer => (await answer.text()) === '<p>served' && answer.headers.get('content-type') === 'text/html',
      () => false,
    );
  try {
    await until(
      answers,
      () => child.exitCode === null,
      () => `it does not serve: ${said}`,
    );
    await act(child.pid as number);
  } finally {
    child.kill('SIGTERM');
    if (child.exitCode === null) await once(child, 'exit');
  }
  assert.equal(child.exitCode, 0, said);
}

describe('the program', () => {
  test('is what package.json installs', () => {
    const { bin } = JSON.parse(readFileSync(`${dist}../package.json`, 'utf8')) as { bin: { zerocopy: string } };
    assert.equal(join(dist, '..', bin.zerocopy), program);
    assert.match(readFileSync(program, 'utf8'), /^#!\/usr\/bin\/env node\n/);
  });

  test('serves a folder in one process, and writes a ledger where one is asked for', async () => {
    const port = await freePort();
    const ledger = join(folder, 'ledger');
    const args = ['serve', folder, '--port', `${port}`, '--no-access-log'];
    await serving(program, args, port, pid => assert.deepEqual(childrenOf(pid), []), { ZEROCOPY_LEDGER: ledger });
    assert.match(readFileSync(ledger, 'latin1'), /"sendfile"/);
  });

  test('serves by a configuration, with master and worker', async () => {
    const port = await freePort();
    const config = join(folder, 'server.conf');
    writeFileSync(
      config,
      `daemon off; pid pid; error_log error.log; events {}
       http { access_log off; types { text/html html; } server { listen 127.0.0.1:${port}; root ${folder}; } }`,
    );
    await serving(program, ['-p', `${folder}/`, '-c', config], port, pid => assert.equal(childrenOf(pid).length, 1));
    const { status, stderr } = run(['-t', '-p', `${folder}/`, '-c', config]);
    assert.equal(status, 0);
    assert.match(stderr, /test is successful/);
  });

  test('hands over what is not serving', () => {
    assert.match(run(['-v']).stderr, /^zerocopy version: zerocopy\//);
    assert.match(run(['--version']).stdout, /^\d+\.\d+/);
    assert.match(run(['-h']).stdout, /zerocopy COMMAND/);
    assert.match(run(['serve', '--help']).stdout, /zerocopy serve/);
    assert.match(run(['send', '--help']).stdout, /zerocopy send/);
    const wrong = run(['serve', '/none-there', '--port', '1']);
    assert.equal(wrong.status, 2);
    assert.match(wrong.stderr, /^zerocopy: no such folder: \/none-there$/m);
    assert.equal(run(['nonsense']).status, 2);
  });

  for (const [what, code] of [
    ['of another V8', Buffer.alloc(5000, 'x')],
    ['that is not there', undefined],
  ] as const) {
    test(`starts without kept code ${what}`, async () => {
      const place = mkdtempSync(join(folder, 'copy-'));
      mkdirSync(join(place, 'dist/src/cli'), { recursive: true });
      mkdirSync(join(place, 'dist/bundle'));
      symlinkSync(`${dist}../node_modules`, join(place, 'node_modules'));
      copyFileSync(`${dist}../package.json`, join(place, 'package.json'));
      copyFileSync(program, join(place, 'dist/src/cli/zerocopy.cjs'));
      copyFileSync(`${dist}bundle/server.cjs`, join(place, 'dist/bundle/server.cjs'));
      if (code !== undefined) writeFileSync(join(place, 'dist/bundle/server.code'), code);
      const port = await freePort();
      const args = ['serve', folder, '--port', `${port}`, '--no-access-log'];
      await serving(join(place, 'dist/src/cli/zerocopy.cjs'), args, port, () => {});
    });
  }
});
