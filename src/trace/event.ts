/**
 * A trace: what a process asked of the kernel, in order. Both recorders (strace, and the ledger of native/) give this list,
 * and so does a file that a user brings; everything else in src/trace reads nothing but it.
 */

/** One system call that has come back. Fields that a call does not have are absent. */
export interface SystemCall {
  readonly kind: 'call';
  /** As the kernel names it and strace prints it: `pread64`, `sendto`, `recvfrom`, `newfstatat`. */
  readonly name: string;
  /** The descriptor that it works on. */
  readonly fd?: number;
  /** The second descriptor: what epoll_ctl changes, what sendfile reads from. */
  readonly otherFd?: number;
  /** What the descriptors are, where the recorder says so (`strace -y`): a path, `socket:[…]`, `anon_inode:[eventpoll]`. */
  readonly fdPath?: string;
  readonly otherFdPath?: string;
  /** The path that it names (openat, stat …). */
  readonly path?: string;
  /** Bytes that it asks for, in all parts together. */
  readonly size?: number;
  /** Bytes of each part of an iovec. */
  readonly parts?: readonly number[];
  /** Where in the file it begins (pread64, sendfile). */
  readonly offset?: number;
  /** Names of flags, operations and options: `EPOLL_CTL_ADD`, `MSG_MORE`, `O_RDONLY`, `TCP_NODELAY`. */
  readonly flags?: readonly string[];
  /** An option's value (setsockopt), a timeout in ms (epoll_wait; -1 is none). */
  readonly value?: number;
  /** The events that it asks for or gets (epoll): the descriptor where it is known, and the names. */
  readonly events?: readonly { readonly fd?: number; readonly names: readonly string[] }[];
  /** The first bytes that it moved, as text, where the recorder shows them. */
  readonly preview?: string;
  /** What came back: bytes, a descriptor, a count; -1 with `errno`. */
  readonly result: number;
  /** `EAGAIN` …; '' where it succeeded. */
  readonly errno: string;
  /** Seconds: since 1970 where the recorder has it, else since some start; -1 where it is not known. */
  readonly time: number;
  /** Seconds spent in the call; -1 where it is not known. */
  readonly duration: number;
  /** The thread; 0 where the trace has one only. */
  readonly pid: number;
  /** The line as strace prints it, without pid and times. */
  readonly text: string;
}

/** A signal that was delivered. */
export interface SignalEvent {
  readonly kind: 'signal';
  readonly name: string;
  readonly time: number;
  readonly pid: number;
  readonly text: string;
}

/** The end of a thread or process. */
export interface ExitEvent {
  readonly kind: 'exit';
  /** The exit code, or -1 where a signal ended it. */
  readonly code: number;
  /** The signal that ended it, or ''. */
  readonly signal: string;
  readonly time: number;
  readonly pid: number;
  readonly text: string;
}

export type TraceEvent = SystemCall | SignalEvent | ExitEvent;

export interface Trace {
  readonly recorder: 'strace' | 'ledger';
  readonly events: readonly TraceEvent[];
  /** Lines that could not be read, with their numbers from 1. */
  readonly unparsed: readonly { readonly line: number; readonly text: string }[];
}

/** What a descriptor stands for. */
export type Role = 'listener' | 'client' | 'file' | 'access log' | 'error log' | 'epoll' | 'other';
