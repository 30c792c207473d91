import type { ChildProcess } from 'node:child_process';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { ended, start } from '../../tools/children.js';
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
export const startWorkload: Workload = {
  name: 'start',
  title: 'The start of zerocopy serve DIR',
  files: ['1k.bin'],
  metrics: ['start'],
  about: ({ rounds }) =>
    `${roundsOf(rounds)} starts of each in turn; "node -e 0" begins and ends, and does nothing; both on any core`,
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
  const turns = [
    { entry: serve, time: () => timeToFirstByte(place.root) },
    { entry: nothing, time: timeOfNothing },
  ];
  const outcome: Outcome = { workload: startWorkload, entries: [serve, nothing] };
  try {
    await place.make('1k.bin', signal);
    for (let round = 1; round <= roundsOf(rounds) && !signal.aborted; round++) {
      progress(startWorkload.name, `round ${round} of ${roundsOf(rounds)}`);
      for (const { entry, time } of turns.reverse()) {
        entry.samples.push({ values: { start: await time() }, requests: 0, hashed: 0 });
      }
    }
  } catch (error) {
    if (!signal.aborted) serve.failure = (error as Error).message;
  }
  return outcome;
}

/** Bound to no core: so it is started by people, and Node has threads that compile meanwhile. */
function node(...args: string[]): ChildProcess {
  return start(process.execPath, args, { stdio: 'ignore' });
}

/** Milliseconds. */
async function timeOfNothing(): Promise<number> {
  const begun = performance.now();
  await ended(node('-e', '0'));
  return performance.now() - begun;
}

/** Milliseconds. @throws Error where no byte comes */
async function timeToFirstByte(root: string): Promise<number> {
  const port = await freePort();
  const begun = performance.now();
  const child = node(program, 'serve', root, '--port', `${port}`);
  try {
    while (!(await answers(port))) {
      if (child.exitCode !== null || performance.now() - begun > patience) throw new Error('it does not come up');
      await sleep(pause);
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
