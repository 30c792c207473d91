/** What a trace is of: which way the file went, whether the client kept up, which server it was, and what it cost. */
import type { SystemCall, Trace } from './event.js';
import { isClientWrite, isFileRead, isKernelMove, isWait, normalise } from './normalise.js';
import type { Classification, NormalTrace, Step } from './steps.js';

/** From this many seconds of waiting for a full socket on, a client is called slow. */
const slowFrom = 0.1;

/** nginx sets a timer anew only when it has gone this far from what it would be, in seconds. */
const timerSlack = 0.3;

/** Says what a trace is of. */
export function classify(trace: Trace): Classification {
  const normal = normalise(trace);
  const steps = normal.steps;
  const waits = waitsForRoom(steps);
  const waited = waitedSeconds(trace, waits);
  const calls = countCalls(steps);
  const bytesRead = sum(steps.filter(isFileRead));
  const bytesWritten = sum(steps.filter(step => isClientWrite(step) && !isKernelMove(step)));
  const bytesBySendfile = sum(steps.filter(isKernelMove));
  const header = steps.map(serverOf).find(name => name !== '') ?? '';
  return {
    sendfile: pathOf(steps),
    client: waits.length > 0 && (waited < 0 || waited >= slowFrom) ? 'slow' : 'fast',
    eagain: steps.filter(step => isClientWrite(step) && step.errno === 'EAGAIN').length,
    waits: waits.length,
    waited,
    server: serverKind(header, steps),
    serverHeader: header,
    bytesRead,
    bytesWritten,
    copied: bytesRead + bytesWritten,
    bytesBySendfile,
    calls,
    total: steps.length,
    requests: countRequests(normal),
  };
}

function sum(steps: readonly Step[]): number {
  return steps.reduce((total, step) => total + Math.max(0, step.result), 0);
}

function countRequests(normal: NormalTrace): number {
  return normal.requests.filter(request => request.method !== '' || request.steps.some(isClientWrite)).length;
}

/** How many calls there are of each name, the most frequent first. */
export function countCalls(steps: readonly Step[]): Record<string, number> {
  const counts = new Map<string, number>();
  for (const { name } of steps) counts.set(name, (counts.get(name) ?? 0) + 1);
  return Object.fromEntries([...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)));
}

function pathOf(steps: readonly Step[]): Classification['sendfile'] {
  const byKernel = steps.some(step => isKernelMove(step) && step.result >= 0);
  const byCopy = steps.some(step => isFileRead(step) && step.result > 0);
  if (byKernel && byCopy) return 'mixed';
  if (byKernel) return 'on';
  return byCopy ? 'off' : 'none';
}

/** The waits behind a full socket: places in the list of events. */
function waitsForRoom(steps: readonly Step[]): number[] {
  const found: number[] = [];
  let isFull = false;
  for (const step of steps) {
    if (isClientWrite(step)) isFull = step.errno === 'EAGAIN';
    else if (isFull && isWait(step)) {
      found.push(step.index);
      isFull = false;
    }
  }
  return found;
}

/** By the durations of the waits, else by the times around them, else by the timeouts, which count down; -1 if none tells. */
function waitedSeconds(trace: Trace, waits: readonly number[]): number {
  if (waits.length === 0) return 0;
  const calls = waits.map(at => trace.events[at] as SystemCall);
  if (calls.every(call => call.duration >= 0)) return calls.reduce((total, call) => total + call.duration, 0);
  if (calls.every(call => call.time >= 0)) {
    return waits.reduce((total, at) => total + Math.max(0, nextTime(trace, at) - trace.events[at].time), 0);
  }
  return byTimeouts(calls.map(call => call.value ?? -1).filter(timeout => timeout > 0));
}

function nextTime(trace: Trace, at: number): number {
  const { pid, time } = trace.events[at];
  for (let next = at + 1; next < trace.events.length; next++) {
    if (trace.events[next].pid === pid) return trace.events[next].time;
  }
  return time;
}

/**
 * The timeout of a wait is what is left of the timer for the client: what it has lost from one wait to the next has gone by.
 * The time within the last wait is not seen; where it grows, the timer was set anew.
 */
function byTimeouts(timeouts: readonly number[]): number {
  if (timeouts.length === 0) return -1;
  let seconds = 0;
  for (let i = 1; i < timeouts.length; i++) {
    const lost = (timeouts[i - 1] - timeouts[i]) / 1000;
    seconds += lost >= 0 ? lost : timerSlack;
  }
  return seconds;
}

/** The Server header, as far as the preview of a head shows it. */
function serverOf(step: Step): string {
  if (!isClientWrite(step) || step.preview === undefined) return '';
  return /\r\nServer: ([^\r\n]*)/i.exec(step.preview)?.[1] ?? '';
}

function serverKind(header: string, steps: readonly Step[]): Classification['server'] {
  if (header !== '') {
    // a preview may end within the name
    const said = header.toLowerCase();
    const known = (['zerocopy', 'nginx', 'apache'] as const).find(name => name.startsWith(said.slice(0, name.length)));
    return known ?? 'other';
  }
  const has = (name: string) => steps.some(step => step.name === name);
  // without a header: what each of them waits with, and asks a file's facts with
  if (has('statx') && has('epoll_pwait')) return 'zerocopy';
  return has('epoll_wait') && has('accept4') ? 'nginx' : 'other';
}
