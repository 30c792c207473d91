/** Short traces in strace's words, written for the tests. */
import type { SystemCall } from '../../src/trace/event.js';
import { parseStrace } from '../../src/trace/strace-parser.js';

/** The calls of a trace, all lines of which must be readable. */
export function callsOf(...lines: readonly string[]): SystemCall[] {
  const { events, unparsed } = parseStrace(lines.join('\n'));
  if (unparsed.length > 0) throw new Error(`not read: ${JSON.stringify(unparsed)}`);
  return events.filter(event => event.kind === 'call');
}

const buffer = '"\\0\\0"...';
export const read = (at: number, size = 32768) => `pread64(12, ${buffer}, 32768, ${at}) = ${size}`;

/** A writev of parts; -1 is a full socket. */
export function writev(parts: readonly number[], result: number): string {
  const vector = parts.map(length => `{iov_base=${buffer}, iov_len=${length}}`).join(', ');
  const value = result < 0 ? '-1 EAGAIN (Resource temporarily unavailable)' : `${result}`;
  return `writev(7, [${vector}], ${parts.length}) = ${value}`;
}

export const room = 'epoll_wait(9, [{events=EPOLLOUT, data={u32=1, u64=94000001}}], 512, 60000) = 1';

/** From the accept to the open file. */
export const begin = (uri = '/test.dat') => [
  'epoll_wait(9, [{events=EPOLLIN, data={u32=5, u64=94000005}}], 512, -1) = 1',
  'accept4(6, {sa_family=AF_INET, sin_port=htons(40000), sin_addr=inet_addr("127.0.0.1")}, [112 => 16], SOCK_NONBLOCK) = 7',
  'epoll_ctl(9, EPOLL_CTL_ADD, 7, {events=EPOLLIN|EPOLLRDHUP|EPOLLET, data={u32=1, u64=94000001}}) = 0',
  'epoll_wait(9, [{events=EPOLLIN, data={u32=1, u64=94000001}}], 512, 60000) = 1',
  `recvfrom(7, "GET ${uri} HTTP/1.1\\r\\nHost: a\\r\\n"..., 1024, 0, NULL, NULL) = 105`,
  'openat(AT_FDCWD, "/srv/test.dat", O_RDONLY|O_NONBLOCK) = 12',
  'newfstatat(12, "", {st_mode=S_IFREG|0644, st_size=104857600, ...}, AT_EMPTY_PATH) = 0',
];

export const end = [
  'write(4, "127.0.0.1 - - [20/Nov/2026:10:18:06 +000"..., 100) = 100',
  'close(12) = 0',
  'close(7) = 0',
];

const head = `writev(7, [{iov_base="HTTP/1.1 200 OK\\r\\nServer: nginx/1.22.1\\r\\nD"..., iov_len=258}], 1) = 258`;

/** A download by copying: `rounds` of two reads and a write, then `full` times a full socket with so many rounds behind each. */
export function download(rounds: number, full = 0, behind: readonly number[] = []): string[] {
  const lines = [...begin(), head];
  let offset = 0;
  const round = (written: number) => {
    lines.push(read(offset), read(offset + 32768), writev([32768, 32768], written));
    offset += 65536;
  };
  for (let i = 0; i < rounds; i++) round(65536);
  for (let i = 0; i < full; i++) {
    round(60000 - i);
    lines.push(writev([5536 + i], -1), room, writev([5536 + i], 5536 + i));
    for (let j = 0; j < (behind[i] ?? 2); j++) round(65536);
  }
  return [...lines, ...end];
}

/** A download by sendfile, the socket full after each piece but the last. */
export function sendfileDownload(pieces: readonly number[]): string[] {
  const lines = [...begin(), 'setsockopt(7, SOL_TCP, TCP_CORK, [1], 4) = 0', head];
  let offset = 0;
  for (const [index, piece] of pieces.entries()) {
    lines.push(`sendfile(7, 12, [${offset}] => [${offset + piece}], 2097152) = ${piece}`);
    offset += piece;
    if (index === pieces.length - 1) break;
    lines.push(`sendfile(7, 12, [${offset}], 2097152) = -1 EAGAIN (Resource temporarily unavailable)`, room);
  }
  return [...lines, ...end];
}
