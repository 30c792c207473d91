/**
 * Identifiers of clients: four numbers of 32 bits, the service, the second, the process and a counter, as a byte string. Version 2 has them
 * as the network does, version 1 as this machine.
 */
import { randomBytes } from 'node:crypto';

const NUMBERS = 4;
const BYTES = 4 * NUMBERS;
/** Of the base64 of one, without the two characters of padding. */
export const CHARACTERS = 22;
/** Counters never end in 0, by which nobody is told from somebody. */
const FIRST_COUNT = 0x0303_0302;
const STEP = 0x100;

/** Of this process, for no two to give one identifier away. */
const processMark = randomBytes(4).readUInt32BE();
let firstCount = 1;
let secondCount = FIRST_COUNT;

/** Version 1. @param seconds since 1970 */
export function makeFirst(service: number, seconds: number): string {
  const bytes = Buffer.alloc(BYTES);
  const numbers = [service, seconds, processMark, firstCount];
  for (const [i, number] of numbers.entries()) bytes.writeUInt32LE(number >>> 0, 4 * i);
  firstCount = (firstCount + STEP) >>> 0;
  return bytes.toString('latin1');
}

/** Version 2. @param seconds since 1970 */
export function makeSecond(service: number, seconds: number): string {
  const bytes = Buffer.alloc(BYTES);
  const numbers = [service, seconds, processMark, secondCount];
  for (const [i, number] of numbers.entries()) bytes.writeUInt32BE(number >>> 0, 4 * i);
  secondCount = Math.max((secondCount + STEP) >>> 0, FIRST_COUNT);
  return bytes.toString('latin1');
}

export function encode(identifier: string): string {
  return Buffer.from(identifier, 'latin1').toString('base64');
}

/**
 * Reads the first 22 characters: what follows may be a mark, and there are cookies around with whatever behind them.
 * @returns the identifier; '' for one that is nobody's, and null for what is not base64
 */
export function decode(cookie: string): string | null {
  const text = cookie.slice(0, CHARACTERS);
  const padding = text.indexOf('=');
  const digits = padding === -1 ? text : text.slice(0, padding);
  if (!/^[A-Za-z0-9+/]*$/.test(digits) || digits.length % 4 === 1) return null;
  const bytes = Buffer.alloc(BYTES);
  bytes.write(digits, 'base64');
  return bytes.readUInt32LE(BYTES - 4) === 0 ? '' : bytes.toString('latin1');
}

/** Its numbers as this machine reads them, hexadecimal: as logs have them. */
export function hexadecimal(identifier: string): string {
  const bytes = Buffer.from(identifier, 'latin1');
  const numbers = Array.from({ length: NUMBERS }, (_, i) => bytes.readUInt32LE(4 * i));
  return numbers.map(number => number.toString(16).toUpperCase().padStart(8, '0')).join('');
}
