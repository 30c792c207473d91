import { addressOf, MemoryBlock } from '../../native/memory.js';
import { Counter, counters } from '../scoreboard/counters.js';
import type { FileContent } from './content.js';
import type { DirectReader } from './direct.js';
import type { PageReader } from './pages.js';
import type { OutputBuffers } from './pool.js';

/** Bytes in memory that belong to a body. */
export interface MemoryPiece {
  readonly bytes: Buffer;
}

/** A file that stays open as long as somebody holds it. */
export interface SourceFile {
  readonly fd: number;
  readonly path: string;
  /** Where its bytes are in memory. */
  readonly content?: FileContent | null;
  hold(): void;
  release(): void;
}

/** A range of an opened file that belongs to a body. */
export interface FilePiece {
  readonly file: SourceFile;
  /** Bytes from the file's start. */
  readonly offset: number;
  readonly length: number;
}

export type Piece = MemoryPiece | FilePiece;

/** What a call of `Output.send` came to. */
export const Progress = {
  /** All is on the socket. */
  Done: 0,
  /** The socket takes no more (EAGAIN): go on when epoll reports EPOLLOUT. */
  Full: 1,
  /** It could go on, but the others are to have their turn first. */
  Share: 2,
  /** The connection or the file is of no use any more: `failedCall` and `error` say why. */
  Failed: 3,
  /** A thread reads what comes next from the disk: go on when the owner of `pages` is told. */
  Waiting: 4,
  /** It could go on, but has been as fast as it may be: go on after a while (`limit_rate`). */
  Early: 5,
} as const;
export type Progress = (typeof Progress)[keyof typeof Progress];

/** One of the ways in which a response reaches the socket. */
export interface Output {
  /** Goes on with the transfer until the socket is full, its share of the turn is used up, or all is sent. Never blocks. */
  send(transfer: Transfer): Progress;
}

/** What the ways need to know. */
export interface OutputLimits {
  /** Bytes that one response may send before the others have their turn; 0 is no limit (`sendfile_max_chunk`). */
  readonly share: number;
  /** `output_buffers`: how many, of how many bytes. */
  readonly bufferNumber: number;
  readonly bufferSize: number;
  /** Whether only full packets go out until all is sent (`tcp_nopush`, with sendfile). */
  readonly cork: boolean;
}

/** A range of a file, where that is in memory. */
function bytesOf({ file: { content }, offset, length }: FilePiece): Buffer | null {
  return content ? content.bytes.subarray(offset, offset + length) : null;
}

/** What a file holds, where that is in memory, and the piece is all of it. */
function wholeContent(piece: Piece): FileContent | null {
  if (!('file' in piece) || !piece.file.content) return null;
  return piece.length === piece.file.content.size ? piece.file.content : null;
}

/** Head and small parts of bodies are laid end to end here before they are written; longer parts are written from where they are. */
const scratchSize = 16 * 1024;
const scratch = new MemoryBlock(scratchSize);

const nothing: readonly Piece[] = [];

/** Stands for a call that has failed where the pool takes no more jobs. */
export const queueOverflow = 'thread pool';

/**
 * A response on its way to a socket: what is left of it, and what it has cost. There is one for each connection, used
 * again and again. Bytes in memory come first (`memory…`), then the piece at `index` from `offset` on.
 */
export class Transfer {
  private pieces = nothing;
  private index = 0;
  /** Bytes in memory that go out next: their address and how many are left. */
  memoryAddress = 0;
  memoryLength = 0;
  /** Keeps the memory that `memoryAddress` points into. */
  private memory: MemoryBlock | Buffer | null = null;
  /** Others lay theirs there as soon as this response waits. */
  private isShared = false;
  /** The file piece that is being sent, and how far it has come. */
  file: SourceFile | null = null;
  fileOffset = 0;
  fileLength = 0;
  buffers: OutputBuffers | null = null;
  /** For output buffers: what they held is written, and they are to be filled again. */
  roundIsOver = true;
  /** For sendfile: TCP_CORK is set. */
  isCorked = false;
  limits: OutputLimits | null = null;
  /** Bytes that may go out before the others have their turn, of the next call of `Output.send`; 0 is no limit. */
  share = 0;
  /** Who reads in what is not in memory; null where the outputs may wait for the disk (`aio off`). */
  pages: PageReader | null = null;
  /** Who reads a large file past the page cache (`directio`). */
  direct: DirectReader | null = null;
  /** Where the connection is encrypted: the counter of its bytes. Else -1. */
  secured = -1;

  sendfileCalls = 0;
  preadCalls = 0;
  writevCalls = 0;
  eagainCount = 0;
  /** Bytes that the kernel has taken. */
  bytesSent = 0;

  failedCall = '';
  /** The errno (positive), or 0 when the file ended before its time. */
  error = 0;

  constructor(readonly fd: number) {}

  /**
   * Begins a response. Nothing of an earlier one may be left.
   * @param head a byte string, '' for none
   */
  begin(head: string, pieces: readonly Piece[], limits: OutputLimits): void {
    this.limits = limits;
    this.share = limits.share;
    this.resetCounts();
    this.failedCall = '';
    this.error = 0;
    this.pieces = pieces;
    this.index = 0;
    this.roundIsOver = true;
    this.memoryLength = 0;
    this.isShared = false;
    const content = pieces.length === 1 ? wholeContent(pieces[0]!) : null;
    if (content !== null && this.useContent(head, content)) {
      this.index = 1;
    } else if (head.length > scratchSize) {
      this.useMemory(Buffer.from(head, 'latin1'));
    } else if (head.length > 0) {
      scratch.bytes.latin1Write(head, 0, head.length);
      this.useScratch();
      this.memoryLength = head.length;
    }
    this.pages?.begin();
    this.advance();
  }

