import { downloadWorkloads } from './downloads.js';
import { fileWorkloads, headerWorkloads } from './requests.js';
import { slow } from './slow.js';
import type { Workload } from './workload.js';

/** Everything that can be asked for, in the order of the report. */
export const workloads: readonly Workload[] = [...fileWorkloads, ...downloadWorkloads, ...headerWorkloads, slow];

/** Those of --quick: what fits into three minutes. */
export const quickWorkloads: readonly string[] = ['1k', '64k', '100m', 'ranges', '304', 'slow'];
