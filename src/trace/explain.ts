/** The phases of a request, in words. */
import { isClientRead, isClientWrite, isFileRead, isKernelMove, isProbe, isReadIn, isWait } from './normalise.js';
import type { Folded, FoldedItem, Phase, PhaseName, Step } from './steps.js';

/**
 * Divides a folded trace into phases, each with a sentence that says what happens.
 * @returns in the order of the trace; a name comes again where the server comes back to it
 */
export function explain(folded: Folded): Phase[] {
  const groups: { name: PhaseName; items: FoldedItem[] }[] = [];
  const state: State = { hasHead: false, isFull: false, hasRequest: false };
  for (const item of folded.items) {
    const name = phaseOf(item, state, groups.at(-1)?.name);
    const group = groups.at(-1);
    if (group?.name === name) group.items.push(item);
    else groups.push({ name, items: [item] });
  }
  return groups.map(({ name, items }) => describe(name, items));
}

/** What has been seen so far. */
interface State {
  hasHead: boolean;
  /** The last write found the socket full, and none has gone through since. */
  isFull: boolean;
  hasRequest: boolean;
}

/** All steps that an item shows, each kind once. */
export function stepsOf(item: FoldedItem): Step[] {
  return item.kind === 'step' ? [item.step] : item.body.flatMap(stepsOf);
}

function phaseOf(item: FoldedItem, state: State, before: PhaseName | undefined): PhaseName {
  if (item.kind === 'step') return phaseOfStep(item.step, state, before);
  if (item.why === 'socket full') {
    state.isFull = false;
    return 'socket full';
  }
  const steps = stepsOf(item);
  const isFull = steps.some(step => isClientWrite(step) && step.errno === 'EAGAIN');
  state.isFull = false;
  if (isFull) return 'socket full';
  if (steps.every(isAboutCache)) return 'ask the cache';
  if (steps.some(isKernelMove)) return 'move by sendfile';
  if (steps.some(isFileRead) || steps.some(isClientWrite)) return 'move by copy';
  return phaseOfStep(steps[0], state, before);
}

/** Steps around the question whether a file is in the page cache, and waits for it to be. */
const isAboutCache = (step: Step) => isProbe(step) || isReadIn(step) || isWait(step);

function phaseOfStep(step: Step, state: State, before: PhaseName | undefined): PhaseName {
  if (isProbe(step) || isReadIn(step) || isMiss(step)) return 'ask the cache';
  if (isWait(step)) return phaseOfWait(step, state, before);
  if (step.name.startsWith('accept')) return 'accept';
  if (isClientRead(step)) return phaseOfRead(step, state);
  if (step.role === 'error log') return 'not found';
  if (step.role === 'access log') return 'log';
  if (step.name === 'close' || step.name === 'shutdown') return step.role === 'file' ? 'close file' : closing(step);
  if (isClientWrite(step)) return phaseOfWrite(step, state);
  if (isFileRead(step)) return state.isFull ? 'socket full' : 'move by copy';
  if (step.name === 'epoll_ctl')
    return state.isFull ? 'socket full' : state.hasRequest ? (before ?? 'other') : 'accept';
  if (/^(?:open|openat|openat2|statx?|fstat|newfstatat|lstat)$/.test(step.name)) {
    return step.errno === 'ENOENT' ? 'not found' : 'open the file';
  }
  if (step.name === 'setsockopt' && step.role === 'client') return phaseOfOption(step, state, before);
  return before ?? 'other';
}

const closing = (step: Step): PhaseName => (step.role === 'client' ? 'close' : 'other');

/** A read that would have to wait for the disk. */
const isMiss = (step: Step) => isFileRead(step) && step.errno === 'EAGAIN';

function phaseOfWait(step: Step, state: State, before: PhaseName | undefined): PhaseName {
  if (before === 'ask the cache') return before;
  if (state.isFull) return 'socket full';
  const roles = step.events?.map(event => event.role) ?? [];
  if (roles.includes('listener')) return 'accept';
  if (before !== undefined && midAnswer.has(before) && waitsForRoom(step)) return 'socket full';
  // a look at what else there is to do, in the midst of a long answer
  if (step.value === 0 && before !== undefined && state.hasHead) return before;
  return state.hasRequest ? 'keep alive' : 'wait for the request';
}

/** Phases in which more of an answer is to come. */
const midAnswer: ReadonlySet<PhaseName> = new Set(['head', 'move by copy', 'move by sendfile', 'socket full']);

/** Whether epoll says that there is room again. A server may wait for that after a short write, without trying once more. */
function waitsForRoom(step: Step): boolean {
  const names = step.events?.filter(event => event.role === 'client').flatMap(event => event.names) ?? [];
  return names.includes('EPOLLOUT') && !names.includes('EPOLLIN');
}

function phaseOfRead(step: Step, state: State): PhaseName {
  if (step.result === 0) return 'close';
  state.hasRequest = true;
  state.hasHead = false;
  return 'read the request';
}

function phaseOfWrite(step: Step, state: State): PhaseName {
  state.isFull = step.errno === 'EAGAIN';
  if (state.isFull) return 'socket full';
  if (isKernelMove(step)) return 'move by sendfile';
  if (!state.hasHead && (step.preview?.startsWith('HTTP/') === true || state.hasRequest)) {
    state.hasHead = true;
    return 'head';
  }
  return 'move by copy';
}

