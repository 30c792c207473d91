/** Reports of transfers that never were, for tests of what is made of them. */
import type { Sample } from '../../src/experiments/result.js';
import type { Interval } from '../../src/transfer/meter.js';
import type { EndReport } from '../../src/transfer/report.js';

export function sample(values: Partial<Sample> = {}): Sample {
  return {
    ...{ gigabitsPerSecond: 40, seconds: 2, senderCpuPerGB: 0.1, receiverCpuPerGB: 0.05 },
    callsPerGB: { sender: 8000, receiver: 2000 },
    ...values,
  };
}

export interface EndChoice {
  readonly role: 'send' | 'receive';
  readonly bytes?: number;
  readonly seconds?: number;
  /** User and system, half of it each. */
  readonly cpuSeconds?: number;
  readonly calls?: number;
  readonly intervals?: readonly Interval[];
}

export function end({
  role,
  bytes = 10e9,
  seconds = 2,
  cpuSeconds = 1,
  calls = 80_000,
  intervals = [],
}: EndChoice): EndReport {
  return {
    ...{ role, bytes, seconds, intervals, transport: 'tcp', path: 'sendfile', settings: {}, softErrors: 0, files: [] },
    gigabitsPerSecond: (bytes * 8) / seconds / 1e9,
    cost: { userSeconds: cpuSeconds / 2, systemSeconds: cpuSeconds / 2, peakMemory: 60e6, calls: { sendfile: calls } },
    callsPerGigabyte: (calls / bytes) * 1e9,
  };
}
