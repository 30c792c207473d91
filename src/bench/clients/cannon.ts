import { createRequire } from 'node:module';
import type { HistogramData } from '../histogram.js';

/** What autocannon is told, and what comes of it; without autocannon, which takes a while to load. */

export interface CannonSettings {
  readonly url: string;
  readonly connections: number;
  readonly seconds: number;
  readonly pipelining: number;
  /** Requests a second of all connections; 0: as many as can be. */
  readonly rate: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Seconds that an answer may take. */
  readonly timeout: number;
}

/** What a load came to. */
export interface CannonResult {
  /** Answers that came whole. */
  readonly requests: number;
  readonly seconds: number;
  /** Bytes of the answers, with their heads. */
  readonly bytes: number;
  /** By status. */
  readonly statuses: Readonly<Record<string, number>>;
  /** Bytes of the bodies, and how many had each length: of one status, and no more than `mostLengths` of them. */
  readonly lengths: readonly LengthCount[];
  /** Answers that took too long. */
  readonly timeouts: number;
  /** Connections that could not be made, or ended before they had answered anything. */
  readonly broken: number;
  /** Answers whose connection ended in the middle of them. */
  readonly cut: number;
  /** Requests whose connection, which had answered others, ended before the answer began: they were made again on another one. */
  readonly unanswered: number;
  /** Connections that the server ended with an answer that said so: servers do that, after so many requests. */
  readonly closed: number;
  readonly latency: HistogramData;
  /** Answers of each second. */
  readonly perSecond: readonly number[];
  /** The share of a core that this client took: near 1, it is the limit and not the server. */
  readonly clientLoad: number;
}

export interface LengthCount {
  readonly status: number;
  readonly length: number;
  readonly count: number;
}

/** Above this share of a core a client is called the limit. */
export const clientLimit = 0.9;

export const autocannonVersion = (createRequire(import.meta.url)('autocannon/package.json') as { version: string })
  .version;