  /** Nothing is sent yet, and has cost nothing: what was counted is of the response before. */
  resetCounts(): void {
    this.sendfileCalls = this.preadCalls = this.writevCalls = this.eagainCount = 0;
    this.bytesSent = 0;
  }

  /** Whether pieces follow the present one. */
  get hasMorePieces(): boolean {
    return this.index < this.pieces.length;
  }

  /** Whether nothing is left to send. */
  get isDone(): boolean {
    return this.memoryLength === 0 && this.fileLength === 0 && !this.hasMorePieces;
  }

  /** Makes the next piece current, as far as the present one is used up. */
  advance(): void {
    while (this.fileLength === 0 && this.index < this.pieces.length) {
      const piece = this.pieces[this.index];
      const bytes = 'bytes' in piece ? piece.bytes : bytesOf(piece);
      if (bytes !== null) {
        if (!this.takeMemory(bytes)) return;
      } else if ('file' in piece) {
        this.file = piece.file;
        this.fileOffset = piece.offset;
        this.fileLength = piece.length;
      }
      this.index += 1;
    }
  }

  /** Puts bytes behind those in memory, if they fit there or nothing else is there. */
  private takeMemory(bytes: Buffer): boolean {
    if (bytes.length === 0) return true;
    if (this.memoryLength === 0 && bytes.length > scratchSize) {
      this.useMemory(bytes);
      return true;
    }
    if (this.memoryLength === 0) this.useScratch();
    const used = this.memoryAddress - scratch.address + this.memoryLength;
    if (this.memory !== scratch || used + bytes.length > scratchSize) return false;
    bytes.copy(scratch.bytes, used);
    this.memoryLength += bytes.length;
    return true;
  }

  private useScratch(): void {
    this.memory = scratch;
    this.memoryAddress = scratch.address;
    this.isShared = true;
  }

  private useContent(head: string, content: FileContent): boolean {
    const address = content.behind(head);
    if (address === 0) return false;
    this.memory = content.block;
    this.memoryAddress = address;
    this.memoryLength = head.length + content.size;
    this.isShared = true;
    return true;
  }

  private useMemory(bytes: Buffer): void {
    // a small Buffer may live in V8's own heap, which moves things
    const fixed = bytes.length > 64 ? bytes : Buffer.from(new ArrayBuffer(bytes.length)).fill(bytes);
    this.memory = fixed;
    this.isShared = false;
    this.memoryAddress = addressOf(fixed);
    this.memoryLength = fixed.length;
  }

  /** Those bytes in memory. */
  get memoryBytes(): Buffer {
    const { memory, memoryLength } = this;
    if (memory === null) return Buffer.alloc(0);
    const [bytes, address] =
      memory instanceof MemoryBlock ? [memory.bytes, memory.address] : [memory, addressOf(memory)];
    const from = this.memoryAddress - address;
    return bytes.subarray(from, from + memoryLength);
  }

  /** The kernel has taken `count` bytes of those in memory. */
  memorySent(count: number): void {
    this.memoryAddress += count;
    this.memoryLength -= count;
    this.bytesSent += count;
    counters[Counter.memoryBytes] += count;
  }

  /** Bytes of the file piece are on their way: on the socket or in a buffer. */
  fileTaken(count: number): void {
    this.fileOffset += count;
    this.fileLength -= count;
  }

  /** The socket takes no more now. */
  full(): Progress {
    this.eagainCount += 1;
    counters[Counter.eagain] += 1;
    this.keepMemory();
    this.pages?.forget();
    return Progress.Full;
  }

  /** What comes next of the file is not in memory: has a thread read it in. */
  readPages(pages: PageReader): Progress {
    return this.wait(pages.read(this.file as SourceFile, this.fileOffset, this.fileLength));
  }

  /** A thread reads what comes next; or none could be had (`isTaken` is false), and that is the end. */
  wait(isTaken: boolean): Progress {
    if (!isTaken) return this.fail(queueOverflow, 0);
    this.keepMemory();
    return Progress.Waiting;
  }

  /** Before other responses use the memory that they share: what is left there gets a block of its own. */
  keepMemory(): void {
    if (this.memoryLength === 0 || !this.isShared) return;
    const own = new MemoryBlock(this.memoryLength);
    this.memoryBytes.copy(own.bytes);
    this.memory = own;
    this.memoryAddress = own.address;
    this.isShared = false;
  }

  /** The call failed: `errno` is positive, or 0 when the file ended too early. */
  fail(call: string, errno: number): Progress {
    this.failedCall = call;
    this.error = errno;
    return Progress.Failed;
  }

  /** Lets go of everything but the counts. The buffers go back by the caller's hand. */
  end(): void {
    this.pieces = nothing;
    this.index = 0;
    this.memoryLength = 0;
    this.memory = null;
    this.fileLength = 0;
    this.file = null;
    this.direct = null;
    this.limits = null;
  }
}
