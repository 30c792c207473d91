import { view } from 'koffi';
import { bind, result } from './libc.js';
import { cString } from './memory.js';

/** Memory that several processes share (memfd_create(2), mmap(2)). */

const MFD_CLOEXEC = 1;
const PROT_READ = 1;
const PROT_WRITE = 2;
const MAP_SHARED = 1;

const callMemfdCreate = bind('int memfd_create(uintptr_t name, uint32_t flags)');
const callMmap = bind('int64_t mmap(uintptr_t at, uint64_t size, int protection, int flags, int fd, int64_t offset)');

/**
 * Makes a file that is nowhere but in memory. Give it its size with ftruncate; pages that nobody touches take no memory.
 * @param name shown in /proc/PID/maps
 * @returns its descriptor, or the negative errno
 */
export function memfdCreate(name: string): number {
  return result(callMemfdCreate(cString(name), MFD_CLOEXEC));
}

/**
 * Maps a file: whoever else has mapped it sees what is written. The mapping stays until the process ends, also when the
 * descriptor is closed.
 * @param size bytes
 * @returns its bytes, or the negative errno
 */
export function mapShared(fd: number, size: number): ArrayBuffer | number {
  const address = result(callMmap(0, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0));
  return address < 0 ? address : view(address, size);
}
