import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { banner, findProgram, run } from '../tools/programs.js';

/** What sends the 1 KB requests. */
export type LoadTool = 'wrk' | 'autocannon';

/** What a load came to. */
export interface LoadResult {
  readonly requests: number;
  /** Seconds in which they were answered. */
  readonly seconds: number;
}

export interface LoadOptions {
  readonly url: string;
  readonly connections: number;
  readonly seconds: number;
}

/** A tool that is there, in a process of its own: server and client get a core each. */
export interface Load {
  readonly tool: LoadTool;
  readonly version: string;
  /** @throws Error when the tool fails, or a request did not get its 200 */
  send(options: LoadOptions, signal: AbortSignal): Promise<LoadResult>;
}

const clientProgram = fileURLToPath(new URL('./autocannon-client.js', import.meta.url));
/** What a tool may take longer than it was told to (ms). */
const grace = 15_000;

/** wrk where it is installed, because autocannon itself is slower than the servers; else autocannon, which comes along. */
export async function chooseLoad(wanted?: LoadTool): Promise<Load> {
  const wrk = findProgram('wrk');
  if (wrk !== undefined && wanted !== 'autocannon') {
    return {
      tool: 'wrk',
      version: wrkVersion(await banner(wrk, '-v')),
      send: (options, signal) => sendByWrk(wrk, options, signal),
    };
  }
  if (wanted === 'wrk') throw new Error('wrk is not installed: "apt install wrk", or leave --load out');
  const autocannon = createRequire(import.meta.url)('autocannon/package.json') as { version: string };
  return { tool: 'autocannon', version: autocannon.version, send: sendByAutocannon };
}

async function sendByWrk(program: string, options: LoadOptions, signal: AbortSignal): Promise<LoadResult> {
  const { url, connections, seconds } = options;
  const args = ['-t', '1', '-c', String(connections), '-d', `${seconds}s`, url];
  return parseWrk(await run(program, args, seconds * 1000 + grace, signal));
}

async function sendByAutocannon({ url, connections, seconds }: LoadOptions, signal: AbortSignal): Promise<LoadResult> {
  const args = [clientProgram, url, String(connections), String(seconds)];
  return JSON.parse(await run(process.execPath, args, seconds * 1000 + grace, signal)) as LoadResult;
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
export function parseWrk(text: string): LoadResult {
  const failed = /^\s*(Socket errors: .*|Non-2xx or 3xx responses: .*)$/m.exec(text);
  if (failed !== null) throw new Error(`wrk saw requests fail: ${failed[1]}`);
  const total = /^\s*(\d+) requests in ([\d.]+)(us|ms|s|m|h),/m.exec(text);
  if (total === null) throw new Error(`wrk printed no result: ${text.trim()}`);
  return { requests: Number(total[1]), seconds: Number(total[2]) * secondsPerUnit[total[3]!]! };
}
