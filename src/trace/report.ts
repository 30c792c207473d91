/**
 * What a run of `zerocopy trace` found out, for a view (terminal, HTML) or a program (`--json`): plain data that stays the
 * same when it is written as JSON and read again.
 */
import type { Machine } from '../tools/machine.js';
import type { Trace } from './event.js';
import type { BlogSequence, Classification, Comparison, Folded, NormalTrace, Phase } from './steps.js';

export interface TraceReport {
  readonly scenario: {
    /** `download`; `read` where files were read. */
    readonly name: string;
    /** `A download of 100 MB by a client that reads 20 MB/s`. */
    readonly title: string;
    /** One sentence: what it lets one see. */
    readonly about: string;
  };
  /** As it was typed: `zerocopy trace download --sendfile both --client-rate 20M`. */
  readonly commandLine: string;
  /** ISO 8601. */
  readonly date: string;
  readonly machine: Machine;
  /** Versions of the servers that were recorded, by name: `{zerocopy: '0.1.0', nginx: '1.22.1'}`; empty where files were read. */
  readonly servers: Readonly<Record<string, string>>;
  /** At least one, except where something is missing (see notes) and in the scenario `buffers`, which may have none. */
  readonly recordings: readonly Recording[];
  readonly comparisons: readonly PairComparison[];
  /** They decide the exit code: 1 where one is not ok. */
  readonly checks: readonly Check[];
  /** What is missing and how to get it, and what has to be known to read the rest. */
  readonly notes: readonly string[];
  /** Of the scenario `buffers`; null in the others. */
  readonly buffers: BuffersTable | null;
  /** Of the scenario `copies`; null in the others. */
  readonly copies: readonly CopyPath[] | null;
}

/** One trace, and what was made of it. */
export interface Recording {
  /** `sendfile off`, `sendfile on`, `nginx, sendfile off`, or the name of a file. */
  readonly label: string;
  readonly program: 'zerocopy' | 'nginx' | 'file';
  readonly recorder: 'strace' | 'ledger';
  readonly trace: Trace;
  readonly normal: NormalTrace;
  readonly folded: Folded;
  readonly phases: readonly Phase[];
  readonly classification: Classification;
  /** The steps of the blog's trace; null where the scenario does not go through them. */
  readonly blog: BlogSequence | null;
  readonly figures: Figures;
  /** What the client got, in the order of its requests; empty where a file was read. */
  readonly answers: readonly Answer[];
  /** Lines that came to the error log meanwhile. */
  readonly errorLog: readonly string[];
}

/** What a recording cost, by the kernel's count. Times and switches come from a run of the same without a recorder. */
export interface Figures {
  /** From the request to the last byte, in ms; null where a file was read that has no times. */
  readonly wallMs: number | null;
  /** Processor time of the server in ms; user and system are known in steps of 10 ms. Null where a file was read. */
  readonly cpuMs: number | null;
  readonly userMs: number | null;
  readonly systemMs: number | null;
  /** Context switches of the serving thread: it slept, or was made to wait. Null where a file was read. */
  readonly voluntarySwitches: number | null;
  readonly involuntarySwitches: number | null;
  /** Bytes, from the trace: files into the process, process to clients, and file to client within the kernel. */
  readonly bytesRead: number;
  readonly bytesWritten: number;
  readonly bytesBySendfile: number;
  /** Bytes that came from a disk: 0 where the page cache had them. Absent where a file was read. */
  readonly bytesFromDisk?: number;
  /** Calls for the requests by name, the most frequent first, and all of them. The program's own are in `classification` too. */
  readonly calls: Readonly<Record<string, number>>;
  readonly total: number;
}

export interface Answer {
  readonly method: string;
  readonly target: string;
  readonly status: number;
  /** Of the body, as it arrived. */
  readonly bytes: number;
}

export interface PairComparison {
  /** Places in `recordings`. */
  readonly a: number;
  readonly b: number;
  /** Whether a difference speaks against Zerocopy (against nginx), or is what is to be seen (sendfile off and on). */
  readonly expectsSame: boolean;
  readonly comparison: Comparison;
}

export interface Check {
  /** `the file is copied through output buffers`. */
  readonly name: string;
  readonly ok: boolean;
  /** What was seen; the line of the trace that shows it. */
  readonly detail: string;
}

/** The sweep of `output_buffers`. */
export interface BuffersTable {
  /** Slow connections that were open at the time. */
  readonly connections: number;
  readonly rows: readonly BuffersRow[];
}

export interface BuffersRow {
  /** `output_buffers COUNT SIZE`; bytes of one. */
  readonly count: number;
  readonly size: number;
  /** What the worker's memory grew by when the connections came, in MB (10⁶ bytes). */
  readonly memoryMb: number;
  /** What a small request beside them waited for its answer, in ms. */
  readonly waitP50Ms: number;
  readonly waitP99Ms: number;
  /** System calls of one download of `downloadBytes` by a fast client. */
  readonly calls: number;
  readonly downloadBytes: number;
}

/** The way of the bytes from the disk to the network for one recording. */
export interface CopyPath {
  /** The place in `recordings`. */
  readonly recording: number;
  readonly hops: readonly CopyHop[];
  /** Copies that the processor made: both directions through user space, together, in bytes. */
  readonly copiedByProcessor: number;
  /** System calls that moved the body. */
  readonly calls: number;
}

/** One step of that way. */
export interface CopyHop {
  readonly from: Place;
  readonly to: Place;
  readonly bytes: number;
  /** The calls that did it (`pread64`), and how many; none where the kernel or the device does it by itself. */
  readonly by: string;
  readonly calls: number;
  /** Who moves the bytes: the processor copies them, a device fetches them, or only a reference is handed on. */
  readonly how: 'copied by the processor' | 'fetched by the device' | 'passed by reference';
  /** Counted by the trace, by /proc, or known to happen and not counted here. */
  readonly counted: boolean;
}

export type Place = 'disk' | 'page cache' | 'user space' | 'socket' | 'network';
