/** The servers that files are fetched from. Each is left out where it is not installed. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { accepts, freePort, until } from '../cli/program.js';
import { missing, noise } from '../server/harness.js';
import { FetchBench } from './fetch-support.js';

const body = noise(9_000_001, 1);
/** Seconds since 1970. */
const modified = 1_234_567_890;

const program = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));

/** A server of files in a folder, in the foreground. */
interface FileServer {
  readonly name: string;
  readonly needs: string | null;
  /** @returns the program and its arguments; it writes what it needs into the folder */
  command(folder: string, port: number): string[];
}

const modules = '/usr/lib/apache2/modules';

const servers: readonly FileServer[] = [
  {
    name: 'nginx',
    needs: 'nginx',
    command(folder, port) {
      writeFileSync(
        `${folder}nginx.conf`,
        `daemon off; pid ${folder}nginx.pid; error_log ${folder}error.log;
         events {} http { access_log off; server { listen 127.0.0.1:${port}; root ${folder}root; } }`,
      );
      return ['nginx', '-p', folder, '-e', `${folder}error.log`, '-c', `${folder}nginx.conf`];
    },
  },
  {
    name: 'lighttpd',
    needs: 'lighttpd',
    command(folder, port) {
      writeFileSync(
        `${folder}lighttpd.conf`,
        `server.document-root = "${folder}root"
         server.bind = "127.0.0.1"
         server.port = ${port}
         mimetype.assign = ("" => "application/octet-stream")
         server.errorlog = "${folder}error.log"`,
      );
      return ['lighttpd', '-D', '-f', `${folder}lighttpd.conf`];
    },
  },
  {
    name: 'apache2',
    needs: 'apache2',
    command(folder, port) {
      const loaded = ['mpm_event', 'authz_core'].filter(name => existsSync(`${modules}/mod_${name}.so`));
      writeFileSync(
        `${folder}apache.conf`,
        `${loaded.map(name => `LoadModule ${name}_module ${modules}/mod_${name}.so`).join('\n')}
         ServerName localhost
         ServerRoot ${folder}
         Listen 127.0.0.1:${port}
         PidFile ${folder}apache.pid
         ${process.getuid?.() === 0 ? 'User www-data' : ''}
         ErrorLog ${folder}error.log
         DocumentRoot ${folder}root`,
      );
      return ['apache2', '-f', `${folder}apache.conf`, '-DFOREGROUND'];
    },
  },
  {
    name: 'zerocopy',
    needs: null,
    command: (folder, port) => [
      ...[process.execPath, program, 'serve', `${folder}root`],
      ...['--port', `${port}`, '--no-access-log'],
    ],
  },
];

for (const server of servers) {
  describe(server.name, { skip: server.needs === null ? false : missing(server.needs) }, () => {
    let folder: string;
    let child: ChildProcess;
    let url: string;
    let bench: FetchBench;

    before(async () => {
      folder = `${mkdtempSync(`${tmpdir()}/zerocopy-fetch-`)}/`;
      chmodSync(folder, 0o755);
      mkdirSync(`${folder}root`);
      writeFileSync(`${folder}root/scan.bin`, body);
      writeFileSync(`${folder}root/empty`, '');
      // Apache's tag of a file that has just been written is weak
      utimesSync(`${folder}root/scan.bin`, modified, modified);
      const port = await freePort();
      url = `http://127.0.0.1:${port}/scan.bin`;
      const [name, ...args] = server.command(folder, port);
      child = spawn(name, args, { stdio: 'ignore', env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` } });
      await until(async () => child.exitCode === null && (await accepts(port)), `${server.name} serves`);
    });
    after(async () => {
      child.kill('SIGTERM');
      await until(() => child.exitCode !== null || child.signalCode !== null, 'the server ends');
      rmSync(folder, { recursive: true, force: true });
    });
    beforeEach(() => {
      bench = new FetchBench();
    });
    afterEach(() => bench.clean());

    test('whole, and empty', async () => {
      await bench.fetches(url, '--fsync');
      bench.holds(body);
      assert.equal(Math.floor(statSync(`${bench.got}/scan.bin`).mtimeMs / 1000), modified);
      for (const streams of ['1', '8']) {
        const empty = url.replace('scan.bin', 'empty');
        await bench.fetches(empty, '--streams', streams, '--overwrite');
        assert.equal(bench.bytes('empty').length, 0);
      }
    });

    test('by eight streams', async () => {
      const { stderr } = await bench.fetches(url, '--streams', '8', '--checksum', 'sha-256');
      assert.equal(stderr, '');
      bench.holds(body);
    });

    test('ended, and resumed', async () => {
      const run = bench.start(['fetch', '--dir', bench.got, url, '--rate', '2M']);
      const part = `${bench.got}/.scan.bin.zc-part`;
      await until(() => existsSync(part) && statSync(part).size > 1_000_000, 'a megabyte is there');
      run.child.kill('SIGINT');
      assert.equal((await run.end).code, 130);
      const { stdout } = await bench.fetches(url, '--resume', '--json');
      bench.holds(body);
      const [{ resumedFrom }] = JSON.parse(stdout).receiver.files;
      assert.ok(resumedFrom > 1_000_000 && resumedFrom < body.length, `${resumedFrom}`);
    });
  });
}
