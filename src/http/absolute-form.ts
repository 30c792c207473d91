import { isDigit } from './ascii.js';

const Step = { Scheme: 0, Slash: 1, SecondSlash: 2, HostStart: 3, Host: 4, Literal: 5, AfterLiteral: 6, Port: 7 };

/** Bytes of an address in brackets besides letters and digits (RFC 3986 section 3.2.2, IP-literal). */
const LITERAL = ":-._~!$&'()*+,;=";

/** Scans "scheme://host:port" of a request target in absolute form (RFC 9112 section 3.2.2), a byte at a time. */
export class AbsoluteForm {
  /** Whether the target has the absolute form at all. */
  used = false;
  /** Offsets of the host without port, from the head's start. */
  hostStart = 0;
  hostEnd = 0;
  private step = Step.Scheme;

  /** Begins after the scheme's first letter. */
  begin(): void {
    this.used = true;
    this.hostStart = 0;
    this.hostEnd = 0;
    this.step = Step.Scheme;
  }

  /**
   * Takes one byte.
   * @param offset of the byte from the head's start
   * @returns 0 to go on, 1 when this byte ("/", "?" or space) comes after the authority, -1 when it has no place here
   */
  take(code: number, offset: number): number {
    switch (this.step) {
      case Step.Scheme:
        return this.scheme(code);
      case Step.Slash:
      case Step.SecondSlash:
        this.step++;
        return code === 0x2f ? 0 : -1;
      case Step.HostStart:
        this.hostStart = offset;
        this.hostEnd = offset;
        this.step = code === 0x5b ? Step.Literal : Step.Host;
        return code === 0x5b ? 0 : this.host(code, offset);
      case Step.Host:
        return this.host(code, offset);
      case Step.Literal:
        return this.literal(code, offset);
      case Step.AfterLiteral:
        return this.afterHost(code);
      default:
        return isDigit(code) ? 0 : ends(code);
    }
  }

  private scheme(code: number): number {
    if (isAlphanumeric(code) || code === 0x2b || code === 0x2d || code === 0x2e) return 0;
    this.step = Step.Slash;
    return code === 0x3a ? 0 : -1;
  }

  private host(code: number, offset: number): number {
    if (isAlphanumeric(code) || code === 0x2d || code === 0x2e) return 0;
    this.hostEnd = offset;
    return this.afterHost(code);
  }

  private literal(code: number, offset: number): number {
    if (code === 0x5d) {
      this.hostEnd = offset + 1;
      this.step = Step.AfterLiteral;
      return 0;
    }
    return isAlphanumeric(code) || LITERAL.includes(String.fromCharCode(code)) ? 0 : -1;
  }

  private afterHost(code: number): number {
    if (code !== 0x3a) return ends(code);
    this.step = Step.Port;
    return 0;
  }
}

function ends(code: number): number {
  return code === 0x2f || code === 0x3f || code === 0x20 ? 1 : -1;
}

function isAlphanumeric(code: number): boolean {
  const lower = code | 0x20;
  return isDigit(code) || (lower >= 0x61 && lower <= 0x7a);
}
