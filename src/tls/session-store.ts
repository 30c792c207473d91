import { createHash } from 'node:crypto';
import { ringSize, TicketRing } from './ticket-ring.js';

/**
 * Sessions that all workers know, in memory that they share. A session has one of the four places that the beginning of its id
 * stands for, and drives out the oldest there. There is no lock: each place has a digest of what is in it, and what was written by
 * two at once, or is just being written, does not match it and is no session.
 */

const placeSize = 1024;
const placesTogether = 4;
/** In a place: when it was written (seconds), bytes of the session, bytes of its id, the digest, the id, the session. */
const stampAt = 0;
const lengthAt = 4;
const idLengthAt = 6;
const digestAt = 8;
const digestSize = 16;
const idAt = digestAt + digestSize;
const idSize = 32;
const sessionAt = idAt + idSize;

/** Bytes of a session that fits; larger ones (with the certificate of a client) may not. */
export const largestSession = placeSize - sessionAt;

export class SessionStore {
  private readonly bytes: Buffer;
  private readonly groups: number;

  /** @param memory zeroed when it is new, and of the same size for all who share it */
  constructor(private readonly memory: ArrayBuffer) {
    this.bytes = Buffer.from(memory);
    this.groups = Math.floor(memory.byteLength / (placeSize * placesTogether));
  }

  /** Bytes for so many sessions, and the keys of tickets behind them. */
  static sizeFor(sessions: number): number {
    return Math.ceil(sessions / placesTogether) * placesTogether * placeSize + ringSize;
  }

  /** Those of all who share the memory. @param lifetime milliseconds for which a session may be taken up again */
  ticketKeys(lifetime: number): TicketRing {
    return new TicketRing(this.memory, this.memory.byteLength - ringSize, Math.max(1, Math.floor(lifetime / 1000)));
  }

  /** @param now seconds @returns whether it fits */
  put(id: Buffer, session: Buffer, now: number): boolean {
    if (session.length > largestSession || id.length < 4 || id.length > idSize) return false;
    const { bytes } = this;
    const at = this.placeOf(id) ?? this.oldestPlace(id);
    bytes.writeUInt16LE(0, at + lengthAt);
    bytes.writeUInt32LE(now, at + stampAt);
    bytes[at + idLengthAt] = id.length;
    id.copy(bytes, at + idAt);
    session.copy(bytes, at + sessionAt);
    digestOf(id, session).copy(bytes, at + digestAt);
    bytes.writeUInt16LE(session.length, at + lengthAt);
    return true;
  }

  get(id: Buffer): Buffer | null {
    const at = this.placeOf(id);
    if (at === undefined) return null;
    const { bytes } = this;
    const length = bytes.readUInt16LE(at + lengthAt);
    if (length === 0 || length > largestSession) return null;
    // a copy: what is shared may change under our eyes
    const session = Buffer.from(bytes.subarray(at + sessionAt, at + sessionAt + length));
    const digest = bytes.subarray(at + digestAt, at + digestAt + digestSize);
    return digestOf(id, session).equals(digest) ? session : null;
  }

  remove(id: Buffer): void {
    const at = this.placeOf(id);
    if (at !== undefined) this.bytes.writeUInt16LE(0, at + lengthAt);
  }

  /** Where the group of places begins that an id may be in. Ids are random. */
  private groupOf(id: Buffer): number {
    return (id.readUInt32LE() % this.groups) * placeSize * placesTogether;
  }

  private placeOf(id: Buffer): number | undefined {
    if (id.length < 4 || id.length > idSize) return undefined;
    return this.places(id).find(
      at =>
        this.bytes[at + idLengthAt] === id.length && this.bytes.subarray(at + idAt, at + idAt + id.length).equals(id),
    );
  }

  /** One that holds nothing, if there is one. */
  private oldestPlace(id: Buffer): number {
    const age = (at: number) =>
      this.bytes.readUInt16LE(at + lengthAt) === 0 ? 0 : this.bytes.readUInt32LE(at + stampAt);
    return this.places(id).reduce((oldest, at) => (age(at) < age(oldest) ? at : oldest));
  }

  private places(id: Buffer): number[] {
    const group = this.groupOf(id);
    return Array.from({ length: placesTogether }, (_, index) => group + index * placeSize);
  }
}

function digestOf(id: Buffer, session: Buffer): Buffer {
  return createHash('sha256').update(id).update(session).digest().subarray(0, digestSize);
}
