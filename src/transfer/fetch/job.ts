import type { EventLoop } from '../../event/loop.js';
import { TransferError } from '../failure.js';
import type { Retries } from '../http/retries.js';
import type { HttpTarget } from '../http/url.js';
import type { Sink } from '../paths/path.js';
import type { Answer } from './answer.js';
import type { Client } from './client.js';
import type { Flow } from './flow.js';
import type { FetchSettings } from './settings.js';
import type { Version } from './version.js';

/** One version of one file on its way: what its streams have in common. */
export interface Job {
  readonly loop: EventLoop;
  readonly settings: FetchSettings;
  readonly flow: Flow;
  /** Of the first stream: they count from the first request on. */
  readonly retries: Retries;
  /** What the user named. */
  readonly origin: HttpTarget;
  /** Where that led: further requests begin there. */
  target: HttpTarget;
  readonly version: Version;
  /** Bytes of the file; null until it has ended, where the server does not say. */
  size: number | null;
  makeSink(): Sink;
  makeClient(): Client;
  /** Bytes that are there by now. */
  there(): number;
  /** Tells the user what happens. */
  note(text: string): void;
}

/** The server does not do as is needed to fetch a file in parts: it is to be fetched from its start, in one. */
export class StartAnew extends TransferError {
  /** @param opened an answer that brings the whole file, and the client that it came to; null where there is none */
  constructor(
    reason: string,
    readonly opened: { readonly client: Client; readonly answer: Answer } | null,
  ) {
    super(reason, 'peer');
  }
}

/** What the server has by now is another file than the one that was begun. */
export class HasChanged extends TransferError {
  /** @param how what the difference is */
  constructor({ origin }: Job, how: string) {
    super(`${origin.url} has changed on the server while it was fetched: ${how}; fetch it again`, 'peer');
  }
}