function phaseOfOption(step: Step, state: State, before: PhaseName | undefined): PhaseName {
  const option = step.flags?.[0];
  // the cork goes in before the head, and comes out behind the last byte
  if (option === 'TCP_CORK') return step.value === 0 ? (before ?? 'head') : 'head';
  return state.hasHead ? 'keep alive' : (before ?? 'other');
}

const titles: Readonly<Record<PhaseName, string>> = {
  accept: 'A client comes',
  'wait for the request': 'Waiting for the request',
  'read the request': 'The request',
  'open the file': 'The file',
  'not found': 'No such file',
  head: 'The head of the answer',
  'ask the cache': 'Is it in memory?',
  'move by copy': 'The file, by copying',
  'move by sendfile': 'The file, by sendfile',
  'socket full': 'The socket is full',
  log: 'The log line',
  'close file': 'The file is closed',
  'keep alive': 'The connection stays',
  close: 'The end',
  other: 'Other calls',
};

const sentences: Readonly<Record<PhaseName, string>> = {
  accept:
    'The listening socket has a new client: the worker accepts it and asks epoll to tell when there is something to read.',
  'wait for the request': 'Nothing has come from the client yet: the worker waits, and is free for others.',
  'read the request': 'The request is read from the socket into a buffer of the process.',
  'open the file': 'The file is opened and asked for its size and date; nothing of it is read yet.',
  'not found': 'There is no such file: that goes into the error log, and the answer will say so.',
  head: 'The head of the answer goes to the socket.',
  'ask the cache': '',
  'move by copy': '',
  'move by sendfile': '',
  'socket full': '',
  log: 'The request is done: one line goes to the access log.',
  'close file': 'The descriptor of the file is given back.',
  'keep alive': 'The answer is out and the connection stays open: the worker waits for the next request on it.',
  close: 'The connection is over: the descriptor of the client is closed.',
  other: 'Calls that are not part of an answer.',
};

function describe(name: PhaseName, items: readonly FoldedItem[]): Phase {
  const calls = items.reduce((sum, item) => sum + item.calls, 0);
  const bytes = items.reduce((sum, item) => sum + item.sent, 0);
  return { name, title: titles[name], sentence: sentenceOf(name, items, calls), items, calls, bytes };
}

function sentenceOf(name: PhaseName, items: readonly FoldedItem[], calls: number): string {
  if (name === 'socket full') return fullSentence(items);
  if (name === 'head') return headSentence(items);
  if (name === 'ask the cache') return cacheSentence(items);
  if (name === 'move by sendfile') {
    return `sendfile has the kernel move the file from the page cache to the socket: ${plural(calls, 'call')}, and no byte of it comes into the process.`;
  }
  if (name !== 'move by copy') return sentences[name];
  const read = largest(items, isFileRead);
  const written = largest(items, isClientWrite);
  if (written === 0) return 'A piece of the file is copied from the kernel into a buffer of the process.';
  if (read === 0) return 'What is in the buffers is copied into the socket.';
  return `Each piece of the file is copied twice, from the kernel into a buffer of the process and from there into the socket: ${read} bytes at a time are read and up to ${written} written, ${plural(calls, 'call')} in all.`;
}

function largest(items: readonly FoldedItem[], test: (step: Step) => boolean): number {
  const of = (item: FoldedItem): number => {
    if (item.kind === 'run') return item.body.map(of).reduce((a, b) => Math.max(a, b), 0);
    return test(item.step) ? item.moved.max : 0;
  };
  return items.map(of).reduce((a, b) => Math.max(a, b), 0);
}

function headSentence(items: readonly FoldedItem[]): string {
  const steps = items.flatMap(stepsOf);
  const write = steps.find(isClientWrite);
  if (steps.some(step => step.flags?.includes('TCP_CORK'))) {
    return 'The socket is corked, and the head is written: it will leave in one packet with the first bytes of the file.';
  }
  if (write?.flags?.includes('MSG_MORE')) {
    return 'The head goes to the socket with MSG_MORE: it will leave in one packet with the first bytes of the file.';
  }
  const parts = write?.parts?.length ?? 1;
  return parts > 1 ? 'The head goes to the socket, together with the first bytes of the body.' : sentences.head;
}

function cacheSentence(items: readonly FoldedItem[]): string {
  const question =
    'The kernel is asked whether the next bytes of the file are in the page cache, without waiting for the disk';
  const reads = items.flatMap(stepsOf).filter(isReadIn);
  if (reads.length === 0) return `${question}: what is there can be sent at once.`;
  return `${question}. They are not: a thread sends them to /dev/null, which brings them into the page cache and copies none, and the worker is free for others until then.`;
}

function fullSentence(items: readonly FoldedItem[]): string {
  const again = items.find(item => item.kind === 'run' && item.why === 'socket full');
  const hasTried = items.flatMap(stepsOf).some(step => step.errno === 'EAGAIN');
  const full = hasTried ? 'The socket buffer is full (EAGAIN)' : 'The socket buffer has taken all that it can';
  const core = `${full}: the worker leaves and comes back when epoll says that there is room (EPOLLOUT)`;
  if (again === undefined) return `${core}.`;
  const { median } = again.kind === 'run' ? again.moved : { median: 0 };
  const times = items.reduce((sum, item) => sum + (item.kind === 'run' ? item.times.median : 0), 0);
  return `${core}; that happens ${plural(times, 'time')} here, with some ${median} bytes sent from one to the next.`;
}

function plural(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`;
}
