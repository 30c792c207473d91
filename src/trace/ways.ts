import { findProgram } from '../tools/programs.js';
import { MissingError } from './missing.js';
import { type CanTrace, canTrace } from './record.js';
import { canTraceChildren } from './record-parent.js';

/** How a server is recorded: strace attaches to it, or has started it, or it keeps its own ledger. */
export type Way = 'attach' | 'parent' | 'ledger';

/** The way to take, and what to know of it. */
export interface ChosenWay {
  readonly way: Way;
  readonly notes: readonly string[];
}

/**
 * Chooses how Zerocopy is recorded.
 * @param asked `auto` takes strace where it works, for then nothing rests on the server's own word
 * @throws MissingError when strace was asked for and cannot be used
 */
export async function chooseWay(asked: 'auto' | 'strace' | 'ledger'): Promise<ChosenWay> {
  if (asked === 'ledger') return { way: 'ledger', notes: [] };
  const can = await canTrace();
  if (can.ok) return { way: 'attach', notes: [] };
  if (await canTraceChildren()) return { way: 'parent', notes: [] };
  if (asked === 'strace') throw new MissingError(`strace cannot be used: ${reason(can)}`);
  return {
    way: 'ledger',
    notes: [`Recorded by the server's own ledger, for strace cannot be used: ${reason(can)}`],
  };
}

/**
 * Whether nginx can be recorded, and how.
 * @returns what is missing and how to get it, where it cannot
 */
export async function nginxWay(): Promise<{ readonly way: Way } | { readonly missing: string }> {
  if (findProgram('nginx') === undefined) {
    return {
      missing: 'nginx is not installed: sudo apt-get install nginx-light (Debian, Ubuntu), sudo dnf install nginx',
    };
  }
  const can = await canTrace();
  if (can.ok) return { way: 'attach' };
  if (await canTraceChildren()) return { way: 'parent' };
  return { missing: `nginx can be recorded by strace alone, and that cannot be used: ${reason(can)}` };
}

function reason(can: Extract<CanTrace, { ok: false }>): string {
  return `${can.why}. What to do: ${can.how}`;
}
