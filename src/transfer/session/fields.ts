import { TransferError } from '../failure.js';
import { plain } from '../plain.js';

/**
 * Reads a JSON object that came from somewhere else, field by field. Whatever is not as it should be is the peer's fault, and
 * ends the transfer: nothing of such an object is used unchecked.
 */
export class Fields {
  private readonly record: Readonly<Record<string, unknown>>;

  /**
   * @param what the object is, for messages
   * @throws TransferError (kind peer), as all of this class
   */
  constructor(
    value: unknown,
    private readonly what: string,
  ) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw this.wrong('is no object');
    this.record = value as Record<string, unknown>;
  }

  get names(): string[] {
    return Object.keys(this.record);
  }

  has(name: string): boolean {
    return Object.hasOwn(this.record, name);
  }

  /** A text of at most so many characters. */
  text(name: string, most: number): string {
    const value = this.value(name);
    if (typeof value === 'string' && value.length <= most) return value;
    throw this.wrong(`has no proper "${name}" (${shown(value)})`);
  }

  word<const Word extends string>(name: string, allowed: readonly Word[]): Word {
    const value = this.value(name);
    const found = allowed.find(each => each === value);
    if (found !== undefined) return found;
    throw this.wrong(`has an unknown "${name}" (${shown(value)})`);
  }

  flag(name: string): boolean {
    const value = this.value(name);
    if (typeof value === 'boolean') return value;
    throw this.wrong(`has no proper "${name}" (${shown(value)})`);
  }

  /** A whole number. */
  count(name: string, least = 0, most = Number.MAX_SAFE_INTEGER): number {
    const value = this.value(name);
    if (Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most) return value as number;
    throw this.wrong(`has no proper "${name}" (${shown(value)})`);
  }

  /** A number that is not negative. */
  amount(name: string): number {
    const value = this.value(name);
    if (typeof value === 'number' && Number.isFinite(value) && value >= 0) return value;
    throw this.wrong(`has no proper "${name}" (${shown(value)})`);
  }

  list(name: string, most: number): readonly unknown[] {
    const value = this.value(name);
    if (Array.isArray(value) && value.length <= most) return value;
    throw this.wrong(`has no proper "${name}" (${shown(value)})`);
  }

  object(name: string): Fields {
    return new Fields(this.value(name), `the "${name}" of ${this.what}`);
  }

  /** The value itself, unchecked. */
  value(name: string): unknown {
    return this.has(name) ? this.record[name] : undefined;
  }

  wrong(how: string): TransferError {
    return new TransferError(`the other end does not keep to the protocol: ${this.what} ${how}`, 'peer');
  }
}

const mostShown = 60;

function shown(value: unknown): string {
  const text = plain(JSON.stringify(value) ?? 'missing');
  return text.length > mostShown ? `${text.slice(0, mostShown)}…` : text;
}
