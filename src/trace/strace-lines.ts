/** The lines of strace's output: what is in front of a call (thread, time), and what is none. */

export interface Prefix {
  /** 0 where the line has none. */
  readonly pid: number;
  /** Seconds; -1 where the line has none. */
  readonly time: number;
  /** Seconds since the line before (`-r`) instead of a time. */
  readonly isRelative: boolean;
  /** Where the call begins. */
  readonly at: number;
}

// `[pid 12] `, or with -o a bare number, `12    `
const pidPattern = /\s*(?:\[pid\s+(\d+)(?:<[^>]*>)?\]\s+|(\d+)(?:<[^>]*>)?\s+(?=[^\s.=]))/y;
// -t and -tt, or -ttt, or -r (padded with blanks), and -r with one of the others: `(+ 0.1) `
const timePattern = /\s*(?:(\d\d):(\d\d):(\d\d(?:\.\d+)?)|(\d+\.\d+))\s+(?:\(\+\s*\d+\.\d+\)\s+)?/y;
// -n (the number of the call) and -i (the instruction pointer)
const bracketPattern = /\[\s*(?:\d+|[0-9a-f?]{8,16})\]\s+/y;

/** Reads the thread and the time of a line, by whichever of -f, -o, -t, -tt, -ttt, -r it was made. */
export function readPrefix(line: string): Prefix {
  let at = 0;
  let pid = 0;
  let time = -1;
  let isRelative = false;
  pidPattern.lastIndex = 0;
  const thread = pidPattern.exec(line);
  if (thread !== null) {
    pid = Number(thread[1] ?? thread[2]);
    at = pidPattern.lastIndex;
  }
  timePattern.lastIndex = at;
  const clock = timePattern.exec(line);
  if (clock !== null) {
    const seconds = clock[4];
    time = seconds === undefined ? Number(clock[1]) * 3600 + Number(clock[2]) * 60 + Number(clock[3]) : Number(seconds);
    // -ttt counts from 1970, and no two calls of a trace are as far apart
    isRelative = seconds !== undefined && time < 1e8;
    at = timePattern.lastIndex;
  }
  bracketPattern.lastIndex = at;
  if (bracketPattern.test(line)) at = bracketPattern.lastIndex;
  while (line[at] === ' ') at += 1;
  return { pid, time, isRelative, at };
}

/** Whether a line is strace's own message, a comment, a mark for lines left out, or a stack frame of -k. */
export function isNoEvent(body: string): boolean {
  if (body === '' || body === '…' || body === '...' || body.startsWith('#')) return true;
  if (body.startsWith('strace: ') || body.startsWith('> ')) return true;
  return /^(?:\[ )?Process (?:\d+|PID=\d+) (?:attached|detached|resumed|suspended|runs in)/.test(body);
}

/** Each line with its number from 1, without its end. */
export function* linesOf(text: string): Generator<readonly [string, number]> {
  let number = 0;
  for (let start = 0; start < text.length; ) {
    const end = text.indexOf('\n', start);
    const stop = end < 0 ? text.length : end;
    number += 1;
    yield [text.slice(start, text[stop - 1] === '\r' ? stop - 1 : stop), number];
    start = stop + 1;
  }
}
