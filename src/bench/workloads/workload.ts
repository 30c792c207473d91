import type { Ask } from '../clients/ask.js';
import type { HistogramData } from '../histogram.js';
import type { MetricName, Values } from '../metrics.js';
import type { RunningPeer } from '../peers/running.js';
import type { Secured } from '../secured.js';
import type { FileName, Workplace } from '../workplace.js';

/** How much is measured. */
export interface Plan {
  readonly rounds: number;
  /** Rounds with slow clients, which take longer. */
  readonly slowRounds: number;
  readonly connections: number;
  /** Seconds of one load, and of one measurement of latencies. */
  readonly seconds: number;
  /** Bytes that one measurement downloads. */
  readonly downloadBytes: number;
  readonly slowClients: number;
}

/** Seconds of what needs longer than a load does, in tenths: a product of such numbers may have many digits. */
export function longSeconds({ seconds }: Plan): number {
  return Math.round(30 * seconds) / 10;
}

/** One measurement. */
export interface Sample {
  readonly values: Values;
  /** Requests whose answer was checked: status and length of each. */
  readonly requests: number;
  /** Of these, bodies whose checksum was compared. */
  readonly hashed: number;
  /** The share of its core that our own client took: near 1, it was the limit. */
  readonly clientLoad?: number;
  /** Where latencies were measured. */
  readonly latency?: HistogramData;
  /** With HTTPS: whether the kernel encrypted for the server. */
  readonly ktls?: boolean;
  /** Requests a second by wrk, right after our own client's. */
  readonly wrk?: number;
}

export interface Turn {
  readonly peer: RunningPeer;
  readonly asks: readonly Ask[];
  readonly plan: Plan;
  /** For HTTPS. */
  readonly secured?: Secured;
  /** The program of wrk, where it is to measure too what it can. */
  readonly wrk?: string;
  readonly signal: AbortSignal;
}

/** What is asked for, by which client, and what has to come back. */
export interface Workload {
  /** As --workload takes it. */
  readonly name: string;
  readonly title: string;
  /** How it is measured, in a sentence. */
  about(plan: Plan): string;
  /** What is served; all of it has to be there. */
  readonly files: readonly FileName[];
  /** The first one decides the ranking. */
  readonly metrics: readonly MetricName[];
  /** Where it is HTTPS; only servers that are set up for that take part. */
  readonly secured?: Secured;
  /** What this server's figure may be at most of its counterpart's. */
  readonly target?: Target;
  /** Whether each round has servers of its own: in what they hold, a round would else begin where the last one has ended. */
  readonly startsAnew?: boolean;
  rounds(plan: Plan): number;
  /** The requests, each with its answer. @throws WrongAnswer where the server has to be asked for that, and answers wrongly */
  asks(peer: RunningPeer, place: Workplace): Promise<Ask[]>;
  /** A load that does not count, before the first one that does: caches, and compilers that learn. @throws WrongAnswer */
  warmUp(turn: Turn): Promise<unknown>;
  /** Measures once. @throws WrongAnswer */
  measure(turn: Turn): Promise<Sample>;
}

export interface Target {
  readonly metric: MetricName;
  readonly most: number;
}

/** A server has answered something else than it should: it is reported, and not ranked. The message begins after its name. */
export class WrongAnswer extends Error {
  override readonly name = 'WrongAnswer';
}

/** A GET of a file of the workplace, and its answer. @param fields whole lines, with their ends */
export function askFor(name: string, answer: Omit<Ask, 'text'>, fields = ''): Ask {
  return { text: `GET /${name} HTTP/1.1\r\nHost: 127.0.0.1\r\n${fields}\r\n`, ...answer };
}
