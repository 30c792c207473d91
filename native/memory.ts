import { address } from 'koffi';

/**
 * Memory that the kernel may be given the address of. V8 never moves the store of an ArrayBuffer (it does move typed
 * arrays of 64 bytes and less that it makes itself, so the ArrayBuffer is always made first), and the address holds as
 * long as the block is referenced: whoever passes an address to the kernel keeps the block.
 */
export class MemoryBlock {
  readonly bytes: Buffer;
  readonly address: number;

  /** @param size bytes, zeroed */
  constructor(readonly size: number) {
    const store = new ArrayBuffer(size);
    this.bytes = Buffer.from(store);
    this.address = addressOf(this.bytes);
  }
}

/** A block whose address is a multiple of `alignment`, as reads and writes past the page cache want it (open(2), O_DIRECT). */
export class AlignedBlock {
  readonly bytes: Buffer;
  readonly address: number;

  /** @param size bytes, zeroed */
  constructor(
    readonly size: number,
    alignment = 4096,
  ) {
    const block = new MemoryBlock(size + alignment);
    const skip = (alignment - (block.address % alignment)) % alignment;
    this.bytes = block.bytes.subarray(skip, skip + size);
    this.address = block.address + skip;
  }
}

/** The address of a Buffer's first byte. The Buffer must be at least 65 bytes long or stand in a larger one (see MemoryBlock). */
export function addressOf(bytes: Uint8Array): number {
  return Number(address(bytes));
}

/** One 64-bit integer, or two of 32, that the kernel reads and writes (sendfile's offset, eventfd's counter, a pipe's ends). */
export class Int64Cell {
  private readonly words = new Uint32Array(new ArrayBuffer(8));
  readonly address = addressOf(new Uint8Array(this.words.buffer));

  get value(): number {
    return this.words[1] * 0x1_0000_0000 + this.words[0];
  }

  get low(): number {
    return this.words[0];
  }

  get high(): number {
    return this.words[1];
  }

  /** @param value 0 to 2^53 */
  set value(value: number) {
    this.words[0] = value >>> 0;
    this.words[1] = (value / 0x1_0000_0000) >>> 0;
  }
}

/** One int, as setsockopt and getsockopt take it. */
export class IntCell {
  private readonly words = new Int32Array(new ArrayBuffer(4));
  readonly address = addressOf(new Uint8Array(this.words.buffer));

  get value(): number {
    return this.words[0];
  }

  set value(value: number) {
    this.words[0] = value;
  }
}

const scratchSize = 8192;
const scratch = new MemoryBlock(scratchSize);
/** What lies at its start: a path that is asked about again and again need not be written again. '' where nobody knows. */
let scratchText = '';

/**
 * A byte string (latin1) as a C string in a block that all such calls share: it holds until the next call of this
 * function. Gives the address, or -1 when the text is too long for a path or holds a NUL, which would cut it short.
 */
export function cString(text: string): number {
  if (text === scratchText && text !== '') return scratch.address;
  const address = cStringAt(0, scratchSize, text);
  if (address >= 0) scratchText = text;
  return address;
}

/** Two of them, for calls that take two paths; null when one of them is too long (half of the block) or holds a NUL. */
export function cString2(first: string, second: string): [number, number] | null {
  scratchText = '';
  const half = scratchSize / 2;
  const one = cStringAt(0, half, first);
  const two = cStringAt(half, half, second);
  return one < 0 || two < 0 ? null : [one, two];
}

function cStringAt(start: number, room: number, text: string): number {
  const { length } = text;
  if (length >= room || text.includes('\0')) return -1;
  scratch.bytes.latin1Write(text, start, length);
  scratch.bytes[start + length] = 0;
  return scratch.address + start;
}
