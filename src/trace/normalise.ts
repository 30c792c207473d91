/** Takes out of a trace what differs from run to run, and finds the requests in it. */
import { type CallDescriptors, followDescriptors, isRequestLine, type Life, roleOfPath } from './descriptors.js';
import type { Role, SystemCall, Trace } from './event.js';
import { stepText } from './step-text.js';
import type { NormalTrace, RequestSteps, Step } from './steps.js';

export interface NormaliseOptions {
  /** Leaves out the calls that serve no request: start, timers, other threads, what the program does for itself. */
  readonly onlyRequests?: boolean;
}

/** The steps of one connection, as they are gathered. */
interface Connection {
  readonly steps: Step[];
}

/**
 * Puts a trace into normal form.
 * @returns steps in the order of the trace and, for each request, its own. A request begins with what led to it (the accept,
 *   or the wait for the next request of a connection that is kept) and has all up to the next one. A trace that begins in
 *   the midst of one is as good: then the method and the status may be missing.
 */
export function normalise(trace: Trace, options: NormaliseOptions = {}): NormalTrace {
  const descriptors = followDescriptors(trace.events);
  const sorter = new Sorter(options.onlyRequests === true);
  const steps: Step[] = [];
  for (const [index, event] of trace.events.entries()) {
    if (event.kind !== 'call') continue;
    const step = stepOf(event, descriptors[index], index);
    steps.push(step);
    sorter.add(step, descriptors[index], event.pid);
  }
  const requests = sorter.connections.flatMap((connection, number) => requestsOf(connection.steps, number));
  requests.sort((a, b) => a.steps[0].index - b.steps[0].index);
  const kept = options.onlyRequests === true ? inOrder(requests) : steps;
  return { recorder: trace.recorder, steps: kept, requests, unparsed: trace.unparsed.length };
}

function inOrder(requests: readonly RequestSteps[]): Step[] {
  return requests.flatMap(request => request.steps).sort((a, b) => a.index - b.index);
}

/** Calls that name a file in order to serve it; others (readlink …) are what libraries do for themselves. */
const asksForFile = /^(?:open|openat|openat2|stat|lstat|statx|newfstatat|fstatat64|access|faccessat2?)$/;

const nowhere = '/dev/null';

function stepOf(call: SystemCall, descriptors: CallDescriptors, index: number): Step {
  const { fd, other, gives, events } = descriptors;
  const role: Role =
    fd?.role ?? (call.path !== undefined && asksForFile.test(call.name) ? roleOfPath(call.path, call.flags) : 'other');
  const step = {
    name: call.name,
    role,
    ...(other === undefined ? {} : { other: other.role }),
    ...(gives === undefined ? {} : { gives: gives.role }),
    ...pick(call, ['path', 'size', 'parts', 'offset', 'flags', 'value', 'preview']),
    ...(call.fdPath === nowhere ? { path: nowhere } : {}),
    ...(call.events === undefined
      ? {}
      : { events: call.events.map((event, at) => ({ role: events?.[at]?.role ?? 'other', names: event.names })) }),
    result: call.result,
    errno: call.errno,
    index,
  };
  return { ...step, text: stepText(step) };
}

function pick<Key extends keyof SystemCall>(call: SystemCall, keys: readonly Key[]): Pick<SystemCall, Key> {
  const picked: Partial<SystemCall> = {};
  for (const key of keys) if (call[key] !== undefined) picked[key] = call[key];
  return picked as Pick<SystemCall, Key>;
}

/** Says of each step which connection it serves. */
class Sorter {
  readonly connections: Connection[] = [];
  private readonly ofLife = new Map<Life, Connection>();
  /** What each thread is busy with. */
  private readonly current = new Map<number, Connection>();
  /** Steps of a thread that is busy with nothing that the trace shows. */
  private readonly pending = new Map<number, Step[]>();

  constructor(private readonly onlyRequests: boolean) {}

  add(step: Step, descriptors: CallDescriptors, pid: number): void {
    const named = this.named(descriptors, pid);
    // a wait that brings a new client has nothing to do with the one before
    const isNew = step.events?.some(event => event.role === 'listener') === true;
    const connection = named ?? (isNew || isAccept(step) ? undefined : this.current.get(pid));
    if (connection === undefined) {
      this.wait(step, pid);
      return;
    }
    this.current.set(pid, connection);
    if (descriptors.gives?.role === 'file') this.ofLife.set(descriptors.gives, connection);
    this.flush(connection, step, pid);
    if (!this.onlyRequests || serves(step)) connection.steps.push(step);
    if (step.name === 'close' && descriptors.fd?.role === 'client') this.current.delete(pid);
  }

