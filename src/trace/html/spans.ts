/** The calls of recordings as spans on one axis: of time where all recordings have it, else of their order. */
import type { SystemCall } from '../event.js';
import { isClientWrite, isFileRead, isKernelMove, isWait } from '../normalise.js';
import type { Recording } from '../report.js';
import type { Step } from '../steps.js';

export type Lane = 'read' | 'write' | 'sendfile' | 'wait' | 'other';

export interface Span {
  readonly lane: Lane;
  /** Seconds since the first call that serves a request; on an axis of order, the number of the call. */
  readonly from: number;
  readonly to: number;
  readonly step: Step;
  /** Bytes that it moved; 0 where moving bytes is not what it does. */
  readonly bytes: number;
  /** A write to the client that found the socket full. */
  readonly isFull: boolean;
}

export interface Timeline {
  readonly unit: 'time' | 'order';
  /** For each recording, its spans by their beginning. */
  readonly spans: readonly (readonly Span[])[];
  /** Where the longest of them ends, in seconds or calls; above 0. */
  readonly total: number;
}

/** Puts recordings on one axis. */
export function timelineOf(recordings: readonly Recording[]): Timeline {
  const unit = recordings.every(hasTimes) ? 'time' : 'order';
  const spans = recordings.map(recording => spansOf(recording, unit));
  const ends = spans.map(list => list.reduce((end, span) => Math.max(end, span.to), 0));
  return { unit, spans, total: Math.max(unit === 'time' ? 1e-6 : 1, ...ends) };
}

function hasTimes({ normal, trace }: Recording): boolean {
  return normal.steps.every(step => (trace.events[step.index] as SystemCall).time >= 0);
}

const serves = (step: Step) =>
  !isWait(step) && (step.role !== 'other' || step.gives !== undefined) && step.role !== 'epoll';

/** From the first to the last call that serves a request; the server's rest before and after it is left out. */
function spansOf({ normal, trace }: Recording, unit: Timeline['unit']): Span[] {
  const first = normal.steps.findIndex(serves);
  const last = normal.steps.findLastIndex(serves);
  const steps = first < 0 ? normal.steps : normal.steps.slice(first, last + 1);
  const calls = steps.map(step => trace.events[step.index] as SystemCall);
  const origin = calls.reduce((least, call) => Math.min(least, call.time), Number.POSITIVE_INFINITY);
  const spans = steps.map((step, at): Span => {
    const from = unit === 'order' ? at : calls[at].time - origin;
    const to = unit === 'order' ? at + 1 : from + lengthOf(calls[at], calls[at + 1]);
    const lane = laneOf(step);
    const moves = lane !== 'wait' && lane !== 'other';
    const isFull = step.errno === 'EAGAIN' && isClientWrite(step);
    return { lane, from, to, step, bytes: moves ? Math.max(0, step.result) : 0, isFull };
  });
  return unit === 'order' ? spans : spans.sort((a, b) => a.from - b.from);
}

/** Seconds; of a wait whose length was not recorded, until the next call. */
function lengthOf(call: SystemCall, next: SystemCall | undefined): number {
  if (call.duration >= 0) return call.duration;
  return /wait|poll|select/.test(call.name) && next !== undefined ? Math.max(0, next.time - call.time) : 0;
}

function laneOf(step: Step): Lane {
  if (isWait(step)) return 'wait';
  if (isKernelMove(step)) return 'sendfile';
  if (isFileRead(step)) return 'read';
  return isClientWrite(step) ? 'write' : 'other';
}

/** One mark of a lane: a call, or several that are too close to be told apart. */
export interface Mark {
  /** In cells. */
  readonly x: number;
  readonly width: number;
  /** The part of its width that the calls fill, 0 to 1. */
  readonly share: number;
  readonly calls: number;
  readonly bytes: number;
  readonly names: readonly string[];
  /** As in Span. */
  readonly from: number;
  readonly to: number;
}

/**
 * Marks for spans (in the order of their beginning) of a window. Those that begin in one cell become one mark, so there are
 * never more marks than cells, however long the trace.
 * @param cells how many parts the axis has; a part is about a pixel
 */
export function marksOf(spans: readonly Span[], window: { from: number; to: number }, cells: number): Mark[] {
  const scale = cells / (window.to - window.from);
  const marks: Mark[] = [];
  for (let at = 0; at < spans.length; ) {
    const cell = Math.floor((spans[at].from - window.from) * scale);
    let end = at + 1;
    while (end < spans.length && Math.floor((spans[end].from - window.from) * scale) === cell) end += 1;
    marks.push(markOf(spans.slice(at, end), window, scale, cells));
    at = end;
  }
  return marks;
}

function markOf(spans: readonly Span[], window: { from: number; to: number }, scale: number, cells: number): Mark {
  const from = spans[0].from;
  const to = spans.reduce((end, span) => Math.max(end, span.to), from);
  const busy = spans.reduce((sum, span) => sum + span.to - span.from, 0);
  const x = Math.min((from - window.from) * scale, cells - 1);
  const width = Math.min(Math.max((to - from) * scale, 1), cells - x);
  return {
    x,
    width,
    share: Math.min(1, (busy * scale) / width),
    calls: spans.length,
    bytes: spans.reduce((sum, span) => sum + span.bytes, 0),
    names: [...new Set(spans.map(span => span.step.name))],
    from,
    to,
  };
}
