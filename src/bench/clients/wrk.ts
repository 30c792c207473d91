import { banner, findProgram } from '../../tools/programs.js';
import { runPinned } from '../pinning.js';

/** Load by wrk, to hold our own client's figures against. */

/** What a load came to. */
export interface WrkResult {
  readonly requests: number;
  /** Seconds in which they were answered. */
  readonly seconds: number;
}

/** What wrk may take longer than it was told to (ms). */
const grace = 15_000;

/** What it is to do: whole seconds, with one thread. */
export interface WrkLoad {
  readonly url: string;
  /** Lines of the head: `Name: value`. */
  readonly fields?: readonly string[];
  readonly connections: number;
  readonly seconds: number;
}

/** @throws Error where it fails, or a request got another status than a 2xx or 3xx */
export async function runWrk(program: string, load: WrkLoad, signal: AbortSignal): Promise<WrkResult> {
  const { url, fields = [], connections, seconds } = load;
  const whole = Math.max(1, Math.round(seconds));
  const headers = fields.flatMap(field => ['-H', field]);
  const args = ['-t', '1', '-c', String(connections), '-d', `${whole}s`, ...headers, url];
  return parseWrk(await runPinned(program, args, whole * 1000 + grace, signal));
}

export function findWrk(): string | undefined {
  return findProgram('wrk');
}

export async function wrkVersionOf(program: string): Promise<string> {
  return wrkVersion(await banner(program, '-v'));
}

/** The version in wrk's first line: "wrk debian/4.1.0-3+b2 [epoll] …". */
export function wrkVersion(text: string): string {
  return /^wrk (?:\w+\/)?(\S+)/m.exec(text)?.[1] ?? 'of unknown version';
}

const secondsPerUnit: Record<string, number> = { us: 1e-6, ms: 1e-3, s: 1, m: 60, h: 3600 };

/**
 * Reads what wrk prints.
 * @throws Error when it is not wrk's, or tells of failed requests
 */
export function parseWrk(text: string): WrkResult {
  const failed = /^\s*(Socket errors: .*|Non-2xx or 3xx responses: .*)$/m.exec(text);
  if (failed !== null) throw new Error(`wrk saw requests fail: ${failed[1]}`);
  const total = /^\s*(\d+) requests in ([\d.]+)(us|ms|s|m|h),/m.exec(text);
  if (total === null) throw new Error(`wrk printed no result: ${text.trim()}`);
  return { requests: Number(total[1]), seconds: Number(total[2]) * secondsPerUnit[total[3]!]! };
}
