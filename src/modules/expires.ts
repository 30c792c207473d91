/** What `expires` says, and the Expires and Cache-Control headers that come of it. */
import type { ParseContext } from '../conf/directive.js';
import { parseTime } from '../conf/values.js';
import type { Complex } from '../conf/variables.js';
import { httpDate } from '../http/dates.js';
import type { Request } from './module.js';

/** A time, as it was written. */
interface Rule {
  readonly kind: 'off' | 'epoch' | 'max' | 'access' | 'modified' | 'daily';
  /** From the access or the modification, or from midnight. */
  readonly seconds: number;
}

/** The rule, or the text that is one once its variables have values. */
export interface Expires {
  readonly rule: Rule;
  readonly text: Complex | null;
  readonly modified: boolean;
}

const MILLISECONDS = 1000;
const DAY = 86_400;
const EPOCH = 'Thu, 01 Jan 1970 00:00:01 GMT';
const MAX = 'Thu, 31 Dec 2037 23:55:55 GMT';
/** Ten years, in seconds. */
const MAX_AGE = 315_360_000;

const OFF: Rule = { kind: 'off', seconds: 0 };
/** Nothing is said, and no header is sent. */
export const NO_EXPIRES: Expires = { rule: OFF, text: null, modified: false };

/** Reads a time of `expires`; a string is nginx's complaint about it. */
function parseRule(text: string, modified: boolean): Rule | string {
  if (!modified && (text === 'epoch' || text === 'max' || text === 'off')) return { kind: text, seconds: 0 };
  const daily = text.startsWith('@');
  if (daily && modified) return 'daily time cannot be used with "modified" parameter';
  const signed = daily || text.startsWith('+') || text.startsWith('-');
  const time = parseTime(signed ? text.slice(1) : text, 's');
  if (time === undefined) return 'invalid value';
  const seconds = time / MILLISECONDS;
  if (daily && seconds > DAY) return 'daily time value must be less than 24 hours';
  const kind = daily ? 'daily' : modified ? 'modified' : 'access';
  return { kind, seconds: text.startsWith('-') ? -seconds : seconds };
}

/** Reads the arguments of `expires`: `[modified] TIME`, `epoch`, `max`, `off`, or a text with variables. */
export function parseExpires(args: readonly string[], cx: ParseContext): Expires {
  const modified = args.length === 2;
  if (modified && args[0] !== 'modified') cx.fail('"expires" directive invalid value');
  const text = cx.complex(args[args.length - 1]!);
  if (text.constant === undefined) return { rule: OFF, text, modified };
  const rule = parseRule(text.constant, modified);
  return typeof rule === 'string' ? cx.fail(`"expires" directive ${rule}`) : { rule, text: null, modified };
}

/** The next moment at this time of the local day, in seconds since 1970. */
function nextDaily(now: number, seconds: number): number {
  const date = new Date(now);
  date.setHours(0, 0, seconds, 0);
  if (date.getTime() <= now) date.setDate(date.getDate() + 1);
  return date.getTime() / MILLISECONDS;
}

/** When the response grows stale, in seconds since 1970. `now` is in milliseconds. */
function expiryTime({ kind, seconds }: Rule, now: number, lastModified: number): number {
  if (kind === 'daily') return nextDaily(now, seconds);
  if (kind === 'modified' && seconds !== 0 && lastModified !== -1) return lastModified + seconds;
  return Math.floor(now / MILLISECONDS) + seconds;
}

/** Adds the two headers to the response, or none (nginx's `expires`; RFC 9111 sections 5.2 and 5.3). */
export function addExpires(request: Request, expires: Expires): void {
  let { rule } = expires;
  if (expires.text !== null) {
    const parsed = parseRule(expires.text.evaluate(request), expires.modified);
    if (typeof parsed === 'string') return;
    rule = parsed;
  }
  const { headers, lastModified } = request.response;
  if (rule.kind === 'off') return;
  const now = Math.floor(request.now / MILLISECONDS);
  const at = expiryTime(rule, request.now, lastModified);
  const stale = rule.seconds < 0 || at < now;
  if (rule.kind === 'epoch') headers.push('Expires', EPOCH, 'Cache-Control', 'no-cache');
  else if (rule.kind === 'max') headers.push('Expires', MAX, 'Cache-Control', `max-age=${MAX_AGE}`);
  else headers.push('Expires', httpDate(at), 'Cache-Control', stale ? 'no-cache' : `max-age=${at - now}`);
}
