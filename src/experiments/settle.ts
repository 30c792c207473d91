import { setTimeout as sleep } from 'node:timers/promises';
import { ended, start } from '../tools/children.js';
import { memoryOf } from './machine.js';

/** So much may be left that the kernel has yet to write, in bytes: something always is. */
const calm = 32 * 2 ** 20;
const pause = 50;
const patience = 30_000;

/** Bytes in the page cache that are yet to be written to a disk. */
function unwritten(): number {
  return memoryOf('Dirty') + memoryOf('Writeback');
}

/** Has the kernel write what it holds back, and waits until it has: one run is not to pay for the one before. */
export async function settle(): Promise<void> {
  if (unwritten() <= calm) return;
  await ended(start('sync', [], { stdio: 'ignore' }));
  const deadline = performance.now() + patience;
  while (unwritten() > calm && performance.now() < deadline) await sleep(pause);
}
