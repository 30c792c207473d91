/** The sequence of a download without sendfile through a full socket, as the article on zero copy shows it. */
import { isWait } from './normalise.js';
import type { BlogSequence, BlogStep, Step } from './steps.js';

/** What is looked for, and where it ends in the steps; each is sought behind the one before. */
interface Sought {
  readonly name: string;
  /** How many steps from `at` on are it; 0 if none. */
  readonly match: (steps: readonly Step[], at: number) => number;
  /** Where the socket was not full, there is nothing to wait for and no rest. */
  readonly needsFull?: boolean;
}

const isRead = (step: Step | undefined) =>
  step?.name === 'pread64' && step.role === 'file' && step.size === 32_768 && step.result === 32_768;
const isWrite = (step: Step) => step.name === 'writev' && step.role === 'client';
const one = (test: (step: Step) => boolean) => (steps: readonly Step[], at: number) => (test(steps[at]) ? 1 : 0);

const sequence: readonly Sought[] = [
  {
    name: 'pread64 of 32768 bytes, twice',
    match: (steps, at) => (isRead(steps[at]) && isRead(steps[at + 1]) ? 2 : 0),
  },
  { name: 'writev of 65536 bytes', match: one(step => isWrite(step) && step.result === 65_536) },
  { name: 'writev: EAGAIN, the socket is full', match: one(isFull) },
  { name: 'epoll says EPOLLOUT, there is room again', match: one(saysRoom), needsFull: true },
  { name: 'writev of the rest', match: one(step => isWrite(step) && step.result > 0), needsFull: true },
  { name: 'write of the access log line', match: one(step => step.name === 'write' && step.role === 'access log') },
  { name: 'close of the file', match: one(step => step.name === 'close' && step.role === 'file') },
  { name: 'close of the client', match: one(step => step.name === 'close' && step.role === 'client') },
];

function isFull(step: Step): boolean {
  return isWrite(step) && step.errno === 'EAGAIN';
}

function saysRoom(step: Step): boolean {
  return isWait(step) && step.events?.some(event => event.names.includes('EPOLLOUT')) === true;
}

/**
 * Looks for the sequence in the steps of one request.
 * @param steps in order; other steps may be between those that are sought
 * @returns each step of the sequence with the lines that show it. One that is missing does not hide those behind it.
 */
export function blogSequence(steps: readonly Step[]): BlogSequence {
  let from = 0;
  let wasFull = false;
  const found = sequence.map(({ name, match, needsFull }): BlogStep => {
    for (let at = from; at < steps.length && (wasFull || needsFull !== true); at++) {
      const length = match(steps, at);
      if (length === 0) continue;
      from = at + length;
      wasFull ||= isFull(steps[at]);
      const lines = steps.slice(at, at + length).map(step => step.text);
      return { name, found: true, lines, index: steps[at].index };
    }
    return { name, found: false, lines: [], index: -1 };
  });
  return { complete: found.every(step => step.found), steps: found };
}
