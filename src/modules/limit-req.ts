/** `limit_req`: how many requests a second a key may make; others wait for their time, or are refused. */
import type { ParseContext } from '../conf/directive.js';
import { parseInteger } from '../conf/values.js';
import type { Subject } from '../conf/variables.js';
import {
  declareZone,
  LIMIT_LEVELS,
  type LimitLevel,
  type LimitZone,
  limitZone,
  parseZone,
  refusals,
} from './limit-zone.js';
import { type Handler, type LogLevel, type Module, Outcome, type Request } from './module.js';
import { EVERYWHERE, row } from './rows.js';

/** One `limit_req`. Requests are counted in thousandths. */
export interface RequestLimit {
  readonly zone: LimitZone;
  /** More than this above the rate is refused. */
  readonly burst: number;
  /** More than this above the rate waits. */
  readonly delay: number;
}

declare module '../conf/settings.js' {
  interface Settings {
    /** The names that are declared. */
    limitReqZone: readonly string[];
    limitReq: readonly RequestLimit[];
    limitReqLogLevel: LimitLevel;
    limitReqStatus: number;
    limitReqDryRun: boolean;
  }
}

/** In an entry of the table: when it was last counted (ms), and how much was above the rate then. */
const LAST = 0;
const EXCESS = 1;
const THOUSAND = 1000;
const LONGEST_KEY = 65_535;
/** A clock that has gone back further than this (ms) is another clock. */
const LONGEST_STEP_BACK = 60_000;
const MINUTE = 60;

/** Where a request's values have what became of it. */
const statusKey = {};

/** Milliseconds of a clock that all processes of a machine have in common. */
function sharedClock(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * THOUSAND + Math.floor(nanoseconds / 1e6);
}

function elapsed(now: number, last: number): number {
  const ms = now - last;
  if (ms >= 0) return ms;
  return ms < -LONGEST_STEP_BACK ? 1 : 0;
}

/**
 * Counts a request, and says how much is above the rate now.
 * @param settle counts it also where that is too much; a request that is refused is not counted
 */
function count({ zone, burst }: RequestLimit, key: string, now: number, only: 'look' | 'count' | 'settle'): number {
  const { table, rate } = zone;
  return table.locked(() => {
    let place = table.find(key);
    if (place < 0) {
      if (only === 'look') return 0;
      place = table.take(each => table.number(each, LAST));
      table.setNumber(place, LAST, now);
      return 0;
    }
    const ms = elapsed(now, table.number(place, LAST));
    const excess = Math.max(0, table.number(place, EXCESS) - Math.trunc((rate * ms) / THOUSAND) + THOUSAND);
    if (only === 'look' || (only === 'count' && excess > burst)) return excess;
    table.setNumber(place, EXCESS, excess);
    if (ms > 0) table.setNumber(place, LAST, now);
    return excess;
  });
}

function thousandths(value: number): string {
  return `${Math.floor(value / THOUSAND)}.${`${value % THOUSAND}`.padStart(3, '0')}`;
}

/** A delay is one level less important than a refusal. */
function delayLevel(level: LimitLevel): LogLevel {
  return LIMIT_LEVELS[Math.max(0, LIMIT_LEVELS.indexOf(level) - 1)]!;
}

interface Counted {
  readonly limit: RequestLimit;
  readonly key: string;
}

function refuse(request: Request, { zone }: RequestLimit, excess: number): Outcome {
  const { limitReqDryRun, limitReqLogLevel, limitReqStatus } = request.settings;
  const dry = limitReqDryRun ? ', dry run' : '';
  request.log(limitReqLogLevel, `limiting requests${dry}, excess: ${thousandths(excess)} by zone "${zone.name}"`);
  request.values.set(statusKey, limitReqDryRun ? 'REJECTED_DRY_RUN' : 'REJECTED');
  return limitReqDryRun ? Outcome.Next : limitReqStatus;
}

/** The time that a request has to wait (ms): the longest that one of the limits asks for. */
function delayFor(
  counted: readonly Counted[],
  lastExcess: number,
  now: number,
): { ms: number; excess: number; name: string } {
  let longest = { ms: 0, excess: 0, name: '' };
  for (let i = counted.length - 1; i >= 0; i--) {
    const { limit, key } = counted[i]!;
    const excess = i === counted.length - 1 ? lastExcess : count(limit, key, now, 'settle');
    const ms = excess <= limit.delay ? 0 : Math.trunc(((excess - limit.delay) * THOUSAND) / limit.zone.rate);
    if (ms > longest.ms) longest = { ms, excess, name: limit.zone.name };
  }
  return longest;
}

function letPass(request: Request, counted: readonly Counted[], lastExcess: number, now: number): Outcome {
  const { limitReqDryRun, limitReqLogLevel } = request.settings;
  const { ms, excess, name } = delayFor(counted, lastExcess, now);
  if (ms === 0) {
    request.values.set(statusKey, 'PASSED');
    return Outcome.Next;
  }
  const dry = limitReqDryRun ? ', dry run' : '';
  request.log(
    delayLevel(limitReqLogLevel),
    `delaying request${dry}, excess: ${thousandths(excess)}, by zone "${name}"`,
  );
  request.values.set(statusKey, limitReqDryRun ? 'DELAYED_DRY_RUN' : 'DELAYED');
  if (limitReqDryRun) return Outcome.Next;
  request.resumeAfter(ms, Outcome.Next);
  return Outcome.Suspend;
}

