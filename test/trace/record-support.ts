/** What the tests of the recorders have in common: clients, and which of a process's calls are the server's own. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { request } from 'node:http';
import { connect } from 'node:net';
import { describedCalls } from '../../native/ledger-calls.js';
import type { SystemCall, Trace } from '../../src/trace/event.js';
import { untilQuiet } from '../../src/trace/record.js';
import type { TraceServer } from '../../src/trace/trace-server.js';

/** One request on a connection of its own; resolves when that is closed on the client's side. */
export function fetchOnce(
  server: TraceServer,
  target: string,
  headers: Record<string, string> = {},
): Promise<{ status: number; etag: string }> {
  return new Promise((resolve, reject) => {
    const asked = request(
      server.url(target),
      { agent: false, headers: { Connection: 'close', ...headers } },
      response => {
        response.resume();
        const reply = { status: response.statusCode ?? 0, etag: response.headers.etag ?? '' };
        response.socket.on('close', () => resolve(reply));
      },
    );
    asked.on('error', reject).end();
  });
}

/** A client that reads nothing until the server can send no more, and then everything. Gives the bytes of the response. */
export async function fetchSlowly(server: TraceServer, target: string): Promise<number> {
  const socket = connect(server.port, '127.0.0.1');
  let length = 0;
  const closed = new Promise<void>((resolve, reject) => {
    socket.on('close', () => resolve()).on('error', reject);
  });
  await new Promise(resolve => socket.on('connect', resolve));
  socket.write(`GET ${target} HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n`);
  await untilQuiet(server.pid);
  socket.on('data', (part: Buffer) => {
    length += part.length;
  });
  await closed;
  return length;
}

const names = new Set(Object.values(describedCalls).map(call => call.kernel));

/**
 * Descriptors that libuv works on. There are two kinds of epoll descriptors in a server: libuv's, and ours, of which
 * libuv's is a member (src/event/loop.ts). So libuv's is the one that another one watches, and its members (the eventfd that
 * wakes it, the pipe that signals come through, channels to the master) are its own as well; pipes have a second end.
 */
function libuvDescriptors(pid: number): Set<number> {
  const descriptors = readdirSync(`/proc/${pid}/fd`).map(Number);
  const members = new Map(descriptors.filter(fd => isEpoll(pid, fd)).map(fd => [fd, membersOf(pid, fd)]));
  const ours = [...members].filter(([, watched]) => watched.some(fd => members.has(fd))).map(([fd]) => fd);
  if (ours.length !== 1) throw new Error(`process ${pid} has ${ours.length} epoll descriptors that watch another one`);
  const others = [...members].filter(([fd]) => fd !== ours[0]);
  const pipes = descriptors.filter(fd => pathOf(pid, fd).startsWith('pipe:'));
  return new Set([...others.flatMap(([fd, watched]) => [fd, ...watched]), ...pipes]);
}

const pathOf = (pid: number, fd: number) => {
  try {
    return readlinkSync(`/proc/${pid}/fd/${fd}`);
  } catch {
    return '';
  }
};

const isEpoll = (pid: number, fd: number) => pathOf(pid, fd) === 'anon_inode:[eventpoll]';

function membersOf(pid: number, fd: number): number[] {
  const info = readFileSync(`/proc/${pid}/fdinfo/${fd}`, 'latin1');
  return [...info.matchAll(/^tfd:\s+(\d+)/gm)].map(([, member]) => Number(member));
}

/**
 * The calls of the server itself, from the first connection to the last descriptor that it closes: of those that native/
 * binds, the ones that are neither on a descriptor of libuv's nor write the ledger. What the two recorders' beginning and
 * end do (attaching strace ends a wait with EINTR) is outside of this.
 */
export function ownCalls(trace: Trace, server: TraceServer): SystemCall[] {
  const libuvs = libuvDescriptors(server.pid);
  const calls = trace.events
    .filter(event => event.kind === 'call')
    .filter(call => names.has(call.name) && call.fdPath !== server.ledgerFile)
    .filter(call => call.fd === undefined || !libuvs.has(call.fd));
  const from = calls.findIndex(call => call.name === 'accept4');
  const to = calls.findLastIndex(call => call.name === 'close');
  return calls.slice(from, to + 1);
}
