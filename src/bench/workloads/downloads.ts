import { counted } from '../../tools/words.js';
import { type FileName, fileSizes } from '../workplace.js';
import { load, sampleOf, warmUpWithRequests } from './load.js';
import { megabytes, wholeFile } from './requests.js';
import type { Plan, Sample, Turn, Workload } from './workload.js';

/** Large files, one after the other over one connection. */

/** Seconds that the downloads of one measurement may take. */
const limit = 120;

function download(name: string, title: string, file: FileName): Workload {
  return {
    ...{ name, title, files: [file], asks: wholeFile(file) },
    about: plan => `${aboutDownloads(plan, file)}, dropped in the kernel of the client (MSG_TRUNC)`,
    metrics: ['gigabits', 'cpuGigabyte', 'memory'],
    rounds: plan => plan.rounds,
    warmUp: warmUpWithDownloads,
    measure: turn => measureDownloads(turn, file),
  };
}

export function aboutDownloads(plan: Plan, file: FileName): string {
  return `${counted(timesOf(plan, file), 'download')} over one connection`;
}

/** As long as that of small requests: a download of 1 GB has few steps, and V8 compiles what has been done often. @throws WrongAnswer */
export function warmUpWithDownloads(turn: Turn): Promise<void> {
  return warmUpWithRequests(turn, 1);
}

/** @throws WrongAnswer */
export async function measureDownloads(turn: Turn, file: FileName): Promise<Sample> {
  const times = timesOf(turn.plan, file);
  const { bytes, seconds, cpu, ...loaded } = await load(turn, { connections: 1, seconds: limit, times });
  // nanoseconds a byte are seconds a gigabyte
  const values = { gigabits: (bytes * 8) / 1e9 / seconds, cpuGigabyte: cpu / bytes, memory: megabytes(turn.peer) };
  return { values, ...sampleOf(loaded), requests: times };
}

function timesOf({ downloadBytes }: Plan, file: FileName): number {
  return Math.max(1, Math.round(downloadBytes / fileSizes[file]));
}

export const downloadWorkloads: readonly Workload[] = [
  download('100m', 'A file of 100 MB', '100m.bin'),
  download('1g', 'A file of 1 GB', '1g.bin'),
];
