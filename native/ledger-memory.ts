import type { LibraryHandle } from 'koffi';
import type { CallMemory } from './ledger-calls.js';
import { MemoryBlock } from './memory.js';

/** How many bytes of a buffer the ledger shows. */
const previewSize = 32;
const longestPath = 4096;
const bytesPerPart = 16;
/** Room for the longest array that is read: UIO_MAXIOV parts of an iovec. */
const blockSize = 1024 * bytesPerPart;

/** `struct epoll_event` is packed on x86-64 only. */
const isX64 = process.arch === 'x64';
const bytesPerEvent = isX64 ? 12 : 16;
const dataAt = isX64 ? 4 : 8;

type Copy = (to: number, from: number, size: number) => number;
type Length = (text: number) => number;

/** Copies what lies behind an address into a block of its own, with libc's memcpy: neither makes an object nor sets errno. */
export class ForeignMemory implements CallMemory {
  private readonly block = new MemoryBlock(blockSize);
  private readonly memcpy: Copy;
  private readonly strlen: Length;

  constructor(libc: LibraryHandle) {
    this.memcpy = libc.func('uintptr_t memcpy(uintptr_t to, uintptr_t from, uint64_t size)') as unknown as Copy;
    this.strlen = libc.func('uint64_t strlen(uintptr_t text)') as unknown as Length;
  }

  text(address: number): string {
    const size = Math.min(this.strlen(address), longestPath);
    return this.copy(address, size).latin1Slice(0, size);
  }

  preview(address: number, size: number): string {
    const shown = Math.min(size, previewSize);
    return this.copy(address, shown).latin1Slice(0, shown);
  }

  uint32(address: number): number {
    return this.copy(address, 4).readUInt32LE(0);
  }

  uint64(address: number): number {
    return readUint64(this.copy(address, 8), 0);
  }

  iovec(address: number, count: number): { address: number; length: number }[] {
    const block = this.copy(address, Math.min(count * bytesPerPart, blockSize));
    return Array.from({ length: count }, (_, index) => ({
      address: readUint64(block, index * bytesPerPart),
      length: readUint64(block, index * bytesPerPart + 8),
    }));
  }

  epollEvents(address: number, count: number): [fd: number, mask: number][] {
    const block = this.copy(address, count * bytesPerEvent);
    return Array.from({ length: count }, (_, index) => {
      const at = index * bytesPerEvent;
      return [block.readUInt32LE(at + dataAt), block.readUInt32LE(at)];
    });
  }

  private copy(address: number, size: number): Buffer {
    if (size > 0) this.memcpy(this.block.address, address, size);
    return this.block.bytes;
  }
}

function readUint64(bytes: Buffer, at: number): number {
  return bytes.readUInt32LE(at + 4) * 0x1_0000_0000 + bytes.readUInt32LE(at);
}
