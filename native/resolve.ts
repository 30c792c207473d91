import { view } from 'koffi';
import { bindWithStrings } from './libc.js';
import { addressOf, Int64Cell } from './memory.js';
import { SocketAddress } from './sockaddr.js';
import { SOCK_DGRAM } from './socket.js';

/** Names of hosts, as the system knows them (getaddrinfo(3)). Asking may take seconds: for start-up alone. */

const callGetaddrinfo = bindWithStrings<(name: string, service: null, hints: number, out: number) => number>(
  'int getaddrinfo(const char *name, const char *service, uintptr_t hints, uintptr_t out)',
);
const callFreeaddrinfo = bindWithStrings<(list: number) => void>('void freeaddrinfo(uintptr_t list)');

/** `struct addrinfo`, on every 64-bit Linux: four ints, the length of the address, and three pointers. */
const infoSize = 48;
const kindAt = 8;
const lengthAt = 16;
const addressAt = 24;
const nextAt = 40;

/** The addresses of a host, as text; none where nobody knows it. @param name a byte string without NUL */
export function resolveHost(name: string): string[] {
  const hints = Buffer.from(new ArrayBuffer(2 * infoSize));
  // one answer an address, and not one for each kind of socket
  hints.writeInt32LE(SOCK_DGRAM, kindAt);
  const list = new Int64Cell();
  if (callGetaddrinfo(name, null, addressOf(hints), list.address) !== 0) return [];
  const found: string[] = [];
  const address = new SocketAddress();
  for (let at = list.value; at !== 0; ) {
    const info = Buffer.from(view(at, infoSize));
    address.take(new Uint8Array(view(Number(info.readBigUInt64LE(addressAt)), info.readUInt32LE(lengthAt))));
    found.push(address.host);
    at = Number(info.readBigUInt64LE(nextAt));
  }
  callFreeaddrinfo(list.value);
  return found;
}
