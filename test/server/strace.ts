/** Records the system calls of a worker with strace(1), and puts them into a form that does not change from run to run. */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { waitFor } from './client.js';
import { missing, type TestServer } from './harness.js';

/** Why no process can be traced here, or false. */
export function cannotTrace(): string | false {
  const reason = missing('strace');
  if (reason !== false) return reason;
  const { status, stderr } = spawnSync('strace', ['-o', '/dev/null', 'true'], { encoding: 'utf8' });
  return status === 0 ? false : `strace may not trace: ${stderr.trim()}`;
}

/**
 * Records what a process does while `action` runs, until `isOver` says that the trace is complete.
 * @returns the simplified trace, one line a call
 */
export async function record(
  server: TestServer,
  action: () => Promise<void>,
  isOver: (trace: readonly string[]) => boolean,
): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'zerocopy-trace-'));
  const file = join(folder, 'trace');
  const strace = spawn('strace', ['-y', '-p', `${server.workers()[0]}`, '-o', file, '-s', '16'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let stderr = '';
  strace.stderr.on('data', chunk => {
    stderr += chunk;
  });
  try {
    await waitFor('strace is attached', () => stderr.includes('attached'));
    await action();
    const read = () => simplify(readFileSync(file, 'utf8'), server);
    await waitFor('the trace is complete', () => isOver(read()));
    return read();
  } finally {
    const ended = new Promise(resolve => strace.once('close', resolve));
    strace.kill('SIGINT');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A call in strace's words: name, arguments, result, error. */
const callPattern = /^(\w+)\((.*)\)\s+= (-?\d+(?:<[^>]*>)?)(?: (E[A-Z]+))?/;

/**
 * The calls of a trace that have to do with a request, without what differs from run to run: descriptors have the names of
 * what they are (file, client, log, epoll, listener), and contents of buffers are left out. The trace begins before the
 * client's connection is accepted.
 * @param text as `strace -y` writes it
 */
export function simplify(text: string, server: { readonly root: string; readonly dir: string }): string[] {
  const lines: string[] = [];
  // sockets look alike, and only the order tells which of them is the client's
  let client = '';
  const nameOf = (fd: string, path: string) => {
    if (path.startsWith(`${server.root}/`)) return 'file';
    if (path.startsWith(`${server.dir}/`)) return 'log';
    if (path.includes('eventpoll')) return 'epoll';
    if (!path.startsWith('socket:')) return 'other';
    return fd === client ? 'client' : 'listener';
  };
  for (const line of text.split('\n')) {
    const [, call, args, result, error] = callPattern.exec(line) ?? [];
    if (call === undefined) continue;
    if (call === 'accept4' && error === undefined) client = result.split('<')[0];
    const named = (part: string) => part.replace(/(\d+)<([^>]*)>/g, (_, fd, path) => nameOf(fd, path));
    const returned = error === undefined ? named(result) : `-1 ${error}`;
    const simple = simplifyCall(call, named(args), returned, client);
    if (simple !== '') lines.push(`${simple} = ${returned}`);
  }
  return lines;
}

/** Name and arguments of a call that has to do with the request; '' for one that has not. */
function simplifyCall(call: string, args: string, returned: string, client: string): string {
  const words = args.split(', ');
  switch (call) {
    case 'accept4':
      return 'accept4(listener)';
    case 'openat':
      return returned === 'file' ? 'openat(file)' : '';
    case 'recvfrom':
      return `recvfrom(${words[0]})`;
    case 'shutdown':
    case 'statx':
    case 'close':
      return words[0] === 'other' ? '' : `${call}(${words[0]})`;
    case 'pread64':
      return `pread64(${words[0]}, ${words.at(-2)}, ${words.at(-1)})`;
    case 'writev':
      return `writev(${words[0]}, ${words.at(-1)})`;
    case 'sendto':
      return `sendto(${words[0]}, ${words.at(-3)})`;
    case 'setsockopt':
      return `setsockopt(${words[0]}, ${words[2]}, ${words[3]})`;
    case 'sendfile':
      return `sendfile(${words[0]}, ${words[1]}, ${/\[(\d+)\]/.exec(words[2])?.[1]}, ${words.at(-1)})`;
    case 'write':
      return words[0] === 'log' ? 'write(log)' : '';
    case 'epoll_ctl':
      return words[2] === 'client' ? `epoll_ctl(epoll, ${words[1]}, client, ${eventsOf(args, client)})` : '';
    case 'epoll_pwait': {
      const events = eventsOf(args, client);
      return events === '' ? '' : `epoll_pwait(epoll, client: ${events})`;
    }
    default:
      return '';
  }
}

/** What is said of the client in a list of events; '' when it is not in it. */
function eventsOf(args: string, client: string): string {
  return new RegExp(`\\{events=([A-Z|]+), data=\\{u32=${client},`).exec(args)?.[1] ?? '';
}

/**
 * The grammar of a trace: which steps there are, in the order in which each is seen first. How often the socket was full,
 * and how much it took each time, is left out.
 */
export function grammar(trace: readonly string[]): string[] {
  return [
    ...new Set(
      trace.map(line => line.replace(/^(pread64|writev|sendfile)\((\w+).*\)/, '$1($2)').replace(/ \d+$/, ' N')),
    ),
  ];
}
