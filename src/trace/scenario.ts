import type { ClientRequest } from './client-script.js';
import type { Check, CopyPath, Recording } from './report.js';

/** What may be chosen of a scenario. */
export interface ScenarioSettings {
  /** Bytes of the file that is asked for. */
  readonly size: number;
  /** Bytes a second that the client reads; 0 is as fast as it can. */
  readonly clientRate: number;
  /** `output_buffers`; the server's own where it is left out. */
  readonly outputBuffers?: { readonly count: number; readonly size: number };
}

export type Mode = 'off' | 'on';

/** Something that a client does and that is worth to be watched. */
export interface Scenario {
  readonly name: string;
  /** For the list: what it lets one see, in a sentence. */
  readonly about: string;
  /** Bytes of the file where no --size is given. */
  readonly defaultSize: number;
  /** What is done, for a heading. */
  title(settings: ScenarioSettings): string;
  readonly requests: readonly ClientRequest[];
  readonly connections: 'one' | 'each';
  /** What must hold of a recording: answers, and what the trace shows. */
  check(recording: Recording, settings: ScenarioSettings, mode: Mode): Check[];
  /** Further directives of the server, each with its semicolon. */
  readonly directives?: string;
  /** Whether other threads than the one with the loop are watched too. */
  readonly hasThreads?: boolean;
  /** Whether the file is put out of the page cache before it is asked for. */
  readonly isCold?: boolean;
  /** Whether the steps of the blog's trace are to be looked for. */
  readonly showsBlog?: boolean;
  /** The way of the bytes in each recording, where that is what the scenario is about. */
  copies?(recordings: readonly Recording[]): CopyPath[];
}

/** The file of all scenarios, in the document root. */
export const fileName = 'test.dat';
export const target = `/${fileName}`;

/** `100 MB`, `64 KiB`, `1,234 bytes`: in the unit that gives a whole number, as a size was typed. */
export function sizeText(bytes: number): string {
  for (const [unit, name] of [
    [2 ** 30, 'GiB'],
    [2 ** 20, 'MiB'],
    [2 ** 10, 'KiB'],
  ] as const) {
    if (bytes >= unit && bytes % unit === 0) return `${bytes / unit} ${name}`;
  }
  return `${bytes.toLocaleString('en')} bytes`;
}

/** `32k`, `1m`: as a directive has it. */
export function directiveSize(bytes: number): string {
  if (bytes >= 2 ** 20 && bytes % 2 ** 20 === 0) return `${bytes / 2 ** 20}m`;
  return bytes % 1024 === 0 ? `${bytes / 1024}k` : `${bytes}`;
}
