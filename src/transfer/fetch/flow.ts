import type { Meter } from '../meter.js';
import type { Pacer } from '../pacer.js';
import type { Sink } from '../paths/path.js';

/** What all streams share that move bytes: what is counted, and how fast they may. */
export interface Flow {
  readonly meter: Meter;
  readonly pacer: Pacer;
}

/** What part of the file a body is, and where it goes. */
export interface Portion {
  /** The place of the next byte. */
  at: number;
  /** The first byte that is not wanted; Infinity where nobody knows it. It may move towards the start while bytes come. */
  end: number;
}

/** A body on its way into a file. */
export interface Delivery {
  readonly portion: Portion;
  readonly sink: Sink;
  readonly flow: Flow;
}
