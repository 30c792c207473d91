/** What is measured, and how it is written. */

export interface Metric {
  readonly label: string;
  readonly better: 'more' | 'less';
  /** Digits after the point. */
  readonly digits: number;
}

export const metrics = {
  rate: { label: 'requests/s', better: 'more', digits: 0 },
  gigabits: { label: 'Gbit/s', better: 'more', digits: 1 },
  cpuRequest: { label: 'CPU µs a request', better: 'less', digits: 1 },
  cpuGigabyte: { label: 'CPU s a GB', better: 'less', digits: 3 },
  handshakes: { label: 'handshakes/s', better: 'more', digits: 0 },
  cpuHandshake: { label: 'CPU ms a handshake', better: 'less', digits: 3 },
  p50: { label: 'p50 ms', better: 'less', digits: 2 },
  p99: { label: 'p99 ms', better: 'less', digits: 2 },
  perConnection: { label: 'KB a connection', better: 'less', digits: 2 },
  worker: { label: 'worker MB', better: 'less', digits: 0 },
  start: { label: 'ms to the first byte', better: 'less', digits: 0 },
  memory: { label: 'memory MB', better: 'less', digits: 0 },
} as const satisfies Readonly<Record<string, Metric>>;

export type MetricName = keyof typeof metrics;

/** What one measurement of one server came to. */
export type Values = Partial<Record<MetricName, number>>;
