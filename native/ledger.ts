import { openSync, readlinkSync, writeSync } from 'node:fs';
import { errno, type LibraryHandle } from 'koffi';
import { type CallDescription, describedCalls, type LedgerRecord } from './ledger-calls.js';
import { ForeignMemory } from './ledger-memory.js';

/**
 * The ledger: every kernel call that this program makes through native/, written to a file. ZEROCOPY_LEDGER=FILE in the
 * environment switches it on when a process starts; without it no call passes through here.
 *
 * The file is appended to, by each process that has the variable (a master and its workers). It holds one line a call: a
 * JSON object with the fields of LedgerRecord, in bytes of latin1 (a char code is a byte). Lines are gathered in memory, and
 * written before the loop waits, when 64 KB have come together, and when the process ends. The write is Node's own, so it
 * does not stand in the ledger.
 */
export class Ledger {
  private readonly file: number;
  private readonly memory: ForeignMemory;
  /** What the descriptors in use are, as /proc/self/fd shows them. */
  private readonly paths = new Map<number, string>();
  private lines = '';
  private isBroken = false;

  /**
   * @param path a file that is made (for its owner's eyes alone: it shows bytes of requests) or appended to
   * @throws Error when it cannot be opened
   */
  constructor(
    private readonly path: string,
    libc: LibraryHandle,
  ) {
    try {
      this.file = openSync(path, 'a', 0o600);
    } catch (error) {
      throw new Error(`ZEROCOPY_LEDGER="${path}" cannot be written: ${(error as Error).message}`, { cause: error });
    }
    this.memory = new ForeignMemory(libc);
    process.on('exit', () => this.flush());
  }

  /**
   * The function that records a call and makes it.
   * @param name libc's
   * @returns the function itself where it is no kernel call
   */
  wrap<F extends (...args: number[]) => number>(name: string, call: F): F | ((...args: number[]) => number) {
    const description = describedCalls[name];
    if (description === undefined) return call;
    return (...args) => this.record(description, call, args);
  }

  /**
   * A call that a thread is about to make. Its time counts from here on: waiting for a free thread is in it.
   * @returns what is to be told its result or negative errno; null where it is no kernel call
   */
  begun(name: string, args: number[]): ((outcome: number) => void) | null {
    const description = describedCalls[name];
    if (description === undefined) return null;
    const record = this.begin(description, args);
    const begun = performance.now();
    record.time = microseconds(performance.timeOrigin + begun);
    return outcome => {
      record.took = microseconds(performance.now() - begun);
      this.end(description, record, args, Math.max(outcome, -1), Math.max(-outcome, 0));
    };
  }

  private record(description: CallDescription, call: (...args: number[]) => number, args: number[]): number {
    const record = this.begin(description, args);
    const begun = performance.now();
    const returned = call(...args);
    const failure = returned < 0 ? errno() : 0;
    record.took = microseconds(performance.now() - begun);
    record.time = microseconds(performance.timeOrigin + begun);
    this.end(description, record, args, returned, failure);
    // whoever called asks for errno now, and files were looked at and written since
    if (failure > 0) errno(failure);
    return returned;
  }

  private begin(description: CallDescription, args: number[]): LedgerRecord {
    const record: LedgerRecord = { pid: process.pid, time: 0, took: 0, call: description.kernel, result: 0 };
    if (description.onFd) [record.fd] = args;
    description.asked?.(record, args, this.memory);
    if (record.fd !== undefined) record.fdPath = this.pathOf(record.fd);
    if (record.otherFd !== undefined) record.otherFdPath = this.pathOf(record.otherFd);
    if (description.kernel === 'epoll_pwait' && record.value !== 0) this.flush();
    return record;
  }

  private end(
    description: CallDescription,
    record: LedgerRecord,
    args: number[],
    returned: number,
    failure: number,
  ): void {
    const error = description.returnsErrno ? returned : failure;
    record.result = error > 0 ? -1 : returned;
    if (error > 0) record.errno = error;
    else description.got?.(record, args, this.memory);
    if (description.givesFd && returned >= 0) {
      this.paths.delete(returned);
      record.resultPath = this.pathOf(returned);
    }
    if (description.kernel === 'close') this.paths.delete(args[0]);
    this.add(record);
  }

  /** '' for a descriptor that is not open. */
  private pathOf(fd: number): string {
    const known = this.paths.get(fd);
    if (known !== undefined) return known;
    let path = '';
    try {
      path = readlinkSync(`/proc/self/fd/${fd}`, 'latin1');
    } catch {
      return path;
    }
    this.paths.set(fd, path);
    return path;
  }

  private add(record: LedgerRecord): void {
    if (this.isBroken) return;
    this.lines += `${JSON.stringify(record)}\n`;
    if (this.lines.length > batchSize) this.flush();
  }

  private flush(): void {
    if (this.lines === '') return;
    const bytes = Buffer.from(this.lines, 'latin1');
    this.lines = '';
    try {
      for (let at = 0; at < bytes.length; ) at += writeSync(this.file, bytes, at);
    } catch (error) {
      this.isBroken = true;
      process.stderr.write(`the ledger "${this.path}" ends here: ${(error as Error).message}\n`);
    }
  }
}

const batchSize = 64 * 1024;

/** From milliseconds to seconds of six decimals. */
function microseconds(milliseconds: number): number {
  return Math.round(milliseconds * 1000) / 1e6;
}
