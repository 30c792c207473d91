/** Networks in CIDR notation, and the addresses that are in them. */
import { isIPv6, SocketAddress } from 'node:net';
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

/** As inet_addr(3), nginx has it stand for "no address", and reads it as none. */
export const NO_ADDRESS = '\xff\xff\xff\xff';

/** The bytes of an address in nginx's form; undefined where the text is none. */
export function addressBytes(text: string): string | undefined {
  if (isIPv6(text) && !text.includes('%')) return binaryAddress(text);
  const parts = IPV4.exec(text)?.slice(1).map(Number);
  if (parts === undefined || parts.some(part => part > LAST_BYTE)) return undefined;
  const bytes = String.fromCharCode(...parts);
  return bytes === NO_ADDRESS ? undefined : bytes;
}

/** An address of 4 or 16 bytes as text; IPv6 in its short form. */
export function addressText(bytes: string): string {
  const buffer = Buffer.from(bytes, 'latin1');
  if (buffer.length === 4) return buffer.join('.');
  const groups = Array.from({ length: 8 }, (_, i) => buffer.readUInt16BE(2 * i).toString(16));
  return new SocketAddress({ address: groups.join(':'), family: 'ipv6' }).address;
}

/** What is left of an address when only so many bits count. */
export function masked(bytes: string, bits: number): string {
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

/** The peers of unix sockets, which have an address of no bytes. */
export const UNIX_PEERS: Cidr = { bytes: '', bits: 0 };

/** The bytes by which a peer is looked for: 4 too where IPv4 is written as IPv6, none for the peer of a unix socket. */
export function peerBytes(address: string): string {
  if (address.startsWith('unix:')) return '';
  const bytes = binaryAddress(address);
  return mappedIpv4(bytes) ?? bytes;
}

/** Whether a peer is in one of the networks. */
export function isInAny(address: string, networks: readonly Cidr[]): boolean {
  const bytes = peerBytes(address);
  return networks.some(network => isInCidr(bytes, network));
}
