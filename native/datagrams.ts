import { bind, result } from './libc.js';
import { addressOf } from './memory.js';

/** Datagrams, many in one call (sendmmsg(2), recvmmsg(2), udp(7)). Every call returns the kernel's result, or the negative errno. */

/** Each datagram comes with the time at which the kernel took it from the network. */
export const SO_TIMESTAMPNS = 35;
/** Of level IPPROTO_UDP. A message is cut into datagrams of this size by the kernel or the network card (GSO). */
export const UDP_SEGMENT = 103;
/** Of level IPPROTO_UDP. Datagrams of one flow and size may come as one message (GRO). */
export const UDP_GRO = 104;
/** What the kernel cuts one message into at most (UDP_MAX_SEGMENTS, 64 before Linux 6.7). */
export const mostSegments = 64;

const SOL_SOCKET = 1;
const IPPROTO_UDP = 17;
const MSG_TRUNC = 0x20;

const callSendMessages = bind('int sendmmsg(int fd, uintptr_t messages, uint32_t count, int flags)');
const callReceiveMessages = bind(
  'int recvmmsg(int fd, uintptr_t messages, uint32_t count, int flags, uintptr_t timeout)',
);

/** Offsets in 32-bit words. `struct mmsghdr` is a `struct msghdr` of 56 bytes and `msg_len`. */
const wordsPerMessage = 16;
const bytesPerMessage = wordsPerMessage * 4;
const partsAt = 4;
const partCountAt = 6;
const controlAt = 8;
const controlSizeAt = 10;
const flagsAt = 12;
const lengthAt = 14;
const wordsPerPart = 4;
const bytesPerPart = wordsPerPart * 4;

/** `struct cmsghdr`: its length in 8 bytes, level and type; the data of each begins at a multiple of 8. */
const controlHeader = 4;
/** Words of control data for a message: a timestamp (16 bytes of data) and a segment size (4). */
const wordsOfControl = 16;

/**
 * The array that sendmmsg and recvmmsg read: messages, each with a stretch of one common array of parts (`struct iovec`).
 * A list for receiving has room for control data, in which the kernel says when a message came and what it is made of.
 */
export class MessageList {
  readonly address: number;
  private readonly messages: Uint32Array;
  private readonly parts: Uint32Array;
  private readonly partsAddress: number;
  private readonly control: Uint32Array;

  /**
   * @param capacity messages
   * @param partCapacity parts of all messages together
   * @param withControl for receiving
   */
  constructor(
    readonly capacity: number,
    readonly partCapacity: number,
    withControl = false,
  ) {
    this.messages = words(capacity * wordsPerMessage);
    this.address = addressOf(new Uint8Array(this.messages.buffer));
    this.parts = words(partCapacity * wordsPerPart);
    this.partsAddress = addressOf(new Uint8Array(this.parts.buffer));
    this.control = words(withControl ? capacity * wordsOfControl : wordsOfControl);
    if (!withControl) return;
    const control = addressOf(new Uint8Array(this.control.buffer));
    for (let message = 0; message < capacity; message++) {
      putAddress(this.messages, message * wordsPerMessage + controlAt, control + message * wordsOfControl * 4);
    }
  }

  /** @param length bytes, less than 2^32 */
  setPart(part: number, address: number, length: number): void {
    const at = part * wordsPerPart;
    putAddress(this.parts, at, address);
    this.parts[at + 2] = length;
  }

  /** Makes a message of parts. */
  setMessage(message: number, firstPart: number, count: number): void {
    const at = message * wordsPerMessage;
    putAddress(this.messages, at + partsAt, this.partsAddress + firstPart * bytesPerPart);
    this.messages[at + partCountAt] = count;
  }

  /** Makes room for control data again, which every receiving takes away. */
  expect(first: number, count: number): void {
    for (let message = first; message < first + count; message++) {
      this.messages[message * wordsPerMessage + controlSizeAt] = wordsOfControl * 4;
    }
  }

  /** Bytes that were received or sent. */
  length(message: number): number {
    return this.messages[message * wordsPerMessage + lengthAt];
  }

  /** Whether it was longer than its parts. */
  isCut(message: number): boolean {
    return (this.messages[message * wordsPerMessage + flagsAt] & MSG_TRUNC) !== 0;
  }

  /** When the kernel took it from the network, in microseconds since 1970; -1 where it does not tell. */
  arrival(message: number): number {
    const at = this.controlData(message, SOL_SOCKET, SO_TIMESTAMPNS);
    if (at < 0) return -1;
    const { control } = this;
    return (control[at + 1] * 0x1_0000_0000 + control[at]) * 1e6 + control[at + 2] / 1000;
  }

  /** The size of the datagrams that came together as this message (the last may be shorter); 0 where it is one datagram. */
  segmentSize(message: number): number {
    const at = this.controlData(message, IPPROTO_UDP, UDP_GRO);
    return at < 0 ? 0 : this.control[at];
  }

  /** Where the data of a control message is, in words; -1 where there is none. */
  private controlData(message: number, level: number, type: number): number {
    const { control } = this;
    const begin = message * wordsOfControl;
    const end = begin + (this.messages[message * wordsPerMessage + controlSizeAt] >> 2);
    let at = begin;
    while (at + controlHeader < end) {
      if (control[at + 2] === level && control[at + 3] === type) return at + controlHeader;
      at += ((control[at] + 7) & ~7) >> 2;
      if (control[at] === 0) return -1;
    }
    return -1;
  }
}

function words(count: number): Uint32Array {
  return new Uint32Array(new ArrayBuffer(Math.max(64, count * 4)));
}

function putAddress(words: Uint32Array, at: number, address: number): void {
  words[at] = address >>> 0;
  words[at + 1] = (address / 0x1_0000_0000) >>> 0;
}

/**
 * Sends messages of a list in order. With several, an error shows only where it hits the first: the kernel keeps it for the
 * next call else.
 * @returns how many were sent, or the negative errno
 */
export function sendmmsg(fd: number, list: MessageList, first: number, count: number, flags: number): number {
  return result(callSendMessages(fd, list.address + first * bytesPerMessage, count, flags));
}

/**
 * Receives what is there into messages of a list (see `expect`), without waiting on a non-blocking socket.
 * @param flags MSG_TRUNC: `length` is that of the datagram, whatever its parts hold
 * @returns how many were received, or the negative errno
 */
export function recvmmsg(fd: number, list: MessageList, first: number, count: number, flags: number): number {
  return result(callReceiveMessages(fd, list.address + first * bytesPerMessage, count, flags, 0));
}
