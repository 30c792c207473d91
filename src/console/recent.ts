import type { RecordedRequest } from '../scoreboard/recent.js';
import { PathCode } from '../scoreboard/records.js';
import { visible } from '../tools/visible.js';
import type { DataPath, ErrorLine, RequestFacts } from './snapshot.js';

const mostRequests = 100;
const mostErrors = 50;

/** The last requests and lines of the error log of all workers, the newest first. */
export class Recent {
  requests: readonly RequestFacts[] = [];
  errors: readonly ErrorLine[] = [];
  private requestSerial = 0;
  private errorSerial = 0;

  addRequests(found: readonly RecordedRequest[], pid: number): void {
    if (found.length === 0) return;
    const added = found.map(each => factsOf(each, pid, ++this.requestSerial));
    // several workers are read one after the other: what they did is put in order
    const all = [...added, ...this.requests].sort((one, other) => other.at - one.at || other.serial - one.serial);
    this.requests = all.slice(0, mostRequests);
  }

  addErrors(lines: readonly string[]): void {
    const added = lines.map(line => ({ serial: ++this.errorSerial, text: visible(line) }));
    this.errors = [...added.reverse(), ...this.errors].slice(0, mostErrors);
  }
}

function factsOf(recorded: RecordedRequest, pid: number, serial: number): RequestFacts {
  const { at, took, client, line, status, bytes, path, sendfile, pread, writev, eagain, complete } = recorded;
  const calls = { sendfile, pread, writev, eagain };
  return { serial, at, took, pid, client, line: visible(line), status, bytes, path: pathOf(path), ...calls, complete };
}

const pathsByCode = new Map<number, DataPath>(Object.entries(PathCode).map(([path, code]) => [code, path as DataPath]));

function pathOf(code: number): DataPath {
  return pathsByCode.get(code) ?? 'memory';
}
