import type { Changes, Place } from '../conf/places.js';
import type { LogLevel } from '../modules/module.js';
import type { Scoreboard } from '../scoreboard/board.js';

/** What the console needs of a server: a master gives it, or a process that serves alone. */
export interface ConsoleHost {
  readonly board: Scoreboard;
  /** The main file of the configuration, as it was named. A byte string. */
  readonly configuration: string;
  /** ms since 1970 */
  readonly startedAt: number;
  /** How often a configuration was put in force after the first one. */
  readonly reloads: number;
  /** False where one process does all: it can change nothing while it runs. */
  readonly hasMaster: boolean;
  /** False from the moment on in which it was told to end. */
  readonly isServing: boolean;
  readonly workers: readonly HostWorker[];
  places(): readonly Place[];
  /** What of it is not as the file has it. */
  readonly changes: Changes;
  /**
   * Puts other settings of a place in force, as a reload does: for new requests, and nothing is cut. Null is as the file has it.
   * @param by who asks, for the log
   * @throws Refusal, where nothing has changed
   */
  change(place: string, settings: ReadonlyMap<string, readonly string[] | null>, by: string): Promise<void>;
  log(level: LogLevel, message: string): void;
}

export interface HostWorker {
  readonly pid: number;
  /** From 0. */
  readonly number: number;
  /** On the scoreboard; -1 for none. */
  readonly slot: number;
  readonly state: 'starting' | 'serving' | 'leaving';
  /** ms since 1970 */
  readonly startedAt: number;
}

/** What a server tells whoever watches it. */
export interface Watcher {
  /** A configuration is in force: the first one, or another. */
  configured(): void;
  /** Workers, places or the state of the server have changed. */
  changed(): void;
  /** A worker has ended; its slot is emptied after this call. */
  ended(worker: HostWorker): void;
}

/** A change that is not made, and why. */
export class Refusal extends Error {
  /** @param status of the answer: 400 for what is wrong with it, 404 for no such place, 409 for what may go well later */
  constructor(
    readonly status: 400 | 404 | 409,
    reason: string,
  ) {
    super(reason);
  }
}
