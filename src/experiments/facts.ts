import { counted } from '../tools/words.js';
import type { ExperimentReport } from './result.js';

/** What the figures of a report were taken on, as names and values. */
export type Fact = readonly [name: string, value: string];

export function factsOf({ machine, started, pageCache, fileSystem }: ExperimentReport): Fact[] {
  const { cpu, cores, memory, kernel, node, congestionControl } = machine;
  return [
    ['Started', started.replace(/^([\d-]+)T(\d+:\d+).*Z$/, '$1 $2 UTC')],
    ['Processor', `${cpu}, ${counted(cores, 'core')}`],
    ['Memory', `${(memory / 2 ** 30).toFixed(1)} GiB`],
    ['Kernel', kernel],
    ['Node', node],
    ['TCP', `congestion control ${congestionControl}`],
    ['Files', `on ${fileSystem}, page cache ${pageCache}${cacheWords[pageCache]}`],
  ];
}

const cacheWords: Readonly<Record<ExperimentReport['pageCache'], string>> = {
  warm: " (the source's pages were in memory)",
  cold: " (the source's pages were dropped before each run)",
};

/** What all figures are counted in. */
export const unitsNote =
  'Gbit/s are 10^9 bits a second, and CPU seconds and system calls are for 10^9 bytes; a GB in words and the GBytes of interval lines are 2^30 bytes, as in the paper.';
