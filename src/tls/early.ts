import { Int64Cell, IntCell } from '../../native/memory.js';
import { openssl, SSL_READ_EARLY_DATA_FINISH, SSL_READ_EARLY_DATA_SUCCESS } from '../../native/openssl.js';

/** Bytes that a client may send so, as nginx lets it. */
export const largestEarlyData = 16_384;

/** What a call came to, beside a count of bytes. */
export const noMoreEarly = -1;
export const earlyFailed = 0;

const countCell = new Int64Cell();

/**
 * What a client that takes up a session sends with its first message, before the handshake is done (0-RTT, RFC 8446 §2.3): requests that
 * somebody may have recorded, and sends again. They are read, and answered, until the handshake ends.
 */
export class EarlyData {
  /** Whether there is any shows when a byte of it is read: it is kept here for the first reader. */
  private readonly first = new IntCell();
  private hasFirst = false;
  private isRead = false;
  private isFinished = false;

  constructor(private readonly ssl: number) {}

  /** Whether the handshake is not done yet. */
  get isOpen(): boolean {
    this.isFinished ||= openssl().SSL_is_init_finished(this.ssl) === 1;
    return !this.isFinished;
  }

  /** Begins the handshake: 1 where a request has come early, `noMoreEarly` where it goes on as any other, or `earlyFailed`. */
  begin(): number {
    if (this.isRead) return noMoreEarly;
    const count = this.readSome(this.first.address, 1);
    this.hasFirst = count === 1;
    return count;
  }

  /** Gives a count, `noMoreEarly` where the rest comes by SSL_read, or `earlyFailed`. */
  read(address: number, size: number): number {
    if (this.hasFirst) {
      this.hasFirst = false;
      openssl().memcpy(address, this.first.address, 1);
      return 1;
    }
    return this.isRead ? noMoreEarly : this.readSome(address, size);
  }

  /** Gives a count, or `earlyFailed`. To a client that has not proved who it is, but for the session. */
  write(address: number, size: number): number {
    countCell.value = 0;
    return openssl().SSL_write_early_data(this.ssl, address, size, countCell.address) === 1
      ? countCell.low
      : earlyFailed;
  }

  private readSome(address: number, size: number): number {
    countCell.value = 0;
    const result = openssl().SSL_read_early_data(this.ssl, address, size, countCell.address);
    if (result === SSL_READ_EARLY_DATA_SUCCESS) return countCell.low;
    this.isRead = result === SSL_READ_EARLY_DATA_FINISH;
    return this.isRead ? noMoreEarly : earlyFailed;
  }
}
