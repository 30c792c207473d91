import assert from 'node:assert/strict';
import { RequestHead } from '../../src/http/request-head.js';
import { type ParserOptions, RequestParser } from '../../src/http/request-parser.js';

export function defaults(): ParserOptions {
  return {
    mergeSlashes: true,
    ignoreInvalidHeaders: true,
    underscoresInHeaders: false,
    maxHeaders: 1000,
    maxLine: 8192,
    maxHead: 32768,
  };
}

export interface Parsed {
  /** What `parse` returned last. */
  result: number;
  reason: string;
  head: RequestHead;
}

/** Parses a whole text in one call; three times, for what has come twice is known: it has to be the same each time. */
export function parse(text: string, options: Partial<ParserOptions> = {}): Parsed {
  const parser = new RequestParser({ ...defaults(), ...options });
  const first = parseWith(parser, text);
  let last = first;
  for (let again = 0; again < 2; again++) {
    last = parseWith(parser, text);
    assert.deepEqual([last.result, last.reason, facts(last.head)], [first.result, first.reason, facts(first.head)]);
  }
  return last;
}

export function parseWith(parser: RequestParser, text: string): Parsed {
  parser.reset();
  const head = new RequestHead();
  const bytes = Buffer.from(text, 'latin1');
  const result = parser.parse(bytes, 0, bytes.length, head);
  return { result, reason: parser.reason, head };
}

/** Parses it in pieces that end at the given offsets, each time in another buffer and at another place of it. */
export function parseInPieces(text: string, ends: readonly number[], options: Partial<ParserOptions> = {}): Parsed {
  const parser = new RequestParser({ ...defaults(), ...options });
  const head = new RequestHead();
  let result = 0;
  for (const end of [...ends, text.length]) {
    const start = end % 7;
    const bytes = Buffer.from('#'.repeat(start) + text.substring(0, end), 'latin1');
    result = parser.parse(bytes, start, bytes.length, head);
    if (result > 0) result -= start;
    if (result !== 0) break;
  }
  return { result, reason: parser.reason, head };
}

/** All that a head says, as plain data. */
export function facts(head: RequestHead): Record<string, unknown> {
  const all: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(head)) {
    if (key !== 'text' && key !== 'lines') all[key] = value;
  }
  return all;
}

/** A small seeded generator (mulberry32): numbers from 0 to 1. */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
