import { fileURLToPath } from 'node:url';
import type { HistogramData } from '../histogram.js';
import { runPinned } from '../pinning.js';
import type { Secured } from '../secured.js';

/** Load by a lean client of our own (ask-client.ts), in a process of its own. */

/** One request, and what has to come back. */
export interface Ask {
  /** The whole request: a byte string. */
  readonly text: string;
  readonly status: number;
  /** Bytes of the body. */
  readonly length: number;
  /** Of the body, in hexadecimal; samples are compared with it. Absent where there is none. */
  readonly sha256?: string;
  /** The field Content-Range of a 206. */
  readonly contentRange?: string;
}

export interface AskSettings {
  /** On 127.0.0.1. */
  readonly port: number;
  /** Each connection takes them in turn, the first one from the first on, the second one from the second. */
  readonly asks: readonly Ask[];
  readonly connections: number;
  /** How long it goes on; at most, where `times` is given. Where nothing has been answered by then, up to the first answer. */
  readonly seconds: number;
  /** Requests of all connections; 0: as many as the time allows. */
  readonly times: number;
  /** The body of each such request is hashed and compared; of the others, status and length are. */
  readonly sampleEvery: number;
  /** For HTTPS. */
  readonly secured?: Secured;
}

export interface AskResult {
  /** Answers that came whole and were right. */
  readonly requests: number;
  /** Of the bodies. */
  readonly bytes: number;
  /** From the first request to the end. */
  readonly seconds: number;
  /** Requests a second after the lead-in: the connects, and the time in which V8 compiles this client, are not the server's. */
  readonly rate: number;
  /** Bodies whose checksum was compared. */
  readonly samples: number;
  readonly latency: HistogramData;
  /** Why it has ended early: what was wrong with an answer, or with a connection. */
  readonly problem?: string;
  /** The share of a core that this client took. */
  readonly clientLoad: number;
}

const program = fileURLToPath(new URL('./ask-client.js', import.meta.url));
/** What the client may take longer than it was told to (ms). */
const grace = 20_000;

/** @throws Error where the client itself fails; a wrong answer is the result's `problem` */
export async function ask(settings: AskSettings, signal: AbortSignal): Promise<AskResult> {
  const output = await runPinned(
    process.execPath,
    [program, JSON.stringify(settings)],
    settings.seconds * 1000 + grace,
    signal,
  );
  return JSON.parse(output) as AskResult;
}
