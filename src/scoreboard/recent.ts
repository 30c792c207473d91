import { errorRing, requestRing, type Slot } from './board.js';
import { type EndedRequest, errorHead, errorTextAt, RequestField, requestHead, requestTextAt } from './records.js';

/** A request as it was recorded; `at` is ms since 1970, `took` ms. */
export interface RecordedRequest extends Omit<EndedRequest, 'startedAt'> {
  readonly at: number;
  readonly took: number;
}

/** Reads what comes new into the rings of a slot. */
export class RecentRecords {
  private requestsRead = 0;
  private errorsRead = 0;

  constructor(private readonly slot: Slot) {}

  /** Those since the last call, as far as the ring still has them, the oldest first. */
  newRequests(): RecordedRequest[] {
    const { requests, heads } = this.slot;
    const found: RecordedRequest[] = [];
    this.requestsRead = readRing(heads, requestHead, requestRing.records, this.requestsRead, place => {
      const at = place * requestRing.size;
      const first = at / 8;
      const number = (field: number): number => requests.numbers[first + field];
      const clientAt = at + requestTextAt;
      const lineAt = clientAt + number(RequestField.clientLength);
      found.push({
        at: number(RequestField.at),
        took: number(RequestField.took),
        status: number(RequestField.status),
        bytes: number(RequestField.bytes),
        path: number(RequestField.path),
        sendfile: number(RequestField.sendfile),
        pread: number(RequestField.pread),
        writev: number(RequestField.writev),
        eagain: number(RequestField.eagain),
        complete: number(RequestField.complete) === 1,
        client: requests.bytes.latin1Slice(clientAt, lineAt),
        line: requests.bytes.latin1Slice(lineAt, lineAt + number(RequestField.lineLength)),
      });
      return () => found.pop();
    });
    return found;
  }

  /** Likewise of the error log. */
  newErrors(): string[] {
    const { errors, heads } = this.slot;
    const found: string[] = [];
    this.errorsRead = readRing(heads, errorHead, errorRing.records, this.errorsRead, place => {
      const at = place * errorRing.size;
      const length = errors.numbers[at / 8];
      found.push(errors.bytes.latin1Slice(at + errorTextAt, at + errorTextAt + length));
      return () => found.pop();
    });
    return found;
  }
}

/**
 * Reads records from `from` to the ring's head. One that was overwritten while it was read is taken back.
 * @param read copies the record at a place, and gives what undoes that
 * @returns where the next call begins
 */
function readRing(
  heads: Int32Array,
  which: number,
  records: number,
  from: number,
  read: (place: number) => () => void,
): number {
  const head = Atomics.load(heads, which);
  const count = Math.min((head - from) & 0x7fff_ffff, records - 1);
  for (let left = count; left > 0; left--) {
    const at = (head - left) & 0x7fff_ffff;
    const undo = read(at % records);
    // its place is being written to as soon as the head is a whole round ahead of it
    if (((Atomics.load(heads, which) - at) & 0x7fff_ffff) >= records) undo();
  }
  return head;
}
