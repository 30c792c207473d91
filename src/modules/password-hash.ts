/** The forms of passwords that files for Basic authentication have, but for those of crypt(3): nginx's ngx_crypt. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { md5, md5Into } from './md5.js';

const APR1 = '$apr1$';
const PLAIN = '{PLAIN}';
const SHA = '{SHA}';
const SSHA = '{SSHA}';
const SHA1_SIZE = 20;
const MD5_SIZE = 16;
const LONGEST_SALT = 8;
const ROUNDS = 1000;
/** crypt's own 64 digits. */
const DIGITS = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
/** The bytes of the digest that give four digits each, the first one the highest; the last byte gives two. */
const TRIPLES = [
  [0, 6, 12],
  [1, 7, 13],
  [2, 8, 14],
  [3, 9, 15],
  [4, 10, 5],
] as const;
const LAST_BYTE = 11;

function bytesOf(text: string): Buffer {
  return Buffer.from(text, 'latin1');
}

function sha1(...parts: readonly Buffer[]): Buffer {
  const hash = createHash('sha1');
  for (const part of parts) hash.update(part);
  return hash.digest();
}

function hashSsha(password: string, setting: string): string {
  const given = Buffer.from(setting.slice(SSHA.length), 'base64');
  const salt = given.subarray(SHA1_SIZE);
  return SSHA + Buffer.concat([sha1(bytesOf(password), salt), salt]).toString('base64');
}

/** So many digits of a number, the lowest first. */
function digits(value: number, count: number): string {
  let text = '';
  for (let i = 0; i < count; i++) text += DIGITS[(value >> (6 * i)) & 0x3f];
  return text;
}

/** The first digest of Apache's MD5, which the rounds begin with. */
function firstDigest(key: Buffer, salt: Buffer): Uint8Array {
  const inner = md5(Buffer.concat([key, salt, key]));
  const parts: Uint8Array[] = [key, bytesOf(APR1), salt];
  for (let left = key.length; left > 0; left -= MD5_SIZE) parts.push(inner.subarray(0, Math.min(left, MD5_SIZE)));
  for (let left = key.length; left > 0; left >>= 1) parts.push(left & 1 ? Buffer.alloc(1) : key.subarray(0, 1));
  return md5(Buffer.concat(parts));
}

/** Apache's variant of crypt's MD5: a thousand rounds of it, with the password at changing places. */
function hashApr1(password: string, setting: string): string {
  const rest = setting.slice(APR1.length);
  const salt = bytesOf(rest.split('$', 1)[0]!.slice(0, LONGEST_SALT));
  const key = bytesOf(password);
  const digest = firstDigest(key, salt);
  const message = Buffer.alloc(MD5_SIZE + salt.length + 2 * key.length);
  for (let round = 0; round < ROUNDS; round++) {
    let length = 0;
    const add = (part: Uint8Array) => {
      message.set(part, length);
      length += part.length;
    };
    add(round & 1 ? key : digest);
    if (round % 3 !== 0) add(salt);
    if (round % 7 !== 0) add(key);
    add(round & 1 ? digest : key);
    md5Into(digest, message, length);
  }
  const groups = TRIPLES.map(([a, b, c]) => digits((digest[a]! << 16) | (digest[b]! << 8) | digest[c]!, 4));
  return `${APR1}${salt.toString('latin1')}$${groups.join('')}${digits(digest[LAST_BYTE]!, 2)}`;
}

/**
 * The hash of a password in the form that a file has it in.
 * @param setting what the file has: its form and its salt count
 * @returns undefined where it is crypt(3) that knows the form
 */
export function hashLike(setting: string, password: string): string | undefined {
  if (setting.startsWith(APR1)) return hashApr1(password, setting);
  if (setting.startsWith(PLAIN)) return PLAIN + password;
  if (setting.startsWith(SSHA)) return hashSsha(password, setting);
  if (setting.startsWith(SHA)) return SHA + sha1(bytesOf(password)).toString('base64');
  return undefined;
}

/** Whether two texts are the same. How long that takes says nothing of where they differ. */
export function isSame(one: string, other: string): boolean {
  return timingSafeEqual(createHash('sha256').update(one).digest(), createHash('sha256').update(other).digest());
}
