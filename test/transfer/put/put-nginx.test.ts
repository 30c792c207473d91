/** `zerocopy put` to nginx, and what it asks of the kernel. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { findProgram } from '../../../src/tools/programs.js';
import { accepts, freePort, until } from '../../cli/program.js';
import { content, PutBench } from './support.js';

const nginx = findProgram('nginx');
const strace = findProgram('strace');
const program = fileURLToPath(new URL('../../../src/cli/main.js', import.meta.url));

describe('nginx', { skip: nginx === undefined && 'nginx is not installed', concurrency: 2 }, () => {
  let bench: PutBench;
  let port: number;
  let server: ChildProcess;

  before(async () => {
    bench = new PutBench();
    port = await freePort();
    for (const name of ['root', 'root/small', 'temp']) mkdirSync(bench.folder + name);
    // where the tests run as root, nginx's worker is somebody else
    for (const name of ['', 'root', 'root/small', 'temp']) chmodSync(bench.folder + name, 0o777);
    bench.write('nginx.conf', configuration(bench.folder, port));
    server = spawn(nginx ?? '', ['-p', bench.folder, '-c', `${bench.folder}nginx.conf`], { stdio: 'ignore' });
    await until(() => accepts(port), 'nginx answers');
  });
  after(async () => {
    server.kill('SIGQUIT');
    await new Promise(resolve => server.on('close', resolve));
    await bench.clean();
  });

  const url = (place: string) => `http://localhost:${port}${place}`;
  const stored = (name: string) => readFileSync(`${bench.folder}root/${name}`);

  for (const way of ['--zero-copy', '--no-zero-copy']) {
    test(`stores what it is sent with ${way}, and replaces it`, async () => {
      const place = `/new${way}/scan`;
      const first = await bench.run(['put', bench.path, url(place), way]);
      assert.equal(first.code, 0, first.stderr);
      assert.match(first.stdout, /: 201 Created\n$/);
      assert.ok(stored(place).equals(content));
      const other = bench.file(`other${way}`, content.subarray(7));
      const second = await bench.run(['put', other, url(place), way]);
      assert.equal(second.code, 0, second.stderr);
      assert.match(second.stdout, /: 204 No Content\n$/);
      assert.ok(stored(place).equals(content.subarray(7)));
    });
  }

  test('stores an empty file, and one whose name is to be escaped', async () => {
    const path = bench.file('100 % #1.bin', Buffer.alloc(0));
    const { code, stderr } = await bench.run(['put', path, url('/')]);
    assert.equal(code, 0, stderr);
    assert.equal(stored('100 % #1.bin').length, 0);
  });

  test('refuses what is too large before the body', async () => {
    const { code, stderr } = await bench.run(['put', bench.path, url('/small/x')]);
    assert.equal(code, 1);
    assert.match(stderr, /"413 Request Entity Too Large": the file is larger than the server takes/);
    assert.ok(!existsSync(`${bench.folder}root/small/x`));
  });

  test('refuses what is too large while the body comes', async () => {
    const path = bench.file('large.bin', Buffer.alloc(20_000_000));
    const { code, stderr } = await bench.run(['put', path, url('/small/x'), '--header', 'Expect:']);
    assert.equal(code, 1);
    assert.match(stderr, /"413 Request Entity Too Large"/);
    assert.doesNotMatch(stderr, /again from the start/);
  });

  test('takes no PUT where none is configured', async () => {
    const { code, stderr } = await bench.run(['put', bench.path, url('/closed/x')]);
    assert.equal(code, 1);
    assert.match(stderr, /"405 Not Allowed": this place takes no PUT/);
  });

  test('the kernel moves the file: sendfile, and no read of it', { skip: straceIsMissing() }, async () => {
    const trace = `${bench.folder}trace`;
    const calls = ['-e', 'trace=openat,sendfile,pread64,read'];
    const words = ['-f', ...calls, '-o', trace, process.execPath, program, 'put', bench.path, url('/traced')];
    const child = spawn(strace ?? '', words, { stdio: 'ignore' });
    assert.equal(await new Promise(resolve => child.on('close', resolve)), 0);
    const lines = readFileSync(trace, 'latin1').split('\n');
    const [, file] =
      lines.map(line => /openat\(.*scan\.bin".* = (\d+)$/.exec(line)).find(found => found !== null) ?? [];
    assert.ok(file !== undefined, 'the file is opened');
    const own = lines.filter(line => line.includes(`(${file}, `) || line.includes(`, ${file}, `));
    const sent = own.filter(line => line.includes('sendfile(')).map(line => Number(/ = (\d+)$/.exec(line)?.[1] ?? 0));
    assert.equal(
      sent.reduce((sum, bytes) => sum + bytes, 0),
      content.length,
    );
    const after = lines.slice(lines.findIndex(line => line.includes('scan.bin"')));
    assert.deepEqual(
      after.filter(line => new RegExp(`(pread64|read)\\(${file}, `).test(line)),
      [],
    );
    assert.ok(stored('traced').equals(content));
  });
});

function straceIsMissing(): string | false {
  return strace === undefined && 'strace is not installed';
}

function configuration(folder: string, port: number): string {
  return `daemon off;
pid ${folder}nginx.pid;
error_log ${folder}error.log;
events {}
http {
  access_log off;
  client_body_temp_path ${folder}temp;
  server {
    listen 127.0.0.1:${port};
    root ${folder}root;
    client_max_body_size 0;
    dav_methods PUT;
    create_full_put_path on;
    location /small/ { client_max_body_size 1m; }
    location /closed/ { dav_methods off; }
  }
}
`;
}
