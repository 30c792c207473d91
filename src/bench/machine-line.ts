import type { Machine } from '../tools/machine.js';

/** `AMD EPYC, 2 cores, 24 GB, Linux 6.18, Node v20.20.0, load average 0.31`. */
export function machineLine({ processor, cores, memory, kernel, node, loadAverage }: Machine): string {
  return `${processor}, ${cores} cores, ${memory} GB, ${kernel}, Node ${node}, load average ${loadAverage.toFixed(2)}`;
}
