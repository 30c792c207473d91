import { transferChecks } from '../checks.js';
import { isClientWrite, isFileRead, isKernelMove } from '../normalise.js';
import type { CopyHop, CopyPath, Recording } from '../report.js';
import { type Scenario, sizeText } from '../scenario.js';
import type { Step } from '../steps.js';
import { download } from './download.js';

/** The four steps from the disk to the network, and which of them the processor makes. */
export const copies: Scenario = {
  ...download,
  name: 'copies',
  about: 'Disk, page cache, user space, socket, network: who copies how many bytes, in how many calls',
  title: ({ size }) => `The way of ${sizeText(size)} from the disk to the network, each copy counted`,
  showsBlog: false,
  check: (recording, { size }, mode) => transferChecks(recording, size, mode),
  copies: recordings => recordings.map(pathOf),
};

function pathOf(recording: Recording, place: number): CopyPath {
  const steps = recording.normal.steps;
  const reads = steps.filter(isFileRead);
  const moves = steps.filter(isKernelMove);
  const writes = steps.filter(step => isClientWrite(step) && !isKernelMove(step));
  const sent = sum(writes) + sum(moves);
  const fromDisk = recording.figures.bytesFromDisk ?? 0;
  const hops: CopyHop[] = [device('disk', 'page cache', fromDisk, true)];
  if (reads.length > 0) hops.push(copied('page cache', 'user space', reads));
  if (moves.length > 0) hops.push({ ...copied('page cache', 'socket', moves), how: 'passed by reference' });
  hops.push(copied('user space', 'socket', writes));
  hops.push(device('socket', 'network', sent, false));
  return {
    recording: place,
    hops,
    copiedByProcessor: sum(reads) + sum(writes),
    calls: reads.length + moves.length + writes.length,
  };
}

/** What a device does by itself (DMA): no call asks for it. Of the disk, /proc counts it; the loopback has no device. */
function device(from: 'disk' | 'socket', to: 'page cache' | 'network', bytes: number, counted: boolean): CopyHop {
  return { from, to, bytes, by: '', calls: 0, how: 'fetched by the device', counted };
}

function copied(from: 'page cache' | 'user space', to: 'user space' | 'socket', steps: readonly Step[]): CopyHop {
  const by = [...new Set(steps.map(({ name }) => name))].join(', ');
  return { from, to, bytes: sum(steps), by, calls: steps.length, how: 'copied by the processor', counted: true };
}

function sum(steps: readonly Step[]): number {
  return steps.reduce((total, { result }) => total + Math.max(0, result), 0);
}
