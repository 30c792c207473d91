/** Networks in CIDR notation, and the addresses that are in them. */
import { isIPv6 } from 'node:net';
import { parseInteger } from '../conf/values.js';
import { binaryAddress } from './binary-address.js';

export interface Cidr {
  /** The address of the network: 4 or 16 bytes, as a byte string. */
  readonly bytes: string;
  /** How many bits of it an address has to share. */
  readonly bits: number;
}

const BYTE = 8;
const IPV4 = /^(\d{1,10})\.(\d{1,10})\.(\d{1,10})\.(\d{1,10})$/;
const LAST_BYTE = 255;

/** The bytes of an address in nginx's form; undefined where the text is none. */
export function addressBytes(text: string): string | undefined {
  if (isIPv6(text) && !text.includes('%')) return binaryAddress(text);
  const parts = IPV4.exec(text)?.slice(1).map(Number);
  if (parts === undefined || parts.some(part => part > LAST_BYTE)) return undefined;
  return String.fromCharCode(...parts);
}

/** What is left of an address when only so many bits count. */
function masked(bytes: string, bits: number): string {
  const kept = Array.from(bytes, (char, index) => {
    const left = Math.min(BYTE, Math.max(0, bits - index * BYTE));
    return char.charCodeAt(0) & (0xff00 >> left) & 0xff;
  });
  return String.fromCharCode(...kept);
}

/**
 * Reads `ADDRESS` or `ADDRESS/BITS`.
 * @returns undefined where the text is neither; `exact` is false where bits of the address lie outside of the network
 */
export function parseCidr(text: string): { readonly cidr: Cidr; readonly exact: boolean } | undefined {
  const slash = text.indexOf('/');
  const bytes = addressBytes(slash === -1 ? text : text.slice(0, slash));
  if (bytes === undefined) return undefined;
  const most = bytes.length * BYTE;
  const bits = slash === -1 ? most : parseInteger(text.slice(slash + 1), 0, most);
  if (bits === undefined) return undefined;
  const network = masked(bytes, bits);
  return { cidr: { bytes: network, bits }, exact: network === bytes };
}

/** @param bytes of an address (`binaryAddress`) */
export function isInCidr(bytes: string, { bytes: network, bits }: Cidr): boolean {
  if (bytes.length !== network.length) return false;
  const whole = bits >> 3;
  for (let i = 0; i < whole; i++) if (bytes.charCodeAt(i) !== network.charCodeAt(i)) return false;
  const rest = bits & 7;
  return rest === 0 || ((bytes.charCodeAt(whole) ^ network.charCodeAt(whole)) & (0xff00 >> rest) & 0xff) === 0;
}

const MAPPED_PREFIX = `${'\0'.repeat(10)}\xff\xff`;

/** The four bytes of an IPv4 address that is written as an IPv6 one (`::ffff:1.2.3.4`); null for all others. */
export function mappedIpv4(bytes: string): string | null {
  return bytes.startsWith(MAPPED_PREFIX) ? bytes.slice(MAPPED_PREFIX.length) : null;
}
