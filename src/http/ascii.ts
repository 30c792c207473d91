/** Small helpers for byte strings: only the 26 letters of ASCII have a case, whatever the locale or the code page says. */

/** Whether a byte is "A" to "Z". */
export function isUpper(code: number): boolean {
  return code >= 0x41 && code <= 0x5a;
}

/** Whether a byte is "0" to "9". */
export function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

/** The value of a hexadecimal digit, or -1. */
export function hexValue(code: number): number {
  if (isDigit(code)) return code - 0x30;
  const lower = code | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x61 + 10 : -1;
}

/**
 * Lower case for A to Z only. `String.prototype.toLowerCase` would also change the bytes 0xC0 to 0xDE.
 * @returns the same string when there is nothing to change
 */
export function asciiLower(text: string): string {
  let i = 0;
  while (i < text.length && !isUpper(text.charCodeAt(i))) i++;
  if (i === text.length) return text;
  let lower = text.substring(0, i);
  for (; i < text.length; i++) {
    const code = text.charCodeAt(i);
    lower += String.fromCharCode(isUpper(code) ? code | 0x20 : code);
  }
  return lower;
}

/** Whether two byte strings are equal but for the case of A to Z. */
export function equalsIgnoringCase(a: string, b: string): boolean {
  return a.length === b.length && asciiLower(a) === asciiLower(b);
}

/** Digits of 2^63 - 1, the largest file offset there is. */
const LARGEST = '9223372036854775807';

/**
 * The number that the digits from `start` to `end` (exclusive) spell; they must all be digits.
 * @returns the number, rounded above 2^53, or -1 when it is above 2^63 - 1
 */
export function decimalValue(text: string, start: number, end: number): number {
  let from = start;
  while (from < end && text.charCodeAt(from) === 0x30) from++;
  const digits = end - from;
  if (digits > LARGEST.length) return -1;
  if (digits === LARGEST.length && text.substring(from, end) > LARGEST) return -1;
  let value = 0;
  for (let i = from; i < end; i++) value = value * 10 + text.charCodeAt(i) - 0x30;
  return value;
}
