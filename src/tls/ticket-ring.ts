import { createHash, randomBytes } from 'node:crypto';
import { TicketKey, type TicketKeys, ticketKeySize } from './ticket-keys.js';

/**
 * Keys of tickets that all workers share and nobody has in a file: each encrypts for as long as a session may be taken up again, and
 * decrypts for as long after that. Then it is overwritten, and who steals memory cannot read what was recorded before.
 *
 * In the memory: who draws keys just now (the second at which it began), and two places, of the present key and the one before.
 */

const digestSize = 16;
/** In a place: until when it encrypts (seconds), the key, the digest of both. */
const keyAt = 4;
const digestAt = keyAt + ticketKeySize;
const placeSize = digestAt + digestSize;
const firstPlace = 4;

/** Bytes of memory that it takes. */
export const ringSize = firstPlace + 2 * placeSize;

/** A worker that has died while it drew keys keeps the others from it for so long (seconds). */
const longestDraw = 10;

export class TicketRing implements TicketKeys {
  private readonly bytes: Buffer;
  private readonly claim: Int32Array;
  /** What was in the memory when it was last looked at, and what it has come to. */
  private seen = Buffer.alloc(0);
  private known: readonly TicketKey[] = [];
  private expires = 0;

  /**
   * @param memory zeroed when it is new
   * @param start of the ring in it, a multiple of 4
   * @param lifetime seconds
   */
  constructor(
    memory: ArrayBuffer,
    start: number,
    private readonly lifetime: number,
  ) {
    this.bytes = Buffer.from(memory, start, ringSize);
    this.claim = new Int32Array(memory, start, 1);
  }

  keys(now: number): readonly TicketKey[] {
    if (now >= this.expires) {
      this.look(now);
      if (now >= this.expires) this.draw(now);
    }
    return this.known;
  }

  /** Takes over what the others have drawn. What is just being written has no digest, and is left alone. */
  private look(now: number): void {
    const seen = Buffer.from(this.bytes.subarray(firstPlace));
    if (seen.equals(this.seen)) {
      if (now >= this.expires + this.lifetime) this.known = [];
      return;
    }
    const places = [seen.subarray(0, placeSize), seen.subarray(placeSize)].filter(isWhole);
    const [present] = places;
    if (present === undefined || !isWhole(seen.subarray(0, placeSize))) return;
    this.seen = seen;
    this.expires = present.readUInt32LE();
    const good = places.filter(place => now < place.readUInt32LE() + this.lifetime);
    this.known = good.map(place => new TicketKey(place.subarray(keyAt, digestAt)));
  }

  /** Draws the next key, where nobody else does. Until it is there, the one before goes on. */
  private draw(now: number): void {
    const since = Atomics.load(this.claim, 0);
    if (since !== 0 && now - since < longestDraw) return;
    if (Atomics.compareExchange(this.claim, 0, since, now) !== since) return;
    // somebody else may have drawn between the look and the claim
    this.look(now);
    if (now >= this.expires) {
      this.bytes.copyWithin(firstPlace + placeSize, firstPlace, firstPlace + placeSize);
      newPlace(now + this.lifetime).copy(this.bytes, firstPlace);
      this.look(now);
    }
    Atomics.store(this.claim, 0, 0);
  }
}

function newPlace(expires: number): Buffer {
  const place = Buffer.alloc(placeSize);
  place.writeUInt32LE(expires);
  randomBytes(ticketKeySize).copy(place, keyAt);
  digestOf(place).copy(place, digestAt);
  return place;
}

function isWhole(place: Buffer): boolean {
  return digestOf(place).equals(place.subarray(digestAt));
}

function digestOf(place: Buffer): Buffer {
  return createHash('sha256').update(place.subarray(0, digestAt)).digest().subarray(0, digestSize);
}
