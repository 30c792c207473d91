/** Calls that a signal interrupts, and that the kernel has no memory for: strace has them fail so. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { findProgram } from '../../../src/tools/programs.js';
import { inFolderAsync } from '../../native/support.js';

const execute = promisify(execFile);
const program = fileURLToPath(new URL('./moving-program.js', import.meta.url));
const size = 200_001;

interface Outcome {
  isRight: boolean;
  ranges: [number, number][];
  soft: number;
}

/**
 * Moves a file in a process whose calls fail.
 * @param faults strace's (strace(1), "Tampering")
 * @param path only the calls on this file of the folder: what loads the program reads files as well
 */
async function moveWith(
  faults: readonly string[],
  source: string,
  sink: string,
  path?: string,
): Promise<{ outcome: Outcome; log: string }> {
  const done: { outcome: Outcome; log: string }[] = [];
  await inFolderAsync(async folder => {
    const traced = 'trace=sendfile,pread64,sendto,recvfrom,splice,pwrite64';
    const options = ['-f', '-e', traced, ...faults.flatMap(fault => ['-e', `inject=${fault}`])];
    if (path !== undefined) options.push('-P', `${folder}/${path}`);
    const words = [...options, process.execPath, program, source, sink, folder, String(size)];
    const { stdout, stderr } = await execute(strace, words, { timeout: 60_000 });
    done.push({ outcome: JSON.parse(stdout), log: stderr });
  });
  return done[0];
}

const strace = findProgram('strace') ?? '';

async function whyNot(): Promise<string | false> {
  if (strace === '') return 'strace is not installed';
  try {
    await execute(strace, ['-e', 'inject=getppid:error=EINTR:when=2..3', 'true']);
    return false;
  } catch (error) {
    return `strace cannot make calls fail here: ${(error as Error).message.trim()}`;
  }
}

const interrupted: readonly { source: string; sink: string; calls: readonly string[]; path?: string }[] = [
  { source: 'sendfile', sink: 'discard', calls: ['sendfile', 'recvfrom'] },
  { source: 'read+write', sink: 'read+write', calls: ['sendto', 'recvfrom', 'pwrite64'] },
  { source: 'read+write', sink: 'read+write', calls: ['pread64'], path: `sent-${size}` },
  { source: 'sendfile', sink: 'splice', calls: ['sendfile', 'splice'] },
];

/** The second try fails as well: so the third is made later. */
const twice = 'when=2..3';

describe('calls that fail and are made again', { skip: await whyNot() }, () => {
  for (const { source, sink, calls, path } of interrupted) {
    test(`interrupted: ${calls.join(', ')} (${source} into ${sink})`, async () => {
      const faults = calls.map(call => `${call}:error=EINTR:when=2+3`);
      const { outcome, log } = await moveWith(faults, source, sink, path);
      for (const call of calls)
        assert.match(log, new RegExp(`${call}\\(.* EINTR .*INJECTED`), `${call} was interrupted`);
      assert.deepEqual(outcome, { isRight: true, ranges: [[0, size]], soft: 0 });
    });
  }

  for (const [source, sink, call, soft] of [
    ['sendfile', 'read+write', 'pwrite64', 1],
    ['sendfile', 'splice', 'splice', 1],
    ['sendfile', 'memory', 'recvfrom', 2],
    ['sendfile', 'discard', 'sendfile', 2],
    ['read+write', 'discard', 'sendto', 2],
  ] as const) {
    test(`without memory: ${call} (${source} into ${sink})`, async () => {
      const { outcome, log } = await moveWith([`${call}:error=ENOMEM:${twice}`], source, sink);
      assert.equal(log.match(/ENOMEM .*INJECTED/g)?.length, 2);
      assert.deepEqual(outcome, { isRight: true, ranges: [[0, size]], soft });
    });
  }
});
