/** What the zones of `limit_req` and `limit_conn` have in common. */
import type { AnyDirective, ParseContext } from '../conf/directive.js';
import { parseInteger, parseSize } from '../conf/values.js';
import type { Complex } from '../conf/variables.js';
import type { Zone, ZoneUse } from '../conf/zones.js';
import { LimitTable } from './limit-table.js';
import type { LogLevel, Request } from './module.js';
import { choice, EVERYWHERE, flag, row } from './rows.js';

/** As nginx: eight pages. */
const LEAST_SIZE = 8 * 4096;
const FIRST_STATUS = 400;
const LAST_STATUS = 599;

export const LIMIT_LEVELS = ['info', 'notice', 'warn', 'error'] as const satisfies readonly LogLevel[];
export type LimitLevel = (typeof LIMIT_LEVELS)[number];

/** What a zone is of: set by the directive that declares it, which may stand below its uses. */
export class LimitZone {
  key: Complex | null = null;
  /** Requests a second, in thousandths (limit_req). */
  rate = 0;
  private opened: LimitTable | null = null;

  constructor(readonly zone: Zone) {}

  get name(): string {
    return this.zone.name;
  }

  /** @throws Error before the server has mapped the memory */
  get table(): LimitTable {
    this.opened ??= new LimitTable(this.zone.memory as ArrayBuffer);
    return this.opened;
  }

  /** The key of a request; '' where it is not limited. */
  keyOf(request: Request, longest: number): string {
    const { key } = this;
    const value = key?.evaluate(request) ?? '';
    if (value.length <= longest) return value;
    request.log('error', `the value of the "${key?.text}" key is more than ${longest} bytes: "${value}"`);
    return '';
  }
}

const limitZones = new WeakMap<Zone, LimitZone>();

/** The zone of this name. @param size 0 for a use of it */
export function limitZone(cx: ParseContext, name: string, use: ZoneUse, size: number): LimitZone {
  const zone = cx.zone(name, use, size);
  const known = limitZones.get(zone) ?? new LimitZone(zone);
  limitZones.set(zone, known);
  return known;
}

/** Reads `zone=NAME:SIZE`. */
export function parseZone(cx: ParseContext, word: string): { readonly name: string; readonly size: number } {
  const text = word.slice('zone='.length);
  const colon = text.indexOf(':');
  const size = colon === -1 ? undefined : parseSize(text.slice(colon + 1));
  if (size === undefined) return cx.fail(`invalid zone size "${word}"`);
  if (size < LEAST_SIZE) cx.fail(`zone "${word}" is too small`);
  return { name: text.slice(0, colon), size };
}

/** Declares a zone: what its key is. */
export function declareZone(
  cx: ParseContext,
  use: 'limit_req' | 'limit_conn',
  key: Complex,
  found: { readonly name: string; readonly size: number } | undefined,
): LimitZone {
  const directive = `${use}_zone`;
  if (found === undefined || found.name === '') return cx.fail(`"${directive}" must have "zone" parameter`);
  const zone = limitZone(cx, found.name, use, found.size);
  if (zone.key !== null) cx.fail(`${directive} "${found.name}" is already bound to key "${zone.key.text}"`);
  zone.key = key;
  zone.zone.content = key.text;
  return zone;
}

/** What is done with requests beyond a limit: `NAME_log_level`, `NAME_status` and `NAME_dry_run`, each with its key. */
export function refusals(
  name: 'limit_req' | 'limit_conn',
  key: 'limitReq' | 'limitConn',
  docs: { readonly level: string; readonly dryRun: string },
): AnyDirective[] {
  const status = `${name}_status`;
  return [
    choice(`${name}_log_level`, `${key}LogLevel`, EVERYWHERE, LIMIT_LEVELS, 'error', docs.level),
    row<'limitReqStatus' | 'limitConnStatus'>({
      name: status,
      key: `${key}Status`,
      contexts: EVERYWHERE,
      args: [1, 1],
      initial: 503,
      default: '503',
      doc: 'The status of requests that are refused.',
      parse: (args, cx) => parseStatus(args, cx, status),
    }),
    flag(`${name}_dry_run`, `${key}DryRun`, EVERYWHERE, 'off', docs.dryRun),
  ];
}

function parseStatus(args: readonly string[], cx: ParseContext, name: string): number {
  const status = parseInteger(args[0]!) ?? cx.fail(`"${name}" directive invalid number`);
  if (status >= FIRST_STATUS && status <= LAST_STATUS) return status;
  return cx.fail(`value must be between ${FIRST_STATUS} and ${LAST_STATUS}`);
}
