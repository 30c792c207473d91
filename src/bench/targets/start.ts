import { spawn } from 'node:child_process';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import { ended } from '../../tools/children.js';
import { freePort } from '../../tools/waiting.js';
import type { Entry, Outcome, ProgressReport } from '../comparison.js';
import type { Workload } from '../workloads/workload.js';
import type { Workplace } from '../workplace.js';

/** As it is installed. */
const program = fileURLToPath(new URL('../../cli/zerocopy.cjs', import.meta.url));
/** More than of loads: one takes a fifth of a second. */
const roundsOf = (rounds: number) => 3 * rounds;
/** ms between two attempts to connect. */
const pause = 2;
const patience = 20_000;
const request = 'GET /1k.bin HTTP/1.1\r\nHost: a\r\n\r\n';

export const serveName = 'zerocopy serve';
export const nothingName = 'node -e 0';

/** What is measured here is no server in turn with others: the comparison does not run it. */
const workload: Workload = {
  name: 'start',
  title: 'From the start to the first byte: zerocopy serve DIR',
  files: ['1k.bin'],
  metrics: ['start'],
  about: ({ rounds }) => `${roundsOf(rounds)} starts of each in turn; "node -e 0" begins and ends, and does nothing`,
  rounds: plan => roundsOf(plan.rounds),
  asks: async () => [],
  warmUp: async () => {},
  measure: () => Promise.reject(new Error('not by the comparison')),
};

/** Starts the program again and again, in turn with a Node that does nothing. */
export async function measureStarts(
  rounds: number,
  place: Workplace,
  progress: ProgressReport,
  signal: AbortSignal,
): Promise<Outcome> {
  const serve: Entry = { peer: serveName, samples: [] };
  const nothing: Entry = { peer: nothingName, samples: [] };
  const outcome: Outcome = { workload, entries: [serve, nothing] };
  await place.make('1k.bin', signal);
  for (let round = 1; round <= roundsOf(rounds) && !signal.aborted; round++) {
    progress(workload.name, `round ${round} of ${roundsOf(rounds)}`);
    try {
      nothing.samples.push(sampleOf(await timeOfNothing()));
      serve.samples.push(sampleOf(await timeToFirstByte(place.root)));
    } catch (error) {
      serve.failure = (error as Error).message;
      break;
    }
  }
  return outcome;
}

function sampleOf(start: number) {
  return { values: { start }, requests: 0, hashed: 0 };
}

/** Milliseconds. */
async function timeOfNothing(): Promise<number> {
  const begun = performance.now();
  await ended(spawn(process.execPath, ['-e', '0'], { stdio: 'ignore' }));
  return performance.now() - begun;
}

/** Milliseconds. @throws Error where no byte comes */
async function timeToFirstByte(root: string): Promise<number> {
  const port = await freePort();
  const begun = performance.now();
  const child = spawn(process.execPath, [program, 'serve', root, '--port', `${port}`], { stdio: 'ignore' });
  try {
    while (!(await answers(port))) {
      if (child.exitCode !== null || performance.now() - begun > patience) throw new Error('it does not come up');
      await new Promise(resolve => setTimeout(resolve, pause));
    }
    return performance.now() - begun;
  } finally {
    child.kill('SIGTERM');
    await ended(child);
  }
}

/** Whether the first byte of an answer has come; false where nobody listens. */
function answers(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect(port, '127.0.0.1', () => socket.write(request));
    const end = (isAnswer: boolean) => {
      socket.destroy();
      resolve(isAnswer);
    };
    socket.once('data', () => end(true));
    socket.once('error', () => end(false));
    socket.once('end', () => end(false));
  });
}
