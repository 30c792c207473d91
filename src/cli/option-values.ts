import { parseInteger, parseOffset } from '../conf/values.js';
import { UsageError } from './failure.js';

/** Values of options, as texts of the command line. Each function throws a UsageError that says what is right. */

/** Bytes: `131072`, `128k`, `10G`. */
export function bytesOption(name: string, text: string, least: number, most = Number.MAX_SAFE_INTEGER): number {
  const value = parseOffset(text);
  if (value !== undefined && value >= least && value <= most) return value;
  const limits = value === undefined ? '' : ` (from ${least} to ${most})`;
  throw new UsageError(`--${name} "${text}": give bytes, or a number with k, M or G behind${limits}`);
}

/** Seconds, with a fraction or without. */
export function secondsOption(name: string, text: string, least: number, most: number): number {
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : -1;
  if ((value === 0 && least === 0) || (value >= least && value <= most)) return value;
  throw new UsageError(`--${name} "${text}": give seconds, from ${least} to ${most}`);
}

export function numberOption(name: string, text: string, least: number, most: number): number {
  const value = parseInteger(text, least, most);
  if (value !== undefined) return value;
  throw new UsageError(`--${name} "${text}": give a number from ${least} to ${most}`);
}

export function wordOption<const Word extends string>(name: string, text: string, allowed: readonly Word[]): Word {
  const found = allowed.find(word => word === text);
  if (found !== undefined) return found;
  throw new UsageError(`--${name} "${text}": there is ${allowed.join(', ')}`);
}

/** `--NAME` and `--no-NAME`, of which none or one is given. */
export function switchOption(name: string, options: object, standard: boolean): boolean {
  const given = options as Readonly<Record<string, unknown>>;
  const [on, off] = [given[name] === true, given[`no-${name}`] === true];
  if (on && off) throw new UsageError(`--${name} and --no-${name}: give one of them`);
  return on || (standard && !off);
}

/** yargs makes a list of an option that is given twice. @param repeatable those that may be */
export function checkOnce(options: object, repeatable: readonly string[]): void {
  for (const [name, value] of Object.entries(options)) {
    if (Array.isArray(value) && !repeatable.includes(name)) throw new UsageError(`--${name} is given twice`);
  }
}
