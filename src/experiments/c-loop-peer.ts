import { quantile } from '../tools/statistics.js';
import { CLoop, type CLoopFigures, type CLoopOptions, findCLoop } from './c-loop.js';
import { medianOf } from './cells.js';
import type { Lab, Plan } from './lab.js';
import { ExperimentError } from './program.js';
import type { Cell, Peer } from './result.js';
import { trim } from './units.js';

/** The loop in C as the other one in the same rounds: what it is asked for, and what is said of how we compare. */

/** How near to it each figure is to be. */
const tolerance = 0.15;
const patience = 600_000;

/** What runs goes with this process. */
const gone = new AbortController();
process.once('exit', () => gone.abort());

/** @returns the loop, or why there is none, as a sentence */
export async function prepareCLoop(lab: Lab): Promise<CLoop | { readonly missing: string }> {
  lab.progress('compiling the loop in C');
  const loop = await findCLoop(gone.signal);
  return typeof loop === 'string' ? { missing: `${loop.charAt(0).toUpperCase()}${loop.slice(1)}.` } : loop;
}

/** @throws ExperimentError with what it says, or where other bytes came than were sent */
export async function runCLoop(
  lab: Lab,
  loop: CLoop,
  { file, bytes }: Plan,
  { zeroCopy, fixedOffset }: { readonly zeroCopy: boolean; readonly fixedOffset: boolean },
): Promise<CLoopFigures> {
  const options: CLoopOptions = {
    path: file.name,
    mode: zeroCopy ? 'sendfile' : 'read-write',
    offset: fixedOffset ? 'fixed' : 'moving',
    block: lab.settings.blockSize,
    size: bytes,
  };
  lab.note(`c-loop ${CLoop.wordsOf(options).join(' ')}`);
  if (lab.settings.cold && !file.sparse) lab.place.drop(file);
  try {
    const figures = await loop.run({ ...options, path: lab.place.file(file.name) }, patience, gone.signal);
    if (figures.bytes === bytes) return figures;
    throw new Error(`${figures.bytes} bytes instead of ${bytes}`);
  } catch (error) {
    throw new ExperimentError(`the loop in C: ${(error as Error).message}`, { cause: error });
  }
}

/** Whether a cell is as near to the loop's figure as it is to be, and the sender's CPU a GB of both. */
export function cLoopNote({ label, samples }: Cell, { name, ratio }: Peer, loop: readonly CLoopFigures[]): string {
  const percent = `${(tolerance * 100).toFixed(0)} %`;
  const ahead = ratio > 1 + tolerance ? `more than ${percent} ahead` : `within ${percent}`;
  const verdict = ratio >= 1 - tolerance ? ahead : `more than ${percent} behind`;
  const ours = medianOf(samples, sample => sample.senderCpuPerGB);
  const theirs = quantile(
    loop.map(({ senderUser, senderSystem, bytes }) => ((senderUser + senderSystem) / bytes) * 1e9),
    0.5,
  );
  return `${label}: ${ratio.toFixed(2)} of the ${name}, ${verdict}. A GB costs the sender ${trim(ours)} s of CPU here, and ${trim(theirs)} s there.`;
}
