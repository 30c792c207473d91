import type { BenchOptions } from './bench-options.js';
import { UsageError } from './failure.js';

/** `zerocopy bench` without a URL. */
export async function benchComparison(_options: BenchOptions): Promise<void> {
  throw new UsageError('give a URL');
}
