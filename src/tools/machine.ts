import { availableParallelism, cpus, loadavg, release, totalmem, type } from 'node:os';
import { congestionControl } from '../../native/congestion.js';

/** What the figures were taken on. */
export interface Machine {
  readonly processor: string;
  readonly cores: number;
  /** GiB. */
  readonly memory: number;
  readonly kernel: string;
  readonly node: string;
  /** How TCP paces itself (tcp(7)): with bbr, a response may wait for a timer. */
  readonly congestionControl: string;
  /** Processes that wanted to run in the minute before the run. */
  readonly loadAverage: number;
}

export function describeMachine(): Machine {
  return {
    processor: cpus()[0]?.model.trim() ?? 'unknown processor',
    cores: availableParallelism(),
    memory: Math.round(totalmem() / 2 ** 30),
    kernel: `${type()} ${release()}`,
    node: process.version,
    congestionControl: congestionControl(),
    loadAverage: loadavg()[0]!,
  };
}
