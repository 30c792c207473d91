import { isIPv4, isIPv6 } from 'node:net';
import { MemoryBlock } from './memory.js';

/** Socket addresses as the kernel lays them out (ip(7), ipv6(7), unix(7)), and as text. */

export const AF_UNIX = 1;
export const AF_INET = 2;
export const AF_INET6 = 10;

/** `sizeof(struct sockaddr_storage)`; the length word stands behind it. */
const storageSize = 128;
/** nginx hands accept4 112 bytes: the size of sockaddr_un rounded up. The largest address that is ever used. */
const offeredLength = 112;
const unixPathAt = 2;
const unixPathMax = 108;

/** A block that the kernel reads an address from, or writes one to. */
export class SocketAddress {
  private readonly block = new MemoryBlock(storageSize + 8);
  private readonly bytes = this.block.bytes;
  readonly address = this.block.address;
  readonly lengthAddress = this.block.address + storageSize;
  private readonly lengthWord = new Uint32Array(this.bytes.buffer, this.bytes.byteOffset + storageSize, 1);

  get length(): number {
    return this.lengthWord[0];
  }

  /** Makes room for the kernel to write an address in (accept4, getsockname). */
  expect(): void {
    this.lengthWord[0] = offeredLength;
  }

  /** Takes over an address as the kernel, or the C library, lays it out. */
  take(bytes: Uint8Array): void {
    this.bytes.fill(0, 0, storageSize);
    this.bytes.set(bytes.subarray(0, storageSize));
    this.lengthWord[0] = Math.min(bytes.length, storageSize);
  }

  get family(): number {
    return this.lengthWord[0] < 2 ? AF_UNIX : this.bytes[0] | (this.bytes[1] << 8);
  }

  get port(): number {
    const { family } = this;
    return family === AF_INET || family === AF_INET6 ? (this.bytes[2] << 8) | this.bytes[3] : 0;
  }

  /** `127.0.0.1`, `::1`, or `unix:` as nginx shows the peer of a unix socket, with the path where there is one. */
  get host(): string {
    const { bytes, family } = this;
    if (family === AF_INET) return formatIPv4(bytes, 4);
    if (family === AF_INET6) return formatIPv6(bytes, 8);
    return `unix:${this.unixPath}`;
  }

  private get unixPath(): string {
    const end = Math.min(this.lengthWord[0], unixPathAt + unixPathMax);
    if (end <= unixPathAt) return '';
    const path = this.bytes.latin1Slice(unixPathAt, end);
    const nul = path.indexOf('\0');
    return nul < 0 ? path : path.slice(0, nul);
  }

  /**
   * Sets an internet address.
   * @param host an IPv4 or IPv6 literal, without brackets
   * @throws Error when it is neither
   */
  setInternet(host: string, port: number): this {
    const { bytes } = this;
    bytes.fill(0, 0, storageSize);
    bytes[2] = port >> 8;
    bytes[3] = port & 0xff;
    if (isIPv4(host)) {
      bytes[0] = AF_INET;
      host.split('.').forEach((part, index) => {
        bytes[4 + index] = Number(part);
      });
      this.lengthWord[0] = 16;
    } else if (isIPv6(host) && !host.includes('%')) {
      bytes[0] = AF_INET6;
      parseIPv6(host).forEach((group, index) => {
        bytes.writeUInt16BE(group, 8 + 2 * index);
      });
      this.lengthWord[0] = 28;
    } else {
      throw new Error(`"${host}" is not an IP address`);
    }
    return this;
  }

  /**
   * Sets the path of a unix socket.
   * @throws Error when it does not fit into sun_path (107 bytes and the NUL)
   */
  setUnix(path: string): this {
    if (path.length >= unixPathMax) throw new Error(`unix socket path "${path}" is longer than 107 bytes`);
    this.bytes.fill(0, 0, storageSize);
    this.bytes[0] = AF_UNIX;
    this.bytes.latin1Write(path, unixPathAt);
    this.lengthWord[0] = unixPathAt + path.length + 1;
    return this;
  }
}

/** As a signed number: -1 is 255.255.255.255, from which nobody comes. */
let lastIPv4 = -1;
let lastIPv4Text = '255.255.255.255';

/** The connections of one client have the same string, which is compared with itself at no cost. */
function formatIPv4(bytes: Uint8Array, at: number): string {
  const address = (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3];
  if (address !== lastIPv4) {
    lastIPv4 = address;
    lastIPv4Text = `${bytes[at]}.${bytes[at + 1]}.${bytes[at + 2]}.${bytes[at + 3]}`;
  }
  return lastIPv4Text;
}

/** The eight groups of an IPv6 literal that `net.isIPv6` has accepted. */
function parseIPv6(text: string): number[] {
  const dotted = text.lastIndexOf(':') + 1;
  if (text.includes('.', dotted)) {
    const [a, b, c, d] = text.slice(dotted).split('.').map(Number);
    text = `${text.slice(0, dotted)}${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
  }
  const [head, tail] = text.split('::');
  const groups = (part: string | undefined) => (part ? part.split(':').map(group => Number.parseInt(group, 16)) : []);
  const before = groups(head);
  const after = groups(tail);
  return [...before, ...new Array<number>(8 - before.length - after.length).fill(0), ...after];
}

/** RFC 5952: lower case, the longest run of two and more zero groups as "::". */
function formatIPv6(bytes: Buffer, at: number): string {
  const groups: number[] = [];
  for (let i = 0; i < 8; i++) groups.push(bytes.readUInt16BE(at + 2 * i));
  if (groups[5] === 0xffff && groups.slice(0, 5).every(group => group === 0)) {
    return `::ffff:${bytes[at + 12]}.${bytes[at + 13]}.${bytes[at + 14]}.${bytes[at + 15]}`;
  }
  let best = -1;
  let bestLength = 1;
  for (let i = 0; i < 8; i++) {
    let length = 0;
    while (i + length < 8 && groups[i + length] === 0) length++;
    if (length > bestLength) {
      best = i;
      bestLength = length;
    }
  }
  const hex = (part: number[]) => part.map(group => group.toString(16)).join(':');
  return best < 0 ? hex(groups) : `${hex(groups.slice(0, best))}::${hex(groups.slice(best + bestLength))}`;
}
