import { constants } from 'node:os';
import type { LedgerRecord } from '../../native/ledger-calls.js';
import type { SystemCall, Trace } from './event.js';
import { epollNames, flagNames } from './ledger-names.js';
import { callText } from './ledger-text.js';

const errnoNames = new Map<number, string>();
// of two names for one number (EAGAIN and EWOULDBLOCK) the first is the one that strace prints
for (const [name, number] of Object.entries(constants.errno)) {
  if (!errnoNames.has(number)) errnoNames.set(number, name);
}

/**
 * Reads what the server has written with ZEROCOPY_LEDGER (native/ledger.ts says in what form).
 * @param text a byte string: the file read as latin1
 * @param pid the process whose calls are wanted; 0 takes those of all
 * @returns the calls in the order of the file; a last line without its end is left out, for it is still being written
 */
export function parseLedger(text: string, pid = 0): Trace {
  const events: SystemCall[] = [];
  const unparsed: { line: number; text: string }[] = [];
  const lines = text.slice(0, text.lastIndexOf('\n') + 1).split('\n');
  for (const [index, line] of lines.entries()) {
    if (line === '') continue;
    const record = parseLine(line);
    if (record === null) unparsed.push({ line: index + 1, text: line });
    else if (pid === 0 || record.pid === pid) events.push(toCall(record, pid === 0 ? record.pid : 0));
  }
  return { recorder: 'ledger', events, unparsed };
}

function parseLine(line: string): LedgerRecord | null {
  try {
    const value: unknown = JSON.parse(line);
    return isRecord(value) ? value : null;
  } catch {
    return null;
  }
}

function isRecord(value: unknown): value is LedgerRecord {
  if (typeof value !== 'object' || value === null) return false;
  const { pid, time, took, call, result } = value as Record<string, unknown>;
  return [pid, time, took, result].every(each => typeof each === 'number') && typeof call === 'string';
}

function toCall(record: LedgerRecord, pid: number): SystemCall {
  const errno = record.errno === undefined ? '' : (errnoNames.get(record.errno) ?? `${record.errno}`);
  const flags = flagNames(record.call, record.flags ?? 0, record.option ?? 0);
  const events = record.events?.map(([fd, mask]) => ({ fd, names: epollNames(mask) }));
  return {
    kind: 'call',
    name: record.call,
    ...numbersOf(record),
    ...pathsOf(record),
    ...(record.path === undefined ? {} : { path: record.path }),
    ...(flags === undefined ? {} : { flags }),
    ...(events === undefined ? {} : { events }),
    ...(record.preview === undefined ? {} : { preview: record.preview }),
    result: record.result,
    errno,
    time: record.time,
    duration: record.took,
    pid,
    text: callText(record, errno),
  };
}

/** As parseStrace has them: what a call gives stands in the first of the two that has no descriptor of its own. */
function pathsOf({ fd, fdPath, otherFdPath, resultPath }: LedgerRecord) {
  const first = fd === undefined ? resultPath : fdPath;
  const second = fd === undefined ? undefined : (otherFdPath ?? resultPath);
  return { ...(first ? { fdPath: first } : {}), ...(second ? { otherFdPath: second } : {}) };
}

/** Calls whose `value` in the ledger is what SystemCall calls a value: an option's, or a timeout. */
const valued = new Set(['setsockopt', 'getsockopt', 'epoll_pwait']);
/** Calls that ask for no bytes: what the ledger has as their size is a length of a struct, or room for events. */
const sizeless = new Set(['setsockopt', 'bind', 'connect', 'epoll_pwait', 'sched_setaffinity']);

function numbersOf({ call, fd, otherFd, size, parts, offset, value }: LedgerRecord) {
  return {
    ...(fd === undefined ? {} : { fd }),
    ...(otherFd === undefined ? {} : { otherFd }),
    ...(size === undefined || sizeless.has(call) ? {} : { size }),
    ...(parts === undefined ? {} : { parts }),
    ...(offset === undefined ? {} : { offset }),
    ...(value === undefined || !valued.has(call) ? {} : { value }),
  };
}
