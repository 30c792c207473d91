import { describeMachine, type Machine } from '../../tools/machine.js';
import { loadByAutocannon } from '../clients/autocannon.js';
import type { CannonResult } from '../clients/cannon.js';
import { type Probe, probe } from './probe.js';
import { failuresOf, warningsOf } from './verdict.js';

/** A load test of one URL. */

export interface UrlSettings {
  /** A visible text in ASCII, http or https. */
  readonly url: string;
  readonly connections: number;
  readonly seconds: number;
  readonly pipelining: number;
  /** Requests a second; 0: as many as can be. */
  readonly rate: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Bytes that are asked for, as in the field Range. */
  readonly range?: string;
  readonly insecure: boolean;
  readonly timeout: number;
}

export interface UrlReport {
  readonly date: string;
  readonly machine: Machine;
  readonly settings: UrlSettings;
  /** It was interrupted: the figures are those until then. */
  readonly partial: boolean;
  readonly first: Probe;
  readonly load: CannonResult;
  /** Why the exit code is 1; none where all was answered as it should be. */
  readonly failures: readonly string[];
  /** What a reader has to know to trust the figures. */
  readonly warnings: readonly string[];
}

/**
 * Asks once, and then puts the server under load until the time is over or the signal is aborted.
 * @param tick told of the seconds that have gone and of the answers in the last one
 * @throws Error where the first request has no whole answer
 */
export async function loadUrl(
  settings: UrlSettings,
  signal: AbortSignal,
  tick: (second: number, answers: number) => void,
): Promise<UrlReport> {
  const date = new Date().toISOString();
  const machine = describeMachine();
  const { url, connections, seconds, pipelining, rate, range, insecure, timeout } = settings;
  const headers = range === undefined ? settings.headers : { ...settings.headers, Range: `bytes=${range}` };
  const first = await probe(url, { headers, insecure, timeout }, signal);
  const load = await loadByAutocannon({ url, connections, seconds, pipelining, rate, headers, timeout }, signal, tick);
  const failures = failuresOf(load, range);
  return {
    ...{ date, machine, settings, first, load, failures, partial: signal.aborted },
    warnings: warningsOf(load, first),
  };
}
