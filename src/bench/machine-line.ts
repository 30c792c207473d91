import type { Machine } from '../tools/machine.js';

/** `AMD EPYC, 2 cores, 24 GB, Linux 6.18, TCP with bbr, Node v20.20.0, load average 0.31`. */
export function machineLine(machine: Machine): string {
  const { processor, cores, memory, kernel, congestionControl, node, loadAverage } = machine;
  return `${processor}, ${cores} cores, ${memory} GB, ${kernel}, TCP with ${congestionControl}, Node ${node}, load average ${loadAverage.toFixed(2)}`;
}
