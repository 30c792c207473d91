import { gzipSync } from 'node:zlib';
import { EINTR } from '../../native/errno.js';
import { close, O_APPEND, O_CREAT, O_WRONLY, openAt, write } from '../../native/file.js';
import { MemoryBlock } from '../../native/memory.js';
import type { EventLoop } from '../event/loop.js';
import { Timer } from '../event/timers.js';
import { Complaints } from './complaints.js';

/** Lines are laid here before they are written, unless the log has a buffer of its own. */
const line = new MemoryBlock(64 * 1024);
/** The log whose lines lie there and are not written yet. */
let gatherer: LogFile | null = null;
let gatheredBytes = 0;
let gatheredLines = 0;
let lastGathered = '';

/**
 * A log that is open for appending. Whole lines are written, so that several processes can share the file. A line that
 * cannot be written (disk full, quota) is dropped and counted: the server goes on.
 *
 * Without a buffer, a line is written at once; but where one turn of the loop has many requests, what they say goes into one
 * write, at the latest at the end of the turn.
 */
export class LogFile {
  private fd = -1;
  private readonly buffer: MemoryBlock | null;
  private used = 0;
  /** The last line that did not fit into the shared block. */
  private oversized: MemoryBlock | null = null;
  private readonly flushTimer = new Timer(this);
  readonly complaints: Complaints;

  /**
   * @param bufferSize bytes that may be gathered before they are written; 0 writes each line at once
   * @param flushAfter milliseconds after which gathered lines are written all the same; 0 is never
   * @param gzip the level at which gathered lines are compressed, each time a gzip file of its own; 0 is not
   */
  constructor(
    readonly path: string,
    private readonly loop: EventLoop | null = null,
    bufferSize = 0,
    private readonly flushAfter = 0,
    private readonly gzip = 0,
  ) {
    this.complaints = new Complaints(`write() to "${path}" failed`);
    this.buffer = bufferSize > 0 ? new MemoryBlock(bufferSize) : null;
  }

  /** Opens the file, or opens it anew (after it was moved away). Returns 0 or the negative errno; the old one stays in use then. */
  open(): number {
    this.flush();
    const fd = openAt(this.path, O_WRONLY | O_APPEND | O_CREAT, 0o644);
    if (fd < 0) return fd;
    if (this.fd >= 0) close(this.fd);
    this.fd = fd;
    return 0;
  }

  /** Uses a descriptor that is open already, such as standard error. */
  adopt(fd: number): void {
    this.fd = fd;
  }

  /** @param text a byte string, with its newline */
  write(text: string): void {
    const { buffer } = this;
    if (buffer === null) {
      this.gather(text);
      return;
    }
    if (this.used + text.length > buffer.size) this.flush();
    if (text.length > buffer.size) {
      this.writeOut(text);
      return;
    }
    buffer.bytes.latin1Write(text, this.used, text.length);
    this.used += text.length;
    if (this.flushAfter > 0 && this.loop !== null && !this.flushTimer.isSet) {
      this.loop.setTimer(this.flushTimer, this.flushAfter);
    }
  }

  /** Writes what was gathered. */
  flush(): void {
    if (gatherer === this) writeGathered();
    if (this.buffer === null || this.used === 0) return;
    const { used } = this;
    this.used = 0;
    this.loop?.timers.clear(this.flushTimer);
    if (this.gzip > 0) this.putPacked(this.buffer.bytes.subarray(0, used));
    else this.put(this.buffer.address, used);
  }

  onTimer(): void {
    this.flush();
  }

  onTurnEnd(): void {
    this.flush();
  }

  /** Lays a line behind those that this turn has had already; the last one of the turn takes all with it. */
  private gather(text: string): void {
    if (gatherer !== this || gatheredBytes + text.length > line.size) writeGathered();
    const isLast = this.loop === null || !this.loop.hasMoreEvents;
    if (text.length > line.size || (isLast && gatheredLines === 0)) {
      this.writeOut(text);
      return;
    }
    lay(text);
    gatheredLines += 1;
    if (isLast) writeGathered();
    else if (gatherer === null) {
      gatherer = this;
      this.loop?.atTurnEnd(this);
    }
  }

  close(): void {
    this.flush();
    this.loop?.timers.remove(this.flushTimer);
    if (this.fd > 2) close(this.fd);
    this.fd = -1;
  }

  private writeOut(text: string): void {
    writeGathered();
    if (this.gzip > 0) this.putPacked(Buffer.from(text, 'latin1'));
    else if (text.length <= line.size) {
      line.bytes.latin1Write(text, 0, text.length);
      this.put(line.address, text.length);
    } else {
      // held by the object until the next one: the kernel reads from it
      this.oversized = new MemoryBlock(text.length);
      this.oversized.bytes.latin1Write(text, 0, text.length);
      this.put(this.oversized.address, text.length);
    }
  }

  private putPacked(bytes: Buffer): void {
    const packed = gzipSync(bytes, { level: this.gzip });
    this.oversized = new MemoryBlock(packed.length);
    packed.copy(this.oversized.bytes);
    this.put(this.oversized.address, packed.length);
    this.oversized = null;
  }

  /** @param lines how many they are */
  put(address: number, length: number, lines = 1): void {
    let written = write(this.fd, address, length);
    while (written === -EINTR) written = write(this.fd, address, length);
    if (written === length) return;
    this.complaints.lose(written < 0 ? -written : 0, lines);
  }
}

/** Behind the others. The same line again is copied from there, which takes a third of what writing out a string takes. */
function lay(text: string): void {
  const { length } = text;
  if (gatheredLines > 0 && text === lastGathered) {
    line.bytes.copyWithin(gatheredBytes, gatheredBytes - length, gatheredBytes);
  } else {
    line.bytes.latin1Write(text, gatheredBytes, length);
    lastGathered = text;
  }
  gatheredBytes += length;
}

/** Writes what lies in the shared block. */
function writeGathered(): void {
  if (gatherer === null) return;
  const log = gatherer;
  const bytes = gatheredBytes;
  const lines = gatheredLines;
  gatherer = null;
  gatheredBytes = gatheredLines = 0;
  log.put(line.address, bytes, lines);
}
