import { AbsoluteForm } from './absolute-form.js';
import { isDigit } from './ascii.js';

const SPACE = 0x20;
const CR = 13;
const LF = 10;

/** What the scanner reads next. */
const State = {
  Method: 0,
  BeforeTarget: 1,
  Absolute: 2,
  Star: 3,
  Path: 4,
  Query: 5,
  AfterTarget: 6,
  Protocol: 7,
  LineFeed: 8,
  Done: 9,
};

/** The error log's words for a line that is refused. */
const INVALID_METHOD = 'client sent invalid method';
const INVALID_REQUEST = 'client sent invalid request';
const INVALID_VERSION = 'client sent invalid version';
const INVALID_09_METHOD = 'client sent invalid method in HTTP/0.9 request';

/** Bytes of a target that need a look: controls and space always, the others while they may change the path. */
const SPECIAL = new Uint8Array(256);
SPECIAL.fill(1, 0, 0x21);
SPECIAL[0x7f] = 1;
for (const char of '#?%./') SPECIAL[char.charCodeAt(0)] = 1;

/**
 * Scans a request line (RFC 9112 section 3) byte by byte, in any number of pieces, each byte once. It keeps where the parts
 * are, as offsets from the head's start, and makes no strings.
 */
export class RequestLineScanner {
  /** Why a line was refused, in nginx's words. */
  reason = '';
  lineStart = 0;
  /** Without CR and LF. */
  lineEnd = 0;
  methodEnd = 0;
  /** Path and query; equal to `targetEnd` where an absolute target has neither. */
  targetStart = 0;
  targetEnd = 0;
  /** Of the "?", or -1. */
  queryAt = -1;
  /** Of the "#", or -1. */
  fragmentAt = -1;
  protocolStart = 0;
  protocolEnd = 0;
  version: 9 | 1000 | 1001 = 1000;
  /** Whether the path has escapes, dot segments or empty segments. */
  irregular = false;
  /** Whether the target is "*" (OPTIONS only). */
  star = false;
  readonly absolute = new AbsoluteForm();
  private state = State.Method;
  private step = 0;
  private minor = 0;

  /** Begins a line at the given offset from the head's start. */
  begin(lineStart: number): void {
    this.reason = '';
    this.lineStart = lineStart;
    this.lineEnd = lineStart;
    this.methodEnd = lineStart;
    this.targetStart = 0;
    this.targetEnd = 0;
    this.queryAt = -1;
    this.fragmentAt = -1;
    this.protocolStart = 0;
    this.protocolEnd = 0;
    this.version = 1000;
    this.irregular = false;
    this.star = false;
    this.absolute.used = false;
    this.state = State.Method;
    this.step = 0;
    this.minor = 0;
  }

  /**
   * Goes on at `from`.
   * @param base where the head starts in `bytes`
   * @param limit the end of the bytes that may be read
   * @returns the position after the line feed, 0 when `limit` came first, or a negative status
   */
  scan(bytes: Buffer, base: number, from: number, limit: number): number {
    let at = from;
    while (at < limit) {
      at = this.advance(bytes, base, at, limit);
      if (at < 0) return at;
      if (this.state === State.Done) return this.finished(bytes, base, at);
    }
    return 0;
  }

  private advance(bytes: Buffer, base: number, at: number, limit: number): number {
    switch (this.state) {
      case State.Method:
        return this.method(bytes, base, at, limit);
      case State.BeforeTarget:
        return this.beforeTarget(bytes, base, at, limit);
      case State.Absolute:
        return this.authority(bytes, base, at, limit);
      case State.Star:
        return this.afterStar(bytes, base, at);
      case State.Path:
        return this.path(bytes, base, at, limit);
      case State.Query:
        return this.query(bytes, base, at, limit);
      case State.AfterTarget:
        return this.afterTarget(bytes, base, at, limit);
      case State.Protocol:
        return this.protocol(bytes, base, at, limit);
      default:
        return this.lineFeed(bytes, at);
    }
  }

  private method(bytes: Buffer, base: number, from: number, limit: number): number {
    for (let at = from; at < limit; at++) {
      const code = bytes[at];
      if (code >= 0x41 && code <= 0x5a) continue;
      if (code === SPACE && at - base > this.lineStart) {
        this.methodEnd = at - base;
        this.state = State.BeforeTarget;
        return at + 1;
      }
      if (code !== 0x5f && code !== 0x2d) return this.refuse(INVALID_METHOD);
    }
    return limit;
  }

  private beforeTarget(bytes: Buffer, base: number, from: number, limit: number): number {
    let at = from;
    while (at < limit && bytes[at] === SPACE) at++;
    if (at === limit) return limit;
    const code = bytes[at];
    this.targetStart = at - base;
    if (code === 0x2f) {
      this.state = State.Path;
      return at + 1;
    }
    const lower = code | 0x20;
    if (lower >= 0x61 && lower <= 0x7a) {
      this.absolute.begin();
      this.state = State.Absolute;
      return at + 1;
    }
    if (code !== 0x2a || !this.isOptions(bytes, base)) return this.refuse(INVALID_REQUEST);
    this.star = true;
    this.state = State.Star;
    return at + 1;
  }

  private isOptions(bytes: Buffer, base: number): boolean {
    return bytes.latin1Slice(base + this.lineStart, base + this.methodEnd) === 'OPTIONS';
  }

  private afterStar(bytes: Buffer, base: number, at: number): number {
    if (bytes[at] !== SPACE) return this.refuse(INVALID_REQUEST);
    return this.endTarget(base, at);
  }

