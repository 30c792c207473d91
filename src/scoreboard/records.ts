import { errorRing, type Ring, requestRing, type Slot } from './board.js';
import { countIn } from './counters.js';

/**
 * The last requests and the last lines of the error log, in rings that the master reads (recent.ts). A record is written first and its
 * ring's head is moved then, so that a reader never sees half of one.
 */

/** Where a record's numbers are, and how many bytes of text it may hold behind them. */
export const RequestField = {
  at: 0,
  took: 1,
  status: 2,
  bytes: 3,
  path: 4,
  sendfile: 5,
  pread: 6,
  writev: 7,
  eagain: 8,
  complete: 9,
  clientLength: 10,
  lineLength: 11,
} as const;
export const requestTextAt = 12 * 8;
export const clientRoom = 64;
export const lineRoom = 300;
export const errorTextAt = 8;
/** Which head is whose. */
export const requestHead = 0;
export const errorHead = 1;

/**
 * Of so many requests in a tenth of a second, more than a ring holds are not recorded: nobody could read them, and writing them would
 * cost a busy worker a few per cent.
 */
const interval = 100;
const mostInInterval = requestRing.records;

/** How a body reached the socket, as the record has it. */
export const PathCode = { memory: 0, sendfile: 1, buffers: 2, tls: 3, ktls: 4 } as const;

/** What is recorded of a request that has ended. Texts are byte strings. */
export interface EndedRequest {
  readonly startedAt: number;
  readonly status: number;
  readonly client: string;
  readonly line: string;
  readonly bytes: number;
  readonly path: number;
  readonly sendfile: number;
  readonly pread: number;
  readonly writev: number;
  readonly eagain: number;
  readonly complete: boolean;
}

let slot: Slot | null = null;
let intervalEnd = 0;
let left = 0;

/** Has this process count and record in a slot; until then it counts for itself, and records nothing. */
export function useSlot(place: Slot): void {
  countIn(place);
  recordIn(place);
}

/** For a master, whose own calls serve nobody: its lines of the error log are recorded. */
export function recordIn(place: Slot): void {
  slot = place;
}

/**
 * Whether another request is to be recorded now: asked before its facts are put together.
 * @param now ms since 1970
 */
export function recordsRequests(now: number): boolean {
  if (slot === null) return false;
  if (now >= intervalEnd || now < intervalEnd - interval) {
    intervalEnd = now + interval;
    left = mostInInterval;
  }
  if (left === 0) return false;
  left -= 1;
  return true;
}

/** @param now ms since 1970 */
export function recordRequest(request: EndedRequest, now: number): void {
  if (slot === null) return;
  const { requests, heads } = slot;
  const head = heads[requestHead];
  const at = (head % requestRing.records) * requestRing.size;
  const clientLength = putText(requests, at + requestTextAt, request.client, clientRoom);
  const lineLength = putText(requests, at + requestTextAt + clientLength, request.line, lineRoom);
  const { numbers } = requests;
  const first = at / 8;
  numbers[first + RequestField.at] = now;
  numbers[first + RequestField.took] = now - request.startedAt;
  numbers[first + RequestField.status] = request.status;
  numbers[first + RequestField.bytes] = request.bytes;
  numbers[first + RequestField.path] = request.path;
  numbers[first + RequestField.sendfile] = request.sendfile;
  numbers[first + RequestField.pread] = request.pread;
  numbers[first + RequestField.writev] = request.writev;
  numbers[first + RequestField.eagain] = request.eagain;
  numbers[first + RequestField.complete] = request.complete ? 1 : 0;
  numbers[first + RequestField.clientLength] = clientLength;
  numbers[first + RequestField.lineLength] = lineLength;
  Atomics.store(heads, requestHead, nextHead(head));
}

/** @param line a byte string, without its newline */
export function recordError(line: string): void {
  if (slot === null) return;
  const { errors, heads } = slot;
  const head = heads[errorHead];
  const at = (head % errorRing.records) * errorRing.size;
  errors.numbers[at / 8] = putText(errors, at + errorTextAt, line, lineRoom);
  Atomics.store(heads, errorHead, nextHead(head));
}

/** Heads stay whole numbers of 31 bits; both rings' sizes divide 2^31, so that the place after the last one is the first. */
function nextHead(head: number): number {
  return (head + 1) & 0x7fff_ffff;
}

function putText({ bytes }: Ring, at: number, text: string, room: number): number {
  return bytes.latin1Write(text, at, Math.min(room, text.length));
}