/** All limits are looked at before the request is counted for any of them: refused by one, it costs nothing at the others. */
const limitRequests: Handler = request => {
  if (request.values.has(statusKey)) return Outcome.Next;
  const now = sharedClock();
  const limits = request.settings.limitReq;
  const counted: Counted[] = [];
  let excess = 0;
  for (const [i, limit] of limits.entries()) {
    const key = limit.zone.keyOf(request, LONGEST_KEY);
    if (key === '') continue;
    const isLast = i === limits.length - 1;
    excess = count(limit, key, now, isLast ? 'count' : 'look');
    if (excess > limit.burst) return refuse(request, limit, excess);
    counted.push({ limit, key });
    if (!isLast) continue;
    return letPass(request, counted, excess, now);
  }
  if (counted.length === 0) return Outcome.Next;
  const { limit, key } = counted.at(-1)!;
  return letPass(request, counted, count(limit, key, now, 'settle'), now);
};

function parseRate(word: string, cx: ParseContext): number {
  const scale = word.endsWith('r/s') ? 1 : word.endsWith('r/m') ? MINUTE : 0;
  const text = word.slice('rate='.length, scale === 0 ? undefined : -'r/s'.length);
  const rate = parseInteger(text, 1) ?? cx.fail(`invalid rate "${word}"`);
  return Math.trunc((rate * THOUSAND) / (scale || 1));
}

function parseRequestZone(args: readonly string[], cx: ParseContext, before: readonly string[] | undefined): string[] {
  const key = cx.complex(args[0]!);
  let found: { readonly name: string; readonly size: number } | undefined;
  let rate = THOUSAND;
  for (const word of args.slice(1)) {
    if (word.startsWith('zone=')) found = parseZone(cx, word);
    else if (word.startsWith('rate=')) rate = parseRate(word, cx);
    else cx.fail(`invalid parameter "${word}"`);
  }
  const zone = declareZone(cx, 'limit_req', key, found);
  zone.rate = rate;
  return [...(before ?? []), zone.name];
}

function parseLimit(
  args: readonly string[],
  cx: ParseContext,
  before: readonly RequestLimit[] | undefined,
): RequestLimit[] {
  let zone: LimitZone | undefined;
  let burst = 0;
  let delay = 0;
  for (const word of args) {
    const value = word.slice(word.indexOf('=') + 1);
    if (word.startsWith('zone=')) zone = limitZone(cx, value, 'limit_req', 0);
    else if (word.startsWith('burst=')) burst = parseInteger(value, 1) ?? cx.fail(`invalid burst value "${word}"`);
    else if (word.startsWith('delay=')) delay = parseInteger(value, 1) ?? cx.fail(`invalid delay value "${word}"`);
    else if (word === 'nodelay') delay = Number.POSITIVE_INFINITY;
    else cx.fail(`invalid parameter "${word}"`);
  }
  if (zone === undefined) return cx.fail('"limit_req" must have "zone" parameter');
  if (before?.some(each => each.zone === zone)) cx.fail('"limit_req" directive is duplicate');
  return [...(before ?? []), { zone, burst: burst * THOUSAND, delay: delay * THOUSAND }];
}

const PHASES = { preaccess: limitRequests };
const NONE = {};

export const limitReq: Module = {
  name: 'limit_req',
  directives: [
    row<'limitReqZone'>({
      name: 'limit_req_zone',
      key: 'limitReqZone',
      contexts: ['http'],
      args: [3, 3],
      repeatable: true,
      initial: [],
      doc: 'KEY zone=NAME:SIZE rate=NUMBERr/s or r/m: memory of all workers, 64 bytes a key; where it is full, the key that was not seen for longest goes.',
      parse: parseRequestZone,
    }),
    row<'limitReq'>({
      name: 'limit_req',
      key: 'limitReq',
      contexts: EVERYWHERE,
      args: [1, 3],
      repeatable: true,
      initial: [],
      doc: 'zone=NAME [burst=NUMBER] [nodelay | delay=NUMBER]. A level with its own takes none from above.',
      parse: parseLimit,
    }),
    ...refusals('limit_req', 'limitReq', {
      level: 'The level of refusals in the error log; delays have the next lower.',
      dryRun: 'Whether requests are only counted, and neither delayed nor refused.',
    }),
  ],
  variables: [
    {
      name: 'limit_req_status',
      doc: 'PASSED, DELAYED, REJECTED, DELAYED_DRY_RUN or REJECTED_DRY_RUN.',
      get: (subject: Subject) => (subject as Request).values.get(statusKey),
    },
  ],
  phases: settings => (settings.limitReq.length === 0 ? NONE : PHASES),
};
