/** `limit_conn`: how many requests of a key may be in progress at once. */
import type { ParseContext } from '../conf/directive.js';
import { parseInteger } from '../conf/values.js';
import type { Subject } from '../conf/variables.js';
import { declareZone, type LimitLevel, type LimitZone, limitZone, parseZone, refusals } from './limit-zone.js';
import { type Handler, type Module, Outcome, type Request } from './module.js';
import { EVERYWHERE, row } from './rows.js';

/** One `limit_conn`. */
export interface ConnectionLimit {
  readonly zone: LimitZone;
  readonly most: number;
}

declare module '../conf/settings.js' {
  interface Settings {
    /** The names that are declared. */
    limitConnZone: readonly string[];
    limitConn: readonly ConnectionLimit[];
    limitConnLogLevel: LimitLevel;
    limitConnStatus: number;
    limitConnDryRun: boolean;
  }
}

const LONGEST_KEY = 255;
const MOST = 65_535;

/** Where a request's values have what became of it. */
const statusKey = {};

/** What requests of this process hold: a process that ends takes nothing with it. */
const held = new Set<() => void>();
process.on('exit', () => {
  for (const letGo of held) letGo();
});

/** @returns what lets go again; 'refused', or 'full' where the zone has no room */
function hold({ zone: { table }, most }: ConnectionLimit, key: string): (() => void) | 'refused' | 'full' {
  const outcome = table.locked(() => {
    const known = table.find(key);
    if (known >= 0 && table.count(known) >= most) return 'refused';
    const place = known >= 0 ? known : table.take(() => Number.POSITIVE_INFINITY);
    if (place < 0) return 'full';
    table.setCount(place, table.count(place) + 1);
    return 'held';
  });
  return outcome === 'held' ? () => letGo(table, key) : outcome;
}

function letGo(table: LimitZone['table'], key: string): void {
  table.locked(() => {
    const place = table.find(key);
    if (place < 0) return;
    const left = table.count(place) - 1;
    if (left > 0) table.setCount(place, left);
    else table.free(place);
  });
}

function refuse(request: Request): Outcome {
  const { limitConnDryRun, limitConnStatus } = request.settings;
  request.values.set(statusKey, limitConnDryRun ? 'REJECTED_DRY_RUN' : 'REJECTED');
  return limitConnDryRun ? Outcome.Next : limitConnStatus;
}

const limitConnections: Handler = request => {
  if (request.values.has(statusKey)) return Outcome.Next;
  const { limitConn, limitConnDryRun, limitConnLogLevel } = request.settings;
  const taken: (() => void)[] = [];
  for (const limit of limitConn) {
    const key = limit.zone.keyOf(request, LONGEST_KEY);
    if (key === '') continue;
    request.values.set(statusKey, 'PASSED');
    const lets = hold(limit, key);
    if (typeof lets === 'function') {
      taken.push(lets);
      continue;
    }
    for (const each of taken) each();
    if (lets === 'refused') {
      const dry = limitConnDryRun ? ', dry run' : '';
      request.log(limitConnLogLevel, `limiting connections${dry} by zone "${limit.zone.name}"`);
    }
    return refuse(request);
  }
  for (const each of taken) holdOn(request, each);
  return Outcome.Next;
};

/** Until the request ends. */
function holdOn(request: Request, letGo: () => void): void {
  held.add(letGo);
  request.onEnd(() => {
    held.delete(letGo);
    letGo();
  });
}

function parseConnZone(args: readonly string[], cx: ParseContext, before: readonly string[] | undefined): string[] {
  const key = cx.complex(args[0]!);
  const word = args[1]!;
  if (!word.startsWith('zone=')) cx.fail(`invalid parameter "${word}"`);
  const zone = declareZone(cx, 'limit_conn', key, parseZone(cx, word));
  return [...(before ?? []), zone.name];
}

function parseLimit(
  args: readonly string[],
  cx: ParseContext,
  before: readonly ConnectionLimit[] | undefined,
): ConnectionLimit[] {
  const [name, text] = args as [string, string];
  const zone = limitZone(cx, name, 'limit_conn', 0);
  if (before?.some(each => each.zone === zone)) cx.fail('"limit_conn" directive is duplicate');
  const most = parseInteger(text, 1) ?? cx.fail(`invalid number of connections "${text}"`);
  if (most > MOST) cx.fail('connection limit must be less 65536');
  return [...(before ?? []), { zone, most }];
}

const PHASES = { preaccess: limitConnections };
const NONE = {};

export const limitConn: Module = {
  name: 'limit_conn',
  directives: [
    row<'limitConnZone'>({
      name: 'limit_conn_zone',
      key: 'limitConnZone',
      contexts: ['http'],
      args: [2, 2],
      repeatable: true,
      initial: [],
      doc: 'KEY zone=NAME:SIZE: memory of all workers, 64 bytes a key; where it is full, requests are refused.',
      parse: parseConnZone,
    }),
    row<'limitConn'>({
      name: 'limit_conn',
      key: 'limitConn',
      contexts: EVERYWHERE,
      args: [2, 2],
      repeatable: true,
      initial: [],
      doc: 'NAME NUMBER: requests of a key that may be in progress at once. A level with its own takes none from above.',
      parse: parseLimit,
    }),
    ...refusals('limit_conn', 'limitConn', {
      level: 'The level of refusals in the error log.',
      dryRun: 'Whether requests are only counted, and not refused.',
    }),
  ],
  variables: [
    {
      name: 'limit_conn_status',
      doc: 'PASSED, REJECTED or REJECTED_DRY_RUN.',
      get: (subject: Subject) => (subject as Request).values.get(statusKey),
    },
  ],
  phases: settings => (settings.limitConn.length === 0 ? NONE : PHASES),
};
