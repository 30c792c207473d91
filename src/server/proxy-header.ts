import { EAGAIN, EINTR } from '../../native/errno.js';
import type { MemoryBlock } from '../../native/memory.js';
import { MSG_PEEK, recv } from '../../native/socket.js';
import { addressText } from '../modules/cidr.js';
import type { ProxyHeader } from '../modules/module.js';

/** The client has said nothing. */
export const closedConnection = 'client closed connection';

/** The longest header of version 1, with its CR LF. */
const longestLine = 107;
/** Of version 2, with what the proxy says of TLS and others; version 2 itself would allow 65551. */
const longestHeader = 4096;

const signature = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1');
const firstWord = Buffer.from('PROXY ', 'latin1');
const fixedLength = 16;
const proxyCommand = 1;
const streamTransport = 1;
/** Bytes of an address, by the family. */
const addressLengths = new Map([
  [1, 4],
  [2, 16],
]);

/** A header that is whole: its bytes, and what it says; null where it says nothing (UNKNOWN, LOCAL). */
interface Parsed {
  readonly length: number;
  readonly header: ProxyHeader | null;
}

/** What came of a look at a connection's first bytes: a header, 'more' where they are not all there, or what the error log has of it. */
export type ProxyAnswer = Parsed | 'more' | string;

/**
 * Looks at what has come of the header by which a proxy tells who its client is (PROXY protocol, versions 1 and 2), and takes it off the
 * socket when it is whole. Until then the bytes stay where they are: a sender in pieces costs no memory.
 * @param block room for a header
 * @param isLast nothing more will come
 */
export function readProxyHeader(fd: number, block: MemoryBlock, isLast: boolean): ProxyAnswer {
  const size = Math.min(longestHeader, block.size);
  let count = recv(fd, block.address, size, MSG_PEEK);
  while (count === -EINTR) count = recv(fd, block.address, size, MSG_PEEK);
  if (count === -EAGAIN) return 'more';
  if (count <= 0) return closedConnection;
  const bytes = block.bytes.subarray(0, count);
  const answer = parseProxyHeader(bytes);
  if (answer === 'more' && isLast) return broken(bytes);
  if (typeof answer !== 'string') recv(fd, block.address, answer.length);
  return answer;
}

export function parseProxyHeader(bytes: Buffer): ProxyAnswer {
  if (beginsAlike(bytes, signature)) return bytes.length < fixedLength ? 'more' : parseBinary(bytes);
  if (!beginsAlike(bytes, firstWord)) return broken(bytes);
  const end = bytes.subarray(0, longestLine).indexOf('\r\n');
  if (end >= 0) return parseLine(bytes, end);
  return bytes.length < longestLine ? 'more' : broken(bytes);
}

/** Whether all that is there of a word is the word. */
function beginsAlike(bytes: Buffer, word: Buffer): boolean {
  const length = Math.min(bytes.length, word.length);
  return bytes.compare(word, 0, length, 0, length) === 0;
}

function broken(bytes: Buffer): string {
  const text = bytes.toString('latin1');
  const end = text.search(/[\r\n]/);
  return `broken header: "${end < 0 ? text : text.slice(0, end)}"`;
}

const line = /^PROXY TCP[46] ([\da-fA-F.:]*) ([\da-fA-F.:]*) (\d{1,5}) (\d{1,5})$/;
const lastPort = 65535;

function parseLine(bytes: Buffer, end: number): ProxyAnswer {
  const text = bytes.toString('latin1', 0, end);
  const length = end + 2;
  if (text.startsWith('PROXY UNKNOWN')) return { length, header: null };
  const [, sourceAddress = '', destinationAddress = '', ...ports] = line.exec(text) ?? [];
  const [sourcePort = -1, destinationPort = -1] = ports.map(Number);
  if (sourcePort < 0 || sourcePort > lastPort || destinationPort > lastPort) return broken(bytes);
  return { length, header: { sourceAddress, sourcePort, destinationAddress, destinationPort, records: null } };
}

function parseBinary(bytes: Buffer): ProxyAnswer {
  const version = bytes[12] >> 4;
  if (version !== 2) return `unknown PROXY protocol version: ${version}`;
  const length = fixedLength + bytes.readUInt16BE(14);
  if (length > longestHeader) return 'header is too large';
  if (bytes.length < length) return 'more';
  const size = addressLengths.get(bytes[13] >> 4);
  const isProxied = (bytes[12] & 15) === proxyCommand && (bytes[13] & 15) === streamTransport;
  if (!isProxied || size === undefined) return { length, header: null };
  const portsAt = fixedLength + 2 * size;
  const recordsAt = portsAt + 4;
  if (recordsAt > length) return 'header is too small';
  const address = (at: number) => addressText(bytes.latin1Slice(at, at + size));
  return {
    length,
    header: {
      sourceAddress: address(fixedLength),
      sourcePort: bytes.readUInt16BE(portsAt),
      destinationAddress: address(fixedLength + size),
      destinationPort: bytes.readUInt16BE(portsAt + 2),
      records: recordsAt < length ? Buffer.from(bytes.subarray(recordsAt, length)) : null,
    },
  };
}
