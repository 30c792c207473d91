import { describeMachine, type Machine } from '../../tools/machine.js';
import { visible } from '../../tools/visible.js';
import { bytes, counted } from '../../tools/words.js';
import { type CannonResult, clientLimit, loadByAutocannon } from '../clients/autocannon.js';
import { type Probe, probe } from './probe.js';

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

/** Requests that went wrong, as sentences. @param range as it was asked for */
export function failuresOf(load: CannonResult, range: string | undefined): string[] {
  const failures: string[] = [];
  const say = (count: number, noun: string, what: string) => {
    if (count > 0) failures.push(`${counted(count, noun)} ${what}`);
  };
  const broken = load.errors - load.timeouts;
  for (const [status, count] of Object.entries(load.statuses)) {
    if (Number(status) >= 400) say(count, 'request', `answered with ${status}`);
    else if (range !== undefined && status !== '206') say(count, 'request', `answered with ${status}, not with 206`);
  }
  say(load.timeouts, 'request', 'without an answer in time');
  say(broken, 'connection', 'failed');
  say(load.cut, 'answer', 'cut off: the connection ended in the middle');
  const expected = lengthOfRange(range);
  for (const { status, length, count } of load.lengths) {
    if (status === 206 && expected !== undefined && length !== expected) {
      say(count, 'answer', `of ${bytes(length)}, and not of the ${bytes(expected)} that were asked for`);
    }
  }
  if (load.requests === 0) failures.push('not one request was answered');
  return failures;
}

/** Bytes of `a-b`; undefined for other forms, whose length the file decides. */
function lengthOfRange(range: string | undefined): number | undefined {
  const [, from, to] = /^(\d+)-(\d+)$/.exec(range ?? '') ?? [];
  return from === undefined ? undefined : Number(to) - Number(from) + 1;
}

export function warningsOf(load: CannonResult, first: Probe): string[] {
  const warnings: string[] = [];
  if (load.clientLoad > clientLimit) {
    const share = Math.round(load.clientLoad * 100);
    warnings.push(
      `autocannon took ${share} % of a core: it is the limit here, and not the server. "zerocopy bench" without a URL has a faster client.`,
    );
  }
  const good = load.lengths.filter(({ status }) => status < 300);
  const statuses = [...new Set(good.map(({ status }) => status))];
  if (statuses.some(status => good.filter(each => each.status === status).length > 1)) {
    warnings.push('The bodies differ in length: a static file would always have one.');
  }
  if (load.unanswered > 0) {
    warnings.push(
      `${counted(load.unanswered, 'request')} had to be sent again: the server had closed the connection. It may limit requests a connection.`,
    );
  }
  if (first.status >= 300 && first.status < 400 && first.location !== undefined) {
    warnings.push(`The server leads to ${visible(first.location)}: autocannon does not go there.`);
  }
  return warnings;
}
