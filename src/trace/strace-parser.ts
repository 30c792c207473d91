/** Reads what strace(1), versions 5 and 6, writes about any program. */
import type { SystemCall, Trace, TraceEvent } from './event.js';
import { splitArguments } from './strace-args.js';
import { type RawEvent, readArguments, readEvents } from './strace-calls.js';
import { isNoEvent, linesOf, readPrefix } from './strace-lines.js';

/** The beginning of a call whose end is on a line further down. */
interface Unfinished {
  readonly text: string;
  readonly time: number;
}

const resumedPattern = /^<\.\.\. (\w+) resumed>,? ?/;
const unfinishedPattern = /,? ?<(unfinished|detached) \.\.\.>\)?(?:\s+=.*)?$/;
const durationPattern = /\s<(\d+\.\d+)>$/;
const signalPattern = /^--- (?:stopped by )?(\w+).* ---$/;
const exitPattern = /^\+\+\+ (?:exited with (\d+)|killed by (\w+).*|superseded by .*) \+\+\+$/;
/** What an strace that is older than the kernel has no names for. */
const unnamed: Readonly<Record<string, string>> = { syscall_0x1c3: 'cachestat' };
const namePattern = /^(\w+|\?+)\(/;
const errnoPattern = /^(?:-1|\?) (E[A-Z0-9]+)/;

const secondsOfDay = 86_400;

/**
 * Reads the output of strace, with any of -f, -o, -t, -tt, -ttt, -r, -T, -y and -yy, in time linear in its length.
 * @param text the whole of it; lines that begin with `#`, and `…` alone, are passed over
 * @returns the calls in the order in which they came back, signals and exits between them. A call without an end (at the
 *   end of the text, or where strace let go of the process) is no event. What cannot be read is in `unparsed`.
 */
export function parseStrace(text: string): Trace {
  const reader = new Reader();
  for (const [line, number] of linesOf(text)) reader.read(line, number);
  return { recorder: 'strace', events: reader.events, unparsed: reader.unparsed };
}

class Reader {
  readonly events: TraceEvent[] = [];
  readonly unparsed: { line: number; text: string }[] = [];
  private readonly unfinished = new Map<number, Unfinished>();
  /** Whose the data of an epoll instance are, by thread and by themselves. */
  private readonly watched = new Map<string, number>();
  private relative = 0;
  private lastClock = -1;
  private days = 0;

  read(line: string, number: number): void {
    const prefix = readPrefix(line);
    const body = line.slice(prefix.at).trimEnd();
    const time = this.timeOf(prefix.time, prefix.isRelative);
    if (isNoEvent(body) || this.readOther(body, prefix.pid, time) || this.readCall(body, prefix.pid, time)) return;
    this.unparsed.push({ line: number, text: line });
  }

  private timeOf(time: number, isRelative: boolean): number {
    if (time < 0) return -1;
    if (isRelative) {
      this.relative += time;
      return this.relative;
    }
    // -t knows no days; half a day back is the next midnight and not another thread's line
    if (time < secondsOfDay && time + secondsOfDay / 2 < this.lastClock) this.days += 1;
    this.lastClock = time;
    return time + this.days * secondsOfDay;
  }

  /** A signal or an exit. */
  private readOther(body: string, pid: number, time: number): boolean {
    const signal = signalPattern.exec(body);
    if (signal !== null) {
      this.events.push({ kind: 'signal', name: signal[1], time, pid, text: body });
      return true;
    }
    const exit = exitPattern.exec(body);
    if (exit === null) return false;
    this.unfinished.delete(pid);
    const [, code, killer] = exit;
    this.events.push({
      kind: 'exit',
      code: killer === undefined ? Number(code ?? 0) : -1,
      signal: killer ?? '',
      time,
      pid,
      text: body,
    });
    return true;
  }

  private readCall(body: string, pid: number, time: number): boolean {
    let whole = body;
    let begun = time;
    const resumed = resumedPattern.exec(body);
    if (resumed !== null) {
      const start = this.unfinished.get(pid);
      this.unfinished.delete(pid);
      const rest = body.slice(resumed[0].length);
      // the beginning may be in front of the trace, and no argument of it is known
      const head = start?.text.startsWith(`${resumed[1]}(`) ? start.text : `${resumed[1]}(`;
      whole = join(head, rest);
      begun = start?.time ?? time;
    }
    const open = whole.includes(' ...>') ? unfinishedPattern.exec(whole) : null;
    if (open !== null && namePattern.test(whole)) {
      if (open[1] === 'unfinished')
        this.unfinished.set(pid, { text: whole.slice(0, open.index).trimEnd(), time: begun });
      return true;
    }
    return this.readWhole(whole, pid, begun);
  }

  private readWhole(text: string, pid: number, time: number): boolean {
    const written = namePattern.exec(text)?.[1];
    if (written === undefined) return false;
    const name = unnamed[written] ?? written;
    const taken = text.endsWith('>') ? durationPattern.exec(text) : null;
    const line = taken === null ? text : text.slice(0, taken.index).trimEnd();
    const split = splitArguments(line, written.length) ?? roughly(line, written.length);
    if (split === null) return false;
    const behind = line.slice(split.end + 1).trim();
    // a fragment in an article may leave the result out
    if (behind !== '' && !/^=\s*\S/.test(behind)) return false;
    const result = behind.replace(/^=\s*/, '');
    const value = resultOf(result);
    if (Number.isNaN(value)) return false;
    const raw = readEvents(name, split.args, result);
    const fields = readArguments(name, split.args, result);
    const call: SystemCall = {
      kind: 'call',
      name,
      ...fields,
      ...(raw === undefined ? {} : { events: this.eventsOf(name, raw, fields.otherFd, pid) }),
      result: value,
      errno: errnoPattern.exec(result)?.[1] ?? '',
      time,
      duration: taken === null ? -1 : Number(taken[1]),
      pid,
      text: line,
    };
    this.events.push(call);
    return true;
  }

  /** Says whose events they are: epoll_ctl has told what data a descriptor's events bear. */
  private eventsOf(
    name: string,
    raw: readonly RawEvent[],
    fd: number | undefined,
    pid: number,
  ): NonNullable<SystemCall['events']> {
    return raw.map(({ names, fd: own, data }) => {
      if (name === 'epoll_ctl' && fd !== undefined && data !== undefined) {
        this.watched.set(`${pid} ${data}`, fd);
        this.watched.set(data, fd);
      }
      const owner = name === 'epoll_ctl' ? fd : (own ?? this.ownerOf(data, pid));
      return { names, ...(owner === undefined ? {} : { fd: owner }) };
    });
  }

  private ownerOf(data: string | undefined, pid: number): number | undefined {
    if (data === undefined) return undefined;
    const known = this.watched.get(`${pid} ${data}`) ?? this.watched.get(data);
    if (known !== undefined) return known;
    // many programs give the descriptor itself; what is larger than a table of descriptors is a pointer
    const number = Number(data);
    return number >= 0 && number < 1 << 20 ? number : undefined;
  }
}

/** strace ends the first half of a call behind a comma, or before it. */
function join(head: string, rest: string): string {
  if (head.endsWith('(') || rest.startsWith(')') || rest.startsWith(',')) return `${head}${rest}`;
  // `[0] => [131072]`: what an argument was, and what it has become
  return head.endsWith(',') || rest.startsWith('=>') ? `${head} ${rest}` : `${head}, ${rest}`;
}

/** For arguments that were cut off in the midst of a string or a struct: name and result are still there. */
function roughly(line: string, open: number): { args: string[]; end: number } | null {
  const end = line.lastIndexOf(') ');
  return end > open && /^\)\s+= /.test(line.slice(end)) ? { args: [], end } : null;
}

/** The number behind `=`; NaN for what is none. */
function resultOf(result: string): number {
  if (result === '') return 0;
  if (result.startsWith('?')) return errnoPattern.test(result) ? -1 : 0;
  const found = /^(-?(?:0x[0-9a-f]+|\d+))(?![\w.])/.exec(result);
  return found === null ? Number.NaN : Number(found[1]);
}
