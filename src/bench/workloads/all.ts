import { downloadWorkloads } from './downloads.js';
import { fileWorkloads, headerWorkloads } from './requests.js';
import { slow } from './slow.js';
import { tlsWorkloads } from './tls.js';
import type { Workload } from './workload.js';

/** Everything that can be asked for, in the order of the report. */
export const workloads: readonly Workload[] = [
  ...fileWorkloads,
  ...downloadWorkloads,
  ...headerWorkloads,
  slow,
  ...tlsWorkloads,
];

/** Those of --quick: what fits into four minutes. */
export const quickWorkloads: readonly string[] = ['1k', '64k', '100m', 'ranges', '304', 'slow', 'tls-100m', 'tls-full'];
