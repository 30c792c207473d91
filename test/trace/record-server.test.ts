/** The servers that are traced: they come up, do as they are told, and leave nothing behind. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { get } from 'node:http';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { findProgram } from '../../src/tools/programs.js';
import { until } from '../../src/tools/waiting.js';
import { TraceServer } from '../../src/trace/trace-server.js';

const noNginx = findProgram('nginx') === undefined ? 'nginx is not installed' : false;
const servers = [
  { program: 'zerocopy', skip: false },
  { program: 'nginx', skip: noNginx },
] as const;

function bodyOf(url: string): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    get(url, { agent: false }, async response => resolve(Buffer.concat(await response.toArray()))).on('error', reject);
  });
}

function isAlive(pid: number): boolean {
  try {
    // a zombie has ended
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'latin1'));
  } catch {
    return false;
  }
}

for (const { program, skip } of servers) {
  for (const master of [false, true]) {
    test(`${program} ${master ? 'with' : 'without'} a master serves, ends, and is gone`, { skip }, async () => {
      const server = await TraceServer.start({
        program,
        master,
        sendfile: false,
        outputBuffers: { count: 4, size: 16_384 },
        tcpNopush: true,
        sendBuffer: 65_536,
        directives: 'location /other/ { return 204; }',
        files: { 'a/text': 'some text', random: 2_500_000 },
      });
      assert.equal((await bodyOf(server.url('/a/text'))).latin1Slice(), 'some text');
      assert.equal((await bodyOf(server.url('/random'))).length, 2_500_000);
      assert.ok(statSync(server.accessLog).size > 0);
      assert.ok(isAlive(server.pid));
      await server.stop();
      assert.ok(!isAlive(server.pid));
      assert.ok(!existsSync(server.folder));
    });
  }

  test(`${program}: what is wrong with a configuration is said`, { skip }, async () => {
    const start = TraceServer.start({ program, sendfile: true, directives: 'no_such_directive on;', files: {} });
    await assert.rejects(
      start,
      new RegExp(`^Error: ${program} does not serve: .*unknown directive "no_such_directive"`),
    );
  });

  test(`${program}: Ctrl-C ends the server and removes its folder`, { skip }, async () => {
    const path = fileURLToPath(new URL('./record-server-program.js', import.meta.url));
    const child = spawn(process.execPath, [path, program], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    const { pid, folder } = JSON.parse(line.toString()) as { pid: number; folder: string };
    assert.ok(isAlive(pid) && existsSync(folder));
    child.kill('SIGINT');
    const [code] = (await once(child, 'exit')) as [number];
    assert.equal(code, 130);
    assert.ok(!existsSync(folder));
    await until(
      () => !isAlive(pid),
      () => true,
      () => 'the worker lives on',
    );
  });
}