  /** The connection that a call's descriptors name. */
  private named(descriptors: CallDescriptors, pid: number): Connection | undefined {
    const { fd, other, gives, events } = descriptors;
    const lives = [gives, fd, other, ...(events ?? [])];
    const client = lives.find(life => life?.role === 'client');
    if (client !== undefined && client !== null) return this.connectionOf(client);
    const file = lives.find(life => life?.role === 'file');
    if (file === undefined || file === null || file === gives) return undefined;
    const known = this.ofLife.get(file);
    if (known !== undefined) return known;
    const current = this.current.get(pid);
    if (current !== undefined) this.ofLife.set(file, current);
    return current;
  }

  private connectionOf(client: Life): Connection {
    let connection = this.ofLife.get(client);
    if (connection === undefined) {
      connection = { steps: [] };
      this.ofLife.set(client, connection);
      this.connections.push(connection);
    }
    return connection;
  }

  private wait(step: Step, pid: number): void {
    const waiting = this.pending.get(pid);
    if (waiting === undefined) this.pending.set(pid, [step]);
    // of what was before a connection only the last is of interest, unless the trace begins in the midst of one
    else if (waiting.length > 64) this.pending.set(pid, [...waiting.slice(-16), step]);
    else waiting.push(step);
  }

  /** What a thread did before its connection was known belongs to it where it can. */
  private flush(connection: Connection, first: Step, pid: number): void {
    const waiting = this.pending.get(pid);
    if (waiting === undefined) return;
    this.pending.delete(pid);
    if (connection.steps.length > 0) return;
    const isAccepted = isAccept(first);
    const last = waiting.at(-1);
    if (isAccepted && last !== undefined && isWait(last)) connection.steps.push(last);
    else if (!isAccepted) connection.steps.push(...waiting.filter(step => step.role === 'file'));
  }
}

const isAccept = (step: Step) => step.name === 'accept' || step.name === 'accept4';

/** Whether a step waits for events of descriptors. */
export function isWait(step: Step): boolean {
  return /^(?:epoll_p?wait2?|p?poll|p?select\d?)$/.test(step.name);
}

/** Whether a step of a thread that is busy with a connection is there for it. */
function serves(step: Step): boolean {
  if (isWait(step)) return true;
  return step.role !== 'other' || step.other === 'client' || step.other === 'file' || step.gives === 'file';
}

/** Whether a step takes bytes from the client. */
export function isClientRead(step: Step): boolean {
  return step.role === 'client' && /^(?:readv?|recv(?:from|msg)?)$/.test(step.name);
}

/** Whether a step gives bytes of the process, or of a file, to the client. */
export function isClientWrite(step: Step): boolean {
  return step.role === 'client' && /^(?:writev?|send(?:to|msg|file|file64)?|splice|pwritev2?)$/.test(step.name);
}

/** Whether a step is one by which the kernel moves bytes between descriptors by itself. */
export function isKernelMove(step: Step): boolean {
  return /^(?:sendfile|sendfile64|splice|copy_file_range)$/.test(step.name) && !isReadIn(step);
}

/** Whether a step brings bytes of a file into the process. */
export function isFileRead(step: Step): boolean {
  return step.role === 'file' && /^p?read(?:v|64|v2)?$/.test(step.name) && !isProbe(step);
}

/** Whether a step brings bytes of a file into the page cache, and nowhere else: sendfile to /dev/null. */
export function isReadIn(step: Step): boolean {
  return /^sendfile(?:64)?$/.test(step.name) && step.path === nowhere && step.other === 'file';
}

/** Whether a step asks what of a file is in the page cache: of one byte it is of no interest what it is. */
export function isProbe(step: Step): boolean {
  return step.role === 'file' && (step.name === 'cachestat' || (step.name === 'preadv2' && step.size === 1));
}

function requestsOf(steps: readonly Step[], connection: number): RequestSteps[] {
  const parts: Step[][] = [[]];
  let hasAnswered = false;
  for (const step of steps) {
    const part = parts[parts.length - 1];
    if (hasAnswered && isClientRead(step) && step.result > 0 && startsRequest(step)) {
      const last = part.at(-1);
      const led = last !== undefined && isWait(last) ? part.splice(-1) : [];
      parts.push([...led, step]);
      hasAnswered = false;
      continue;
    }
    if (isClientWrite(step)) hasAnswered = true;
    part.push(step);
  }
  return parts.filter(part => part.length > 0).map(part => describe(part, connection));
}

function startsRequest(step: Step): boolean {
  return step.preview === undefined || isRequestLine(step.preview);
}

function describe(steps: Step[], connection: number): RequestSteps {
  const asked = steps.find(step => isClientRead(step) && isRequestLine(step.preview));
  const [, method = '', uri = ''] = /^([A-Z]+) (\S*)/.exec(asked?.preview ?? '') ?? [];
  let status = 0;
  for (const step of steps) {
    if (!isClientWrite(step)) continue;
    status = Number(/^HTTP\/1\.\d (\d{3})/.exec(step.preview ?? '')?.[1] ?? 0);
    if (status !== 0 && status !== 100) break;
  }
  return { method, uri, status, connection, steps };
}
