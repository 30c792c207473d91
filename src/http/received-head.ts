import { asciiLower, equalsIgnoringCase } from './ascii.js';

/** A header field as it came; both are byte strings. */
export interface Field {
  readonly name: string;
  readonly value: string;
}

/** The head of a response that this program has received. */
export class ReceivedHead {
  /**
   * @param version 1000 for HTTP/1.0, 1001 for HTTP/1.1
   * @param status 100 to 999
   * @param reason the words after the status, '' where there are none
   * @param fields in the order in which they came
   */
  constructor(
    readonly version: number,
    readonly status: number,
    readonly reason: string,
    readonly fields: readonly Field[],
  ) {}

  /** The value of the first field of this name, whatever its case; undefined where there is none. */
  get(name: string): string | undefined {
    return this.fields.find(field => equalsIgnoringCase(field.name, name))?.value;
  }

  /** The values of all fields of this name. */
  all(name: string): string[] {
    return this.fields.filter(field => equalsIgnoringCase(field.name, name)).map(field => field.value);
  }

  /** The members of a field whose value is a list (RFC 9110 section 5.6.1), in lower case; of several fields as of one. */
  list(name: string): string[] {
    const members = this.all(name).flatMap(value => value.split(','));
    return members.map(member => asciiLower(member.trim())).filter(member => member !== '');
  }

  /** Whether it announces another head: 100 Continue, 103 Early Hints … (RFC 9110 section 15.2). */
  get isInterim(): boolean {
    return this.status < 200;
  }

  /** `404 Not Found`. */
  get statusText(): string {
    return this.reason === '' ? `${this.status}` : `${this.status} ${this.reason}`;
  }
}
