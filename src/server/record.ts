import type { Transfer } from '../output/transfer.js';
import { Counter, counters } from '../scoreboard/counters.js';
import { PathCode, recordRequest, recordsRequests } from '../scoreboard/records.js';
import type { HttpRequest } from './request.js';

/** Notes on the scoreboard that a request has come to its end, and what its response has cost. */
export function record(request: HttpRequest, transfer: Transfer): void {
  const { status } = request.response;
  if (transfer.bytesSent > 0) counters[Counter.statuses + Math.floor(status / 100) - 1] += 1;
  const { now } = request;
  if (!recordsRequests(now)) return;
  recordRequest(
    {
      startedAt: request.startedAt,
      status,
      client: request.client.remoteAddress,
      line: request.head.requestLine,
      bytes: transfer.bytesSent,
      path: pathOf(transfer),
      sendfile: transfer.sendfileCalls,
      pread: transfer.preadCalls,
      writev: transfer.writevCalls,
      eagain: transfer.eagainCount,
      complete: request.completed,
    },
    now,
  );
}

function pathOf({ sendfileCalls, preadCalls, secured }: Transfer): number {
  if (sendfileCalls + preadCalls > 0 && secured >= 0) {
    return secured === Counter.ktlsBytes ? PathCode.ktls : PathCode.tls;
  }
  if (sendfileCalls > 0) return PathCode.sendfile;
  return preadCalls > 0 ? PathCode.buffers : PathCode.memory;
}
