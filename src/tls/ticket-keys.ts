import { MemoryBlock } from '../../native/memory.js';
import type { Settings } from '../conf/settings.js';
import { readText } from './failure.js';

export const ticketNameSize = 16;
/** A key with AES-128, and one with AES-256: a name, a key for the HMAC and one for the cipher. */
const shortSize = 48;
export const ticketKeySize = 80;

/** What tickets are encrypted and signed with, where OpenSSL finds it. */
export class TicketKey {
  private readonly block = new MemoryBlock(128);
  /** Of the key for the cipher, and of that for the HMAC. */
  readonly keySize: number;

  /** @param bytes as nginx has them in a file: of 48 bytes the cipher's key comes first, of 80 the HMAC's */
  constructor(bytes: Uint8Array) {
    this.block.bytes.set(bytes);
    this.keySize = bytes.length === shortSize ? 16 : 32;
  }

  get name(): Buffer {
    return this.block.bytes.subarray(0, ticketNameSize);
  }
  get nameAddress(): number {
    return this.block.address;
  }
  get cipherAddress(): number {
    return this.block.address + ticketNameSize + (this.keySize === 16 ? 0 : this.keySize);
  }
  get hmacAddress(): number {
    return this.block.address + ticketNameSize + (this.keySize === 16 ? this.keySize : 0);
  }
}

/** The keys of a context, where OpenSSL does not look after them itself. */
export interface TicketKeys {
  /** The first one encrypts, all of them decrypt. @param now seconds */
  keys(now: number): readonly TicketKey[];
}

/** Those of `ssl_session_ticket_key`, in the order of the directives. @throws Error in nginx's words */
export function readTicketKeys({ sslSessionTicketKey }: Settings): Buffer[] {
  return sslSessionTicketKey.map(path => {
    const bytes = Buffer.from(readText(path), 'latin1');
    if (bytes.length !== shortSize && bytes.length !== ticketKeySize) {
      throw new Error(`"${path}" must be ${shortSize} or ${ticketKeySize} bytes`);
    }
    return bytes;
  });
}

export function fixedKeys(all: readonly Uint8Array[]): TicketKeys {
  const keys = all.map(bytes => new TicketKey(bytes));
  return { keys: () => keys };
}
