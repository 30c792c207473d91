/** `split_clients`: a variable that divides clients into parts of given sizes, by a hash. */
import type { ParseContext } from '../conf/directive.js';
import { type BlockLine, defineComputed, definition, linesOf, variableName } from './computed.js';
import type { Module } from './module.js';

/** One part: hashes below `end` that no part before it has taken. */
interface Part {
  readonly end: number;
  readonly value: string;
}

/** Hundredths of a percent. */
const WHOLE = 10_000;
const LAST_HASH = 0xffff_ffff;

const FACTOR = 0x5bd1_e995;

function scramble(word: number): number {
  const spread = Math.imul(word, FACTOR);
  return Math.imul(spread ^ (spread >>> 24), FACTOR);
}

/**
 * MurmurHash2 of a byte string with the seed 0: the hash by which nginx divides, so that a client stays in its part when the server
 * changes.
 * @returns 32 bits, unsigned
 */
export function murmurHash2(text: string): number {
  let hash = text.length;
  let at = 0;
  for (; at + 4 <= text.length; at += 4) {
    let word = 0;
    for (let i = 3; i >= 0; i--) word = (word << 8) | text.charCodeAt(at + i);
    hash = Math.imul(hash, FACTOR) ^ scramble(word);
  }
  if (at < text.length) {
    for (let i = text.length - 1; i >= at; i--) hash ^= text.charCodeAt(i) << (8 * (i - at));
    hash = Math.imul(hash, FACTOR);
  }
  hash = Math.imul(hash ^ (hash >>> 13), FACTOR);
  return (hash ^ (hash >>> 15)) >>> 0;
}

/** The share of a line in hundredths of a percent; all that is left for "*". */
function parseShare(text: string, cx: ParseContext): number {
  if (text === '*') return 0;
  const share = /^(\d*\.?\d{0,2})%$/.exec(text)?.[1];
  const hundredths = share === undefined ? 0 : Math.round(Number(share) * 100);
  return hundredths > 0 ? hundredths : cx.fail(`invalid percent value "${text}"`);
}

function parseParts(lines: readonly BlockLine[], cx: ParseContext): Part[] {
  let taken = 0;
  let end = 0;
  return lines.map(({ words, cx: here }) => {
    if (words.length < 2) here.fail('invalid number of the split_clients parameters');
    const share = parseShare(words[0]!, here);
    taken = share === 0 ? WHOLE : taken + share;
    if (taken > WHOLE) cx.fail('percent total is greater than 100%');
    if (share === 0) return { end: Number.POSITIVE_INFINITY, value: words[1]! };
    end += Math.floor((share * LAST_HASH) / WHOLE);
    return { end, value: words[1]! };
  });
}

function defineParts(args: readonly string[], cx: ParseContext): void {
  const source = cx.complex(args[0]!);
  const name = variableName(args[1]!, cx);
  const parts = parseParts(linesOf(cx), cx);
  defineComputed(name, cx, request => {
    const hash = murmurHash2(source.evaluate(request));
    return parts.find(part => hash < part.end)?.value ?? '';
  });
}

export const splitClients: Module = {
  name: 'split_clients',
  directives: [
    definition(
      'split_clients',
      [2, 2],
      'A variable with one of several values: each line takes a share of all texts (5%, 0.5%, * for what is left), by a hash.',
      defineParts,
    ),
  ],
};
