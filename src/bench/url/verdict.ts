import { visible } from '../../tools/visible.js';
import { bytes, counted } from '../../tools/words.js';
import { type CannonResult, clientLimit } from '../clients/cannon.js';
import type { Probe } from './probe.js';

/** What a load has shown, in sentences. */

/** Requests that went wrong, as sentences. @param range as it was asked for */
export function failuresOf(load: CannonResult, range: string | undefined): string[] {
  const failures: string[] = [];
  const say = (count: number, noun: string, what: string) => {
    if (count > 0) failures.push(`${counted(count, noun)} ${what}`);
  };
  for (const [status, count] of Object.entries(load.statuses)) {
    if (Number(status) >= 400) say(count, 'request', `answered with ${status}`);
    else if (range !== undefined && status !== '206') say(count, 'request', `answered with ${status}, not with 206`);
  }
  say(load.timeouts, 'request', 'without an answer in time');
  say(load.broken, 'connection', 'failed');
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

/** What a reader has to know to trust the figures. @param first the answer before the load */
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
      `${counted(load.unanswered, 'request')} had to be sent again: the server had closed the connection, and not said before that it would.`,
    );
  }
  if (load.closed > 0) {
    warnings.push(
      `The server ended ${counted(load.closed, 'connection')} with "Connection: close", and a new one was made: it may limit the requests of one (keepalive_requests).`,
    );
  }
  if (first.status >= 300 && first.status < 400 && first.location !== undefined) {
    warnings.push(`The server leads to ${visible(first.location)}: autocannon does not go there.`);
  }
  return warnings;
}
