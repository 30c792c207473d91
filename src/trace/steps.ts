/** What a trace becomes when all that differs from run to run is taken out of it, and the shapes that are made of that. */
import type { Role } from './event.js';

/** One system call in normal form: descriptors have roles, pointers and times are gone. Fields that a call has not are absent. */
export interface Step {
  readonly name: string;
  /** What its descriptor is; 'other' where the trace does not tell or the call has none. */
  readonly role: Role;
  /** What its second descriptor is: what epoll_ctl changes, what sendfile reads from. */
  readonly other?: Role;
  /** What the descriptor is that it gave (accept4, openat). */
  readonly gives?: Role;
  readonly path?: string;
  /** Bytes that it asks for. */
  readonly size?: number;
  /** Bytes of each part of an iovec. */
  readonly parts?: readonly number[];
  /** Where in the file it begins, in bytes. */
  readonly offset?: number;
  readonly flags?: readonly string[];
  /** An option's value, or a timeout in ms. */
  readonly value?: number;
  readonly events?: readonly { readonly role: Role; readonly names: readonly string[] }[];
  readonly preview?: string;
  readonly result: number;
  readonly errno: string;
  /** The call that it was, in the trace's list of events: times and the thread are there. */
  readonly index: number;
  /** `pread64(file, 32768, 0) = 32768`. */
  readonly text: string;
}

/** The steps of one request, or of a connection of which the trace shows no request. */
export interface RequestSteps {
  /** '' where the trace does not show it. */
  readonly method: string;
  /** As sent; cut off where the recorder cut it off, '' where the trace does not show it. */
  readonly uri: string;
  /** 0 where the trace does not show it. */
  readonly status: number;
  /** Which connection of the trace, from 0. */
  readonly connection: number;
  readonly steps: readonly Step[];
}

export interface NormalTrace {
  readonly recorder: 'strace' | 'ledger';
  /** In the order of the trace. */
  readonly steps: readonly Step[];
  /** In the order in which they began. */
  readonly requests: readonly RequestSteps[];
  /** How many lines could not be read. */
  readonly unparsed: number;
}

/** Smallest, middle and largest of some numbers. */
export interface Spread {
  readonly min: number;
  readonly median: number;
  readonly max: number;
}

/** One step, or several of one kind in a row. */
export interface FoldedStep {
  readonly kind: 'step';
  /** The first of them. */
  readonly step: Step;
  /** How many there are in a row, each time that it comes to this place. */
  readonly times: Spread;
  /** Bytes that it asked for; of all of them. */
  readonly asked: Spread;
  /** Bytes that it moved (or what it returned); of all of them. */
  readonly moved: Spread;
  /** Places in the trace's events of the first and the last. */
  readonly first: number;
  readonly last: number;
  /** How many calls in all, and bytes that all of them sent to the client. */
  readonly calls: number;
  readonly sent: number;
}

/** A pattern that repeats. */
export interface FoldedRun {
  readonly kind: 'run';
  /** 'socket full': each repetition begins with a write that found the socket full and lasts until the next one does. */
  readonly why: 'repeats' | 'socket full';
  readonly times: Spread;
  readonly body: readonly FoldedItem[];
  /** Bytes that went to the client in one repetition. */
  readonly moved: Spread;
  readonly first: number;
  readonly last: number;
  /** How many calls in all, and bytes that all of them sent to the client. */
  readonly calls: number;
  readonly sent: number;
}

export type FoldedItem = FoldedStep | FoldedRun;

export interface Folded {
  readonly items: readonly FoldedItem[];
  /** How many steps it was made of. */
  readonly steps: number;
}

/** What may happen in a trace, whatever the counts: kinds of steps in the order of their first appearance, and what followed what. */
export interface Grammar {
  readonly kinds: readonly string[];
  /** `FROM -> TO`, in alphabetical order. */
  readonly transitions: readonly string[];
}

export type PhaseName =
  | 'accept'
  | 'wait for the request'
  | 'read the request'
  | 'open the file'
  | 'not found'
  | 'head'
  | 'ask the cache'
  | 'move by copy'
  | 'move by sendfile'
  | 'socket full'
  | 'log'
  | 'close file'
  | 'keep alive'
  | 'close'
  | 'other';

/** A part of a request's life. */
export interface Phase {
  readonly name: PhaseName;
  /** Some words, for a heading. */
  readonly title: string;
  /** One plain sentence that says what happens. */
  readonly sentence: string;
  readonly items: readonly FoldedItem[];
  /** Calls in it, and bytes that went to the client. */
  readonly calls: number;
  readonly bytes: number;
}

export interface BlogStep {
  /** `pread64 of 32768 bytes, twice`. */
  readonly name: string;
  readonly found: boolean;
  /** The steps that show it, in normal form; empty where it is missing. */
  readonly lines: readonly string[];
  /** The place of the first of them in the trace's events; -1 where it is missing. */
  readonly index: number;
}

export interface BlogSequence {
  readonly complete: boolean;
  readonly steps: readonly BlogStep[];
}

export interface Classification {
  /** How the file went to the client: 'off' is read and write, 'on' is sendfile, 'none' is no file at all. */
  readonly sendfile: 'on' | 'off' | 'mixed' | 'none';
  readonly client: 'fast' | 'slow';
  /** Writes that found the socket full, and waits for EPOLLOUT after them. */
  readonly eagain: number;
  readonly waits: number;
  /** Seconds of these waits; -1 where neither times nor the timeouts of the waits tell. */
  readonly waited: number;
  readonly server: 'nginx' | 'zerocopy' | 'apache' | 'other';
  /** The words of the Server header, or '' where no preview shows it. */
  readonly serverHeader: string;
  /** Bytes that came from files into the process, and went from the process to clients. */
  readonly bytesRead: number;
  readonly bytesWritten: number;
  /** Bytes that passed through the process: both of the above together. */
  readonly copied: number;
  /** Bytes that the kernel moved from files to clients by itself. */
  readonly bytesBySendfile: number;
  /** By name, most frequent first. */
  readonly calls: Readonly<Record<string, number>>;
  readonly total: number;
  readonly requests: number;
}

export type Severity = 'same' | 'cosmetic' | 'matters';

export type DifferenceKind =
  | 'path of the data'
  | 'filling the buffers'
  | 'another call'
  | 'options'
  | 'counts'
  | 'sizes'
  | 'missing'
  | 'answer'
  | 'backpressure'
  | 'order';

export interface Difference {
  readonly kind: DifferenceKind;
  readonly severity: Severity;
  /** The phase in which it is, and the request where there are several. */
  readonly where: string;
  /** What differs and why it matters, in a sentence. */
  readonly text: string;
}

/** A line of the side-by-side view. */
export interface Row {
  readonly phase: PhaseName;
  readonly a: FoldedItem | null;
  readonly b: FoldedItem | null;
  readonly severity: Severity;
}

export interface Comparison {
  readonly names: readonly [string, string];
  readonly differences: readonly Difference[];
  readonly rows: readonly Row[];
  /** The gravest of the differences. */
  readonly severity: Severity;
  readonly verdict: string;
}
