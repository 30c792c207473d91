import { isDigit } from './ascii.js';
import { type Field, ReceivedHead } from './received-head.js';

const CR = 13;
const LF = 10;
const SPACE = 0x20;
const TAB = 9;

/** Bytes that one head may have. */
const defaultMost = 64 * 1024;
const protocol = 'HTTP/';
/** What is quoted of an answer that is none. */
const quoteLength = 40;

/**
 * Reads the heads of responses in any number of pieces, each byte once; what it needs of a piece it keeps itself. As curl and
 * browsers do, it takes lines that end with LF alone, a status line without a reason, and folded lines (RFC 9112 sections 2.2,
 * 4 and 5.2); an answer that does not begin as HTTP/1 does is refused at its first bytes.
 */
export class ResponseParser {
  /** The head, when `parse` has found its end and returned a position. */
  head: ReceivedHead | null = null;
  /** Why it is refused: a byte string that goes on from "the answer ". */
  problem = '';
  private text = '';
  private lineLength = 0;
  private endsWithCr = false;

  /** @param most bytes that a head may have */
  constructor(private readonly most = defaultMost) {}

  /** Begins a new head: after 100 Continue, or on a connection that is used again. */
  reset(): void {
    this.head = null;
    this.problem = '';
    this.text = '';
    this.lineLength = 0;
    this.endsWithCr = false;
  }

  /** Whether not a byte of the head has come. */
  get isEmpty(): boolean {
    return this.text === '' && this.head === null;
  }

  /**
   * Goes on with the bytes from `start` to `end` (exclusive).
   * @returns the position after what was read: where the body begins if `head` is set, else `end`; or -1 where it is refused
   */
  parse(bytes: Buffer, start: number, end: number): number {
    const isBegin = this.text.length < protocol.length;
    const limit = Math.min(end, start + this.most - this.text.length);
    const after = this.findEnd(bytes, start, limit);
    this.text += bytes.latin1Slice(start, after < 0 ? limit : after);
    if (isBegin && !beginsAsHttp(this.text)) this.refuse(`is not HTTP: it begins with "${quoted(this.text)}"`);
    else if (after >= 0) this.readHead();
    else if (this.text.length >= this.most) this.refuse(`has a head of more than ${this.most} bytes`);
    if (this.problem !== '') return -1;
    return after >= 0 ? after : end;
  }

  /** The position after the empty line, or -1 where it has not come. */
  private findEnd(bytes: Buffer, start: number, limit: number): number {
    for (let at = start; at < limit; at++) {
      const code = bytes[at];
      if (code === LF) {
        const isLast = this.lineLength === 0 || (this.lineLength === 1 && this.endsWithCr);
        if (isLast) return at + 1;
        this.lineLength = 0;
      } else {
        this.lineLength += 1;
        this.endsWithCr = code === CR;
      }
    }
    return -1;
  }

  private readHead(): void {
    const [first, ...lines] = splitLines(this.text);
    const status = readStatusLine(first);
    if (this.text.includes('\0')) this.refuse('has a NUL in its head');
    else if (status === null) this.refuse(`has a status line that is none: "${quoted(first)}"`);
    else this.head = new ReceivedHead(status.version, status.status, status.reason, this.readFields(lines));
    this.text = '';
  }

  private readFields(lines: readonly string[]): Field[] {
    const fields: { name: string; parts: string[] }[] = [];
    for (const line of lines) {
      const last = fields.at(-1);
      const colon = line.indexOf(':');
      const isFolded = isBlank(line.charCodeAt(0));
      if (isFolded && last !== undefined) last.parts.push(trimBlanks(line));
      else if (isFolded || colon < 1) this.refuse(`has a header line that is none: "${quoted(line)}"`);
      else fields.push({ name: trimBlanks(line.slice(0, colon)), parts: [trimBlanks(line.slice(colon + 1))] });
    }
    return fields.map(({ name, parts }) => ({ name, value: trimBlanks(parts.join(' ')) }));
  }

  private refuse(problem: string): void {
    this.problem = problem;
  }
}

function quoted(text: string): string {
  return text.length > quoteLength ? `${text.slice(0, quoteLength)}...` : text;
}

function beginsAsHttp(text: string): boolean {
  return text.length < protocol.length ? protocol.startsWith(text) : text.startsWith(protocol);
}

/** The lines of a head, without their ends and without the empty one; a CR that ends no line counts as a blank. */
function splitLines(text: string): string[] {
  const lines = text.split('\n').map(line => (line.endsWith('\r') ? line.slice(0, -1) : line));
  // the empty line, and what is after its end
  return lines.slice(0, -2).map(line => line.replaceAll('\r', ' '));
}

/** `HTTP/1.1 200 OK`; the reason may be missing, and the blank before it with it. */
function readStatusLine(line: string): { version: number; status: number; reason: string } | null {
  if (line[5] !== '1' || line[6] !== '.' || !isDigit(line.charCodeAt(7)) || !isBlank(line.charCodeAt(8))) return null;
  const rest = trimBlanks(line.slice(9));
  const code = rest.slice(0, 3);
  const areDigits = [0, 1, 2].every(at => isDigit(code.charCodeAt(at)));
  if (!areDigits || code < '100' || (rest.length > 3 && !isBlank(rest.charCodeAt(3)))) return null;
  return { version: 1000 + Number(line[7]), status: Number(code), reason: trimBlanks(rest.slice(3)) };
}

function isBlank(code: number): boolean {
  return code === SPACE || code === TAB;
}

/** `String.prototype.trim` would take off the byte 0xA0 as well. */
function trimBlanks(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isBlank(text.charCodeAt(start))) start++;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}
