/** Records the system calls of a worker with strace(1), and puts them into a form that does not change from run to run. */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { normalise } from '../../src/trace/normalise.js';
import type { NormalTrace } from '../../src/trace/steps.js';
import { parseStrace } from '../../src/trace/strace-parser.js';
import { waitFor } from './client.js';
import { missing, type TestServer } from './harness.js';

/** Why no process can be traced here, or false. */
export function cannotTrace(): string | false {
  const reason = missing('strace');
  if (reason !== false) return reason;
  const { status, stderr } = spawnSync('strace', ['-o', '/dev/null', 'true'], { encoding: 'utf8' });
  return status === 0 ? false : `strace may not trace: ${stderr.trim()}`;
}

/**
 * Records what a process does while `action` runs, until `isOver` says that the trace is complete.
 * @returns the calls of requests
 */
export async function record(
  server: TestServer,
  action: () => Promise<void>,
  isOver: (trace: NormalTrace) => boolean,
): Promise<NormalTrace> {
  const folder = mkdtempSync(join(tmpdir(), 'zerocopy-trace-'));
  const file = join(folder, 'trace');
  const strace = spawn('strace', ['-y', '-p', `${server.workers()[0]}`, '-o', file, '-s', '16'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let stderr = '';
  strace.stderr.on('data', chunk => {
    stderr += chunk;
  });
  try {
    await waitFor('strace is attached', () => stderr.includes('attached'));
    await action();
    const read = () => normalise(parseStrace(readFileSync(file, 'latin1')), { onlyRequests: true });
    await waitFor('the trace is complete', () => isOver(read()));
    return read();
  } finally {
    const ended = new Promise(resolve => strace.once('close', resolve));
    strace.kill('SIGINT');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  }
}
