import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import type { EventLoop } from '../../src/event/loop.js';

const childModule = new URL('./child.js', import.meta.url);

/** What a scene of test/event/scenes.ts is handed: its loop, and how it says what it has seen. */
export interface Scene {
  loop: EventLoop;
  /** What was reported as thrown. */
  faults: unknown[];
  /** Ends the loop and the process, and hands what was seen to the test. */
  finish(seen: unknown): void;
}

/**
 * Plays a scene in a process of its own, for a running loop has the process to itself.
 * @param partner speaks to it meanwhile: is handed its messages, and what sends one
 * @returns what the scene has finished with
 */
export function play(
  name: string,
  partner?: (message: unknown, send: (reply: unknown) => void) => void,
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const child = fork(childModule, [name], { execArgv: [], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    // a loop that hangs is a failure, and not a test that never ends
    const deadline = setTimeout(() => child.kill('SIGKILL'), 10_000);
    let seen: unknown;
    child.on('message', (message: { seen?: unknown }) => {
      if ('seen' in message) seen = message.seen;
      else partner?.(message, reply => child.send(reply as object));
    });
    child.on('exit', (code, signal) => {
      clearTimeout(deadline);
      if (seen === undefined)
        reject(new assert.AssertionError({ message: `scene "${name}" hangs or broke: ${code ?? signal}` }));
      else resolve(seen);
    });
  });
}
