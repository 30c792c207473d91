import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TransferReport } from '../../src/transfer/report.js';
import type { Run } from '../cli/program.js';
import { Ends, type Listening } from './ends.js';

const name = 'recording';

export interface KillPlan {
  /** How often an end is killed while the transfer is under way. */
  readonly kills: number;
  /** Bytes of the file. */
  readonly size: number;
  /** Bytes a second, so that there is something to kill. */
  readonly rate: number;
  /** ms from the start of a sender to the kill, at most. */
  readonly longest: number;
}

export interface KillResult {
  /** Which end each kill has hit, and after how many ms. */
  readonly kills: readonly string[];
  /** How often the file has arrived, to begin anew. */
  readonly files: number;
  /** Bytes that were there when a transfer went on that came to its end. */
  readonly resumed: readonly number[];
}

/**
 * Kills a sender or its receiver (SIGKILL) at random points of a transfer, again and again, and goes on with --resume each time.
 * At each kill the final name must not be there, or bear the whole file; at the end it must bear it.
 */
export async function surviveKills({ kills, size, rate, longest }: KillPlan): Promise<KillResult> {
  const ends = new Ends();
  const done: string[] = [];
  const resumed: number[] = [];
  try {
    ends.file(name, size);
    let receiver = await ends.store();
    while (done.length < kills) {
      const sender = start(ends, receiver, done.length, rate);
      const delay = Math.round(Math.random() * longest);
      await Promise.race([sleep(delay), sender.end]);
      if (sender.child.exitCode !== null) {
        await tookItsCourse(ends, sender, resumed);
        continue;
      }
      const isSender = done.length % 4 < 2;
      const victim = isSender ? sender : receiver.run;
      victim.child.kill('SIGKILL');
      await victim.end;
      assertNoPartialFile(ends);
      done.push(`${isSender ? 'sender' : 'receiver'} after ${delay} ms`);
      await sender.end;
      if (!isSender) receiver = await ends.store();
    }
    for (const files = resumed.length; resumed.length === files; ) {
      await tookItsCourse(ends, start(ends, receiver, done.length, 0), resumed);
    }
  } finally {
    await ends.clean();
  }
  return { kills: done, files: resumed.length, resumed };
}

/** One stream and three, sendfile and read+write. */
function start(ends: Ends, receiver: Listening, round: number, rate: number): Run {
  const way = round % 3 === 2 ? '--no-zero-copy' : '--zero-copy';
  const streams = round % 2 === 0 ? '1' : '3';
  return ends.startSending([name], receiver, ['--resume', '--rate', String(rate), '--streams', streams, way]);
}

/** A sender that nobody has killed: the file is there, or its receiver has not yet noticed that the one before is gone. */
async function tookItsCourse(ends: Ends, sender: Run, resumed: number[]): Promise<void> {
  const { code, stdout, stderr } = await sender.end;
  if (/is being received already/.test(stderr)) return;
  assert.equal(code, 0, stderr);
  resumed.push((JSON.parse(stdout) as TransferReport).sender?.files[0].resumedFrom ?? -1);
  ends.assertSame(name);
  rmSync(ends.out(name));
  assert.deepEqual(ends.stored, []);
}

function assertNoPartialFile(ends: Ends): void {
  if (!existsSync(ends.out(name))) return;
  const isWhole = readFileSync(ends.in(name)).equals(readFileSync(ends.out(name)));
  assert.ok(isWhole, 'a partial file bears the final name');
}
