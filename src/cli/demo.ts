import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { parseOffset } from '../conf/values.js';
import { endOnSignals } from '../tools/children.js';
import { print } from './bytes.js';
import { clientName, download, hashOf } from './demo/client.js';
import { workerTime } from './demo/processor-time.js';
import { type DemoResult, type ModeResult, table } from './demo/report.js';
import { DemoServer } from './demo/server.js';
import { trace } from './demo/strace.js';
import type { DemoOptions } from './demo-options.js';
import { UsageError } from './failure.js';
import { writeRandomFile } from './random-file.js';

/** CPU time is counted in steps of 10 ms: a file is sent as often as it takes to move this much, in bytes. */
const amount = 1024 ** 3;
const maxRounds = 10;

/**
 * `zerocopy demo`: sends a file with sendfile off and with sendfile on, from a server of its own to an HTTP client in another
 * process, compares what arrives, and prints what each way has cost. The exit code is 1 if a byte differs.
 */
export async function demo(options: DemoOptions): Promise<void> {
  const size = parseOffset(options.size);
  if (!size) throw new UsageError(`--size "${options.size}": give bytes, or a number with k, M or G behind`);
  const progress = process.stdout.isTTY && !options.json ? (line: string) => print(`${line}\n`) : () => {};
  const folder = mkdtempSync(`${tmpdir()}/zerocopy-demo-`);
  process.on('exit', () => {
    if (!options.keep) rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  });
  // the children are ended, and the folder is removed, by those who listen to 'exit'
  endOnSignals();
  progress(`Writing ${options.size} of random bytes to ${folder}`);
  const sha256 = makeFile(folder, size);
  const server = await DemoServer.start(folder);
  const rounds = Math.min(maxRounds, Math.ceil(amount / size));
  const off = await measure(server, 'off', sha256, rounds, progress);
  const on = await measure(server, 'on', sha256, rounds, progress);
  await server.stop();
  const callsFrom = off.callsFrom === on.callsFrom ? on.callsFrom : 'log';
  const ok = off.equal && on.equal;
  const result: DemoResult = { size, sha256, rounds, client: clientName(), callsFrom, ok, off, on };
  print(options.json ? `${JSON.stringify(result, null, 2)}\n` : table(result));
  if (options.keep && !options.json) print(`Kept in ${folder}\n`);
  process.exitCode = ok ? 0 : 1;
}

function makeFile(folder: string, size: number): string {
  try {
    return writeRandomFile(`${folder}/test.dat`, size);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    throw new Error(`no room for the file in ${tmpdir()}: give a smaller --size, or another folder in TMPDIR`);
  }
}

/** One way: a download to compare, downloads for the time, and one more for the system calls. */
async function measure(
  server: DemoServer,
  mode: 'off' | 'on',
  sha256: string,
  rounds: number,
  progress: (line: string) => void,
): Promise<ModeResult> {
  const url = server.url(mode);
  progress(`sendfile ${mode}: comparing the bytes`);
  const received = await hashOf(url);
  progress(`sendfile ${mode}: measuring the time of ${rounds} downloads`);
  await server.isQuiet();
  const before = workerTime(server.pid);
  let wall = 0;
  for (let round = 0; round < rounds; round++) wall += await download(url);
  await server.isQuiet();
  const after = workerTime(server.pid);
  progress(`sendfile ${mode}: counting the system calls`);
  const counted = await trace(server, url, mode);
  return {
    ...counted,
    userSeconds: (after.user - before.user) / rounds,
    systemSeconds: (after.system - before.system) / rounds,
    wallSeconds: wall / rounds,
    sha256: received,
    equal: received === sha256,
  };
}
