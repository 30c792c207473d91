import { MemoryBlock } from '../../native/memory.js';

/** Bytes in front of the content: longer heads are rare, and go the long way. */
const room = 1024;

/** What a small file holds, in memory: with room for a head in front of it, so that both are one piece. */
export class FileContent {
  /** All of it is shared by all who send the file. */
  readonly block: MemoryBlock;
  readonly bytes: Buffer;
  readonly address: number;
  /** What stands in front of it. */
  private head = '';

  /** @param size bytes */
  constructor(readonly size: number) {
    this.block = new MemoryBlock(room + size);
    this.bytes = this.block.bytes.subarray(room);
    this.address = this.block.address + room;
  }

  /** Where a head begins whose last byte is right before the content; 0 where it is too long. Requests of one second have the same one. */
  behind(head: string): number {
    const { length } = head;
    if (length > room) return 0;
    if (head !== this.head) {
      this.block.bytes.latin1Write(head, room - length, length);
      this.head = head;
    }
    return this.address - length;
  }
}
