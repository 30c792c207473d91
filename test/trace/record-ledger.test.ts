/** From lines of the ledger to events. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { LedgerRecord } from '../../native/ledger-calls.js';
import { parseLedger } from '../../src/trace/ledger-reader.js';
import { quoted } from '../../src/trace/ledger-text.js';
import { ledgerLength, readLedger } from '../../src/trace/record-ledger.js';

const common = { pid: 7, time: 1.5, took: 0.25 };
const line = (record: Omit<LedgerRecord, 'pid' | 'time' | 'took'>) => `${JSON.stringify({ ...common, ...record })}\n`;

test('calls in the words of strace', () => {
  const socket = { fd: 9, fdPath: 'socket:[5]' };
  const table: [record: Omit<LedgerRecord, 'pid' | 'time' | 'took'>, text: string][] = [
    [
      { call: 'openat', result: 9, path: '/a"b', flags: 0o2004000, value: 0o644, resultPath: '/a"b' },
      'openat(AT_FDCWD, "/a\\"b", O_RDONLY|O_NONBLOCK|O_CLOEXEC) = 9</a"b>',
    ],
    [
      { call: 'openat', result: -1, errno: 13, path: '/log', flags: 0o2002101, value: 0o644 },
      'openat(AT_FDCWD, "/log", O_WRONLY|O_CREAT|O_APPEND|O_CLOEXEC, 0644) = -1 EACCES',
    ],
    [
      { call: 'statx', result: 0, path: '/a', flags: 0 },
      'statx(AT_FDCWD, "/a", AT_STATX_SYNC_AS_STAT, STATX_BASIC_STATS, …) = 0',
    ],
    [
      { call: 'pread64', result: 40, fd: 9, fdPath: '/a', size: 64, offset: 128, preview: 'x'.repeat(32) },
      `pread64(9</a>, "${'x'.repeat(32)}"..., 64, 128) = 40`,
    ],
    [
      { call: 'recvfrom', result: -1, errno: 11, ...socket, size: 1024, flags: 0 },
      'recvfrom(9<socket:[5]>, …, 1024, 0, NULL, NULL) = -1 EAGAIN',
    ],
    [
      { call: 'sendto', result: 4, ...socket, size: 4, flags: 0xc000, preview: 'head' },
      'sendto(9<socket:[5]>, "head", 4, MSG_NOSIGNAL|MSG_MORE, NULL, 0) = 4',
    ],
    [
      { call: 'writev', result: 6, ...socket, size: 6, parts: [4, 2], preview: 'head' },
      'writev(9<socket:[5]>, [{iov_base="head", iov_len=4}, {iov_base=…, iov_len=2}], 2) = 6',
    ],
    [
      { call: 'sendfile', result: 5, ...socket, otherFd: 3, otherFdPath: '/a', offset: 10, size: 20 },
      'sendfile(9<socket:[5]>, 3</a>, [10] => [15], 20) = 5',
    ],
    [
      { call: 'setsockopt', result: 0, ...socket, flags: 6, option: 3, value: 0, size: 4 },
      'setsockopt(9<socket:[5]>, SOL_TCP, TCP_CORK, [0], 4) = 0',
    ],
    [
      { call: 'socket', result: 9, option: 2, flags: 0o2004001, value: 0, resultPath: 'socket:[5]' },
      'socket(AF_INET, SOCK_STREAM|SOCK_CLOEXEC|SOCK_NONBLOCK, 0) = 9<socket:[5]>',
    ],
    [
      { call: 'epoll_ctl', result: 0, fd: 4, fdPath: 'e', otherFd: 9, flags: 3, events: [[9, 0x80002005]] },
      'epoll_ctl(4<e>, EPOLL_CTL_MOD, 9, {events=EPOLLIN|EPOLLOUT|EPOLLRDHUP|EPOLLET, data={u32=9}}) = 0',
    ],
    [
      { call: 'epoll_pwait', result: 0, fd: 4, fdPath: 'e', size: 512, value: -1, events: [] },
      'epoll_pwait(4<e>, [], 512, -1, NULL, 8) = 0',
    ],
    [{ call: 'prlimit64', result: 0, option: 7 }, 'prlimit64(0, RLIMIT_NOFILE, …, …) = 0'],
    [{ call: 'shutdown', result: 0, ...socket, flags: 1 }, 'shutdown(9<socket:[5]>, SHUT_WR) = 0'],
    [{ call: 'getsockname', result: 0, ...socket }, 'getsockname(9<socket:[5]>, …, …) = 0'],
    [{ call: 'new_call', result: 3, fd: 1 }, 'new_call(1) = 3'],
  ];
  for (const [record, text] of table) assert.equal(parseLedger(line(record)).events[0]?.text, text);
});

test('bytes are quoted as strace quotes them', () => {
  assert.equal(quoted('a\r\n\t"\\'), '"a\\r\\n\\t\\"\\\\"');
  assert.equal(quoted('\0\x01\xff'), '"\\0\\1\\377"');
  assert.equal(quoted('\x001\x018x'), '"\\0001\\0018x"');
});

test('fields: what a new descriptor is, timeouts, times, threads', () => {
  const accept = line({ call: 'accept4', result: 9, fd: 3, fdPath: 'socket:[1]', flags: 0, resultPath: 'socket:[2]' });
  const wait = line({ call: 'epoll_pwait', result: 1, fd: 4, fdPath: 'e', size: 512, value: 60, events: [[9, 0x10]] });
  const { text: _, ...accepted } = parseLedger(accept).events[0] as object & { text: string };
  assert.deepEqual(accepted, {
    kind: 'call',
    name: 'accept4',
    fd: 3,
    fdPath: 'socket:[1]',
    otherFdPath: 'socket:[2]',
    flags: [],
    result: 9,
    errno: '',
    time: 1.5,
    duration: 0.25,
    pid: 7,
  });
  const { text, ...waited } = parseLedger(wait, 7).events[0] as object & { text: string };
  assert.equal(text, 'epoll_pwait(4<e>, [{events=EPOLLHUP, data={u32=9}}], 512, 60, NULL, 8) = 1');
  assert.deepEqual(waited, {
    kind: 'call',
    name: 'epoll_pwait',
    fd: 4,
    fdPath: 'e',
    value: 60,
    events: [{ fd: 9, names: ['EPOLLHUP'] }],
    result: 1,
    errno: '',
    time: 1.5,
    duration: 0.25,
    pid: 0,
  });
});

test('lines of others, broken ones, and one that is being written', () => {
  const close = line({ call: 'close', result: 0, fd: 9, fdPath: '' });
  const others = close.replace('"pid":7', '"pid":8');
  const trace = parseLedger(`${close}not json\n${others}{"pid":7}\nnull\n${close.slice(0, 20)}`, 7);
  assert.equal(trace.events.length, 1);
  assert.deepEqual(trace.unparsed, [
    { line: 2, text: 'not json' },
    { line: 4, text: '{"pid":7}' },
    { line: 5, text: 'null' },
  ]);
});

test('a recording is what came after its beginning', () => {
  const folder = mkdtempSync(join(tmpdir(), 'zerocopy-test-'));
  try {
    const file = `${folder}/ledger`;
    const write = (text: string) => writeFileSync(file, text, { encoding: 'latin1', flag: 'a' });
    write(line({ call: 'close', result: 0, fd: 1 }));
    const from = ledgerLength(file);
    assert.deepEqual(readLedger(file, from, 7).events, []);
    write(line({ call: 'write', result: 2, fd: 2, size: 2, preview: '\xfc\n' }));
    const [event] = readLedger(file, from, 7).events;
    assert.equal(event.text, 'write(2, "\\374\\n", 2) = 2');
  } finally {
    rmSync(folder, { recursive: true });
  }
});