  private authority(bytes: Buffer, base: number, from: number, limit: number): number {
    for (let at = from; at < limit; at++) {
      const code = bytes[at];
      const verdict = this.absolute.take(code, at - base);
      if (verdict < 0) return this.refuse(INVALID_REQUEST);
      if (verdict === 0) continue;
      this.targetStart = at - base;
      if (code === SPACE) return this.endTarget(base, at);
      if (code === 0x3f) this.queryAt = at - base;
      this.state = code === 0x3f ? State.Query : State.Path;
      return at + 1;
    }
    return limit;
  }

  private path(bytes: Buffer, base: number, from: number, limit: number): number {
    for (let at = from; at < limit; at++) {
      const code = bytes[at];
      if (SPECIAL[code] === 0) continue;
      if (code === 0x2f || code === 0x2e) {
        if (bytes[at - 1] === 0x2f) this.irregular = true;
      } else if (code === 0x25) {
        this.irregular = true;
      } else if (code === 0x3f) {
        this.queryAt = at - base;
        this.state = State.Query;
        return at + 1;
      } else if (code === 0x23) {
        this.fragmentAt = at - base;
        this.state = State.Query;
        return at + 1;
      } else {
        return this.targetStops(code, base, at);
      }
    }
    return limit;
  }

  private query(bytes: Buffer, base: number, from: number, limit: number): number {
    for (let at = from; at < limit; at++) {
      const code = bytes[at];
      if (code <= SPACE || code === 0x7f) return this.targetStops(code, base, at);
      if (code === 0x23 && this.fragmentAt < 0) this.fragmentAt = at - base;
    }
    return limit;
  }

  /** A space ends the target, a line end makes it HTTP/0.9, and any other control character has no place in it. */
  private targetStops(code: number, base: number, at: number): number {
    if (code === SPACE) return this.endTarget(base, at);
    if (code !== CR && code !== LF) return this.refuse(INVALID_REQUEST);
    this.targetEnd = at - base;
    return this.endLine(code, base, at, 9);
  }

  private endTarget(base: number, at: number): number {
    this.targetEnd = at - base;
    this.state = State.AfterTarget;
    return at + 1;
  }

  private endLine(code: number, base: number, at: number, version: 9 | 1000 | 1001): number {
    this.version = version;
    this.lineEnd = at - base;
    this.state = code === CR ? State.LineFeed : State.Done;
    return at + 1;
  }

  private afterTarget(bytes: Buffer, base: number, from: number, limit: number): number {
    let at = from;
    while (at < limit && bytes[at] === SPACE) at++;
    if (at === limit) return limit;
    const code = bytes[at];
    if (code === CR || code === LF) return this.endLine(code, base, at, 9);
    if (code !== 0x48) return this.refuse(INVALID_REQUEST);
    this.protocolStart = at - base;
    this.state = State.Protocol;
    return this.protocol(bytes, base, at, limit);
  }

  private protocol(bytes: Buffer, base: number, from: number, limit: number): number {
    if (this.step === 0 && limit - from >= 10 && isUsualProtocol(bytes, from)) {
      this.protocolEnd = from + 8 - base;
      return this.endLine(CR, base, from + 8, bytes[from + 7] === 0x31 ? 1001 : 1000);
    }
    for (let at = from; at < limit; at++) {
      const code = bytes[at];
      if (this.step >= 8 && (code === CR || code === LF)) {
        if (this.step === 8) this.protocolEnd = at - base;
        return this.endLine(code, base, at, this.minor > 0 ? 1001 : 1000);
      }
      if (this.step === 8 && code === SPACE) this.protocolEnd = at - base;
      const status = this.takeVersion(code);
      if (status === -505) return this.refuse(INVALID_VERSION, status);
      if (status < 0) return this.refuse(INVALID_REQUEST);
    }
    return limit;
  }

  /** One byte of "HTTP/1.x" and the spaces after it; 0, or a negative status. */
  private takeVersion(code: number): number {
    const { step } = this;
    if (step < 5) {
      this.step++;
      return code === 'HTTP/'.charCodeAt(step) ? 0 : -400;
    }
    if (step === 5) {
      this.step = 6;
      if (code === 0x31) return 0;
      return code > 0x31 && code <= 0x39 ? -505 : -400;
    }
    if (step === 6) {
      this.step = 7;
      if (code === 0x2e) return 0;
      return isDigit(code) ? -505 : -400;
    }
    if (step <= 8 && isDigit(code)) {
      this.step = 8;
      this.minor = this.minor * 10 + code - 0x30;
      return this.minor > 999 ? -400 : 0;
    }
    this.step = 9;
    return code === SPACE && step >= 8 ? 0 : -400;
  }

  private lineFeed(bytes: Buffer, at: number): number {
    if (bytes[at] !== LF) return this.refuse(INVALID_REQUEST);
    this.state = State.Done;
    return at + 1;
  }

  private finished(bytes: Buffer, base: number, at: number): number {
    if (this.version !== 9) return at;
    const method = bytes.latin1Slice(base + this.lineStart, base + this.methodEnd);
    return method === 'GET' ? at : this.refuse(INVALID_09_METHOD);
  }

  private refuse(reason: string, status = -400): number {
    this.reason = reason;
    return status;
  }
}

/** "HTTP/1.1" or "HTTP/1.0" with CR LF, in one look. */
function isUsualProtocol(bytes: Buffer, at: number): boolean {
  return (
    bytes[at + 8] === CR &&
    bytes[at + 9] === LF &&
    (bytes[at + 7] | 1) === 0x31 &&
    bytes[at + 6] === 0x2e &&
    bytes[at + 5] === 0x31 &&
    bytes[at + 4] === 0x2f &&
    bytes[at + 3] === 0x50 &&
    bytes[at + 2] === 0x54 &&
    bytes[at + 1] === 0x54 &&
    bytes[at] === 0x48
  );
}
