import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { SystemCall } from '../../src/trace/event.js';
import { parseStrace } from '../../src/trace/strace-parser.js';
import { callsOf } from './samples.js';

const one = (line: string): SystemCall => {
  const calls = callsOf(line);
  assert.equal(calls.length, 1, line);
  return calls[0];
};

describe('what is in front of a call', () => {
  const cases: [string, string, Partial<SystemCall>][] = [
    ['nothing', 'close(5) = 0', { pid: 0, time: -1, duration: -1 }],
    ['-f', '[pid 4711] close(5) = 0', { pid: 4711 }],
    ['-f, narrow', '[pid    11] close(5) = 0', { pid: 11 }],
    ['-f and -o', '4711  close(5) = 0', { pid: 4711, time: -1 }],
    ['-t', '10:00:01 close(5) = 0', { time: 36001 }],
    ['-tt and -f', '[pid 7] 10:00:01.500000 close(5) = 0', { pid: 7, time: 36001.5 }],
    [
      '-ttt, -f, -o, -T',
      '77 1700000000.250000 close(5) = 0 <0.000012>',
      { pid: 77, time: 1700000000.25, duration: 0.000012 },
    ],
    ['-r', '     0.000100 close(5) = 0', { time: 0.0001 }],
    ['-tt and -r', '10:00:01.500000 (+     0.000021) close(5) = 0', { time: 36001.5 }],
    ['padded result', 'close(5)                                = 0', { result: 0 }],
  ];
  for (const [name, line, expected] of cases) {
    test(name, () => {
      const call = one(line);
      for (const [key, value] of Object.entries(expected)) assert.equal(call[key as keyof SystemCall], value, key);
      assert.equal(call.name, 'close');
      assert.equal(call.fd, 5);
      assert.match(call.text, /^close\(5\) += 0$/);
    });
  }

  test('-r counts from line to line, and -t over midnight', () => {
    assert.deepEqual(
      callsOf('0.000000 close(1) = 0', '0.500000 close(2) = 0', '0.250000 close(3) = 0').map(call => call.time),
      [0, 0.5, 0.75],
    );
    assert.deepEqual(
      callsOf('23:59:59 close(1) = 0', '00:00:01 close(2) = 0').map(call => call.time),
      [86399, 86401],
    );
  });
});

describe('calls', () => {
  const cases: [string, Partial<SystemCall>][] = [
    [
      'pread64(5, "a, b) = 7 \\"(q"..., 32768, 104366080) = 32768',
      { fd: 5, size: 32768, offset: 104366080, preview: 'a, b) = 7 "(q', result: 32768 },
    ],
    ['read(5, "\\0\\33\\x41\\303\\n"..., 10) = 5', { preview: '\0\x1bA\xc3\n', size: 10 }],
    [
      'writev(4, [{iov_base="a]}", iov_len=3}, {iov_base="iov_len=9"..., iov_len=40}], 2) = 43',
      { parts: [3, 40], size: 43, preview: 'a]}' },
    ],
    [
      'writev(4, [{…, iov_len=15873}], 1) = -1 EAGAIN (Resource temporarily unavailable)',
      { parts: [15873], result: -1, errno: 'EAGAIN' },
    ],
    [
      'recvfrom(7, "GET / HTTP/1.1\\r\\n", 1024, MSG_DONTWAIT, NULL, NULL) = 16',
      { size: 1024, flags: ['MSG_DONTWAIT'], preview: 'GET / HTTP/1.1\r\n' },
    ],
    ['sendto(7, "x", 1, MSG_NOSIGNAL|MSG_MORE, NULL, 0) = 1', { fd: 7, size: 1, flags: ['MSG_NOSIGNAL', 'MSG_MORE'] }],
    [
      'sendmsg(7, {msg_name=NULL, msg_namelen=0, msg_iov=[{iov_base="ab", iov_len=2}], msg_iovlen=1, msg_flags=0}, MSG_NOSIGNAL) = 2',
      { parts: [2], flags: ['MSG_NOSIGNAL'] },
    ],
    [
      'recvmsg(7, {msg_iov=[{iov_base="ab", iov_len=64}], msg_iovlen=1}, 0) = 2',
      { size: 64, preview: 'ab', flags: [] },
    ],
    ['sendfile(7, 12, [1000] => [2101248], 2100248) = 2100248', { fd: 7, otherFd: 12, offset: 1000, size: 2100248 }],
    ['sendfile(7, 12, NULL, 5) = 5', { otherFd: 12, size: 5 }],
    [
      'splice(3, [0] => [4096], 9, NULL, 65536, SPLICE_F_MOVE|SPLICE_F_MORE) = 4096',
      { fd: 9, otherFd: 3, offset: 0, size: 65536, flags: ['SPLICE_F_MOVE', 'SPLICE_F_MORE'] },
    ],
    ['tee(3, 4, 10, SPLICE_F_NONBLOCK) = 10', { fd: 4, otherFd: 3, size: 10 }],
    ['copy_file_range(3, [0] => [5], 4, NULL, 10, 0) = 5', { fd: 4, otherFd: 3, offset: 0, size: 10 }],
    [
      'mmap(NULL, 8192, PROT_READ, MAP_PRIVATE, 3, 0x1000) = 0x7f0000001000',
      { fd: 3, size: 8192, offset: 4096, flags: ['PROT_READ', 'MAP_PRIVATE'], result: 0x7f0000001000 },
    ],
    ['mmap(NULL, 8192, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x7f00', { fd: -1 }],
    [
      'openat(AT_FDCWD</srv>, "a (1).txt", O_RDONLY|O_CLOEXEC) = 12</srv/a (1).txt>',
      { path: 'a (1).txt', flags: ['O_RDONLY', 'O_CLOEXEC'], fdPath: '/srv/a (1).txt', result: 12 },
    ],
    [
      'open("/x", O_WRONLY|O_CREAT, 0644) = -1 ENOENT (No such file or directory)',
      { path: '/x', flags: ['O_WRONLY', 'O_CREAT'], errno: 'ENOENT' },
    ],
    ['stat("/x", {st_mode=S_IFREG|0644, st_size=5, ...}) = 0', { path: '/x' }],
    ['fstat(3, {st_mode=S_IFREG|0644, st_size=5, ...}) = 0', { fd: 3 }],
    [
      'newfstatat(AT_FDCWD, "/x", {st_mode=S_IFDIR|0755, ...}, AT_SYMLINK_NOFOLLOW) = 0',
      { path: '/x', flags: ['AT_SYMLINK_NOFOLLOW'] },
    ],
    [
      'statx(20</a>, "", AT_EMPTY_PATH, STATX_ALL, {stx_mask=STATX_ALL, stx_size=5, ...}) = 0',
      { fd: 20, fdPath: '/a', flags: ['AT_EMPTY_PATH'] },
    ],
    ['close(7<TCP:[127.0.0.1:8080->127.0.0.1:40000]>) = 0', { fd: 7, fdPath: 'TCP:[127.0.0.1:8080->127.0.0.1:40000]' }],
    ['close(7<socket:[123]>) = 0', { fdPath: 'socket:[123]' }],
    ['read(3</dev/null<char 1:3>>, "", 5) = 0', { fd: 3, fdPath: '/dev/null<char 1:3>', size: 5 }],
    ['close(3</tmp/x>(deleted)) = 0', { fd: 3, fdPath: '/tmp/x' }],
    [
      'accept4(6<TCP:[0.0.0.0:80]>, {sa_family=AF_INET, sin_port=htons(1), sin_addr=inet_addr("1.2.3.4")}, [112 => 16], SOCK_NONBLOCK) = 7<TCP:[1.2.3.4:80->1.2.3.4:1]>',
      {
        fd: 6,
        fdPath: 'TCP:[0.0.0.0:80]',
        otherFdPath: 'TCP:[1.2.3.4:80->1.2.3.4:1]',
        result: 7,
        flags: ['SOCK_NONBLOCK'],
      },
    ],
    ['accept(6, NULL, NULL) = 7', { fd: 6, result: 7 }],
    [
      'epoll_wait(9, [{events=EPOLLIN|EPOLLOUT, data={u32=5, u64=5}}], 512, 60000) = 1',
      { fd: 9, value: 60000, events: [{ fd: 5, names: ['EPOLLIN', 'EPOLLOUT'] }] },
    ],
    ['epoll_pwait(9, [], 512, 0, NULL, 8) = 0', { events: [], value: 0, result: 0 }],
    ['epoll_pwait(10, [{events=EPOLLOUT, …}], …) = 1', { fd: 10, events: [{ names: ['EPOLLOUT'] }] }],
    [
      'poll([{fd=3, events=POLLIN}, {fd=4<socket:[1]>, events=POLLOUT}], 2, 100) = 1 ([{fd=4, revents=POLLOUT}])',
      { value: 100, events: [{ fd: 4, names: ['POLLOUT'] }], result: 1 },
    ],
    ['select(4, [3], NULL, NULL, {tv_sec=1, tv_usec=0}) = 0 (Timeout)', { result: 0 }],
    ['setsockopt(7, SOL_TCP, TCP_CORK, [1], 4) = 0', { fd: 7, flags: ['TCP_CORK'], value: 1 }],
    ['getsockopt(7, SOL_SOCKET, SO_ERROR, [0], [4]) = 0', { flags: ['SO_ERROR'], value: 0 }],
    ['shutdown(7, SHUT_WR) = 0', { flags: ['SHUT_WR'] }],
    ['fcntl(7, F_SETFL, O_RDONLY|O_NONBLOCK) = 0', { fd: 7, flags: ['F_SETFL', 'O_RDONLY', 'O_NONBLOCK'] }],
    ['fcntl(7, F_GETFD) = 0x1 (flags FD_CLOEXEC)', { result: 1 }],
    ['gettid() = 23104', { result: 23104 }],
    [
      'futex(0x7f00, FUTEX_WAIT_PRIVATE, 0, NULL) = ? ERESTARTSYS (To be restarted if SA_RESTART is set)',
      { result: -1, errno: 'ERESTARTSYS' },
    ],
    ['restart_syscall(<... resuming interrupted poll ...>) = 1', { result: 1 }],
    ['exit_group(0) = ?', { result: 0 }],
    ['capget({version=1<<4, pid=0}, NULL) = 0', { result: 0 }],
    ['brk(NULL /* none, ( */) = 0x5500', { result: 0x5500 }],
    ['close(5)', { fd: 5, result: 0 }],
  ];
  for (const [line, expected] of cases) {
    test(line.slice(0, 60), () => {
      const call = one(line);
      for (const [key, value] of Object.entries(expected)) assert.deepEqual(call[key as keyof SystemCall], value, key);
      assert.equal(call.text, line);
    });
  }

  test('an event is that of the descriptor whose data it bears', () => {
    const calls = callsOf(
      'epoll_ctl(9, EPOLL_CTL_ADD, 7, {events=EPOLLIN, data={u32=1732879072, u64=139742788821728}}) = 0',
      'epoll_wait(9, [{events=EPOLLIN, data={u32=1732879072, u64=139742788821728}}, {events=EPOLLIN, data={u32=3, u64=139742788821731}}], 512, -1) = 2',
      'epoll_ctl(9, EPOLL_CTL_ADD, 8, {events=EPOLLIN, data=0x5601}) = 0',
      'epoll_wait(9, [{events=EPOLLHUP, data=0x5601}], 512, -1) = 1',
    );
    assert.deepEqual(calls[1].events, [{ names: ['EPOLLIN'], fd: 7 }, { names: ['EPOLLIN'] }]);
    assert.deepEqual(calls[3].events, [{ names: ['EPOLLHUP'], fd: 8 }]);
  });
});

describe('lines that belong together, and lines that are no calls', () => {
  test('unfinished calls are joined by thread, and stand where they came back', () => {
    const calls = callsOf(
      '[pid 1] 10:00:00.1 read(3,  <unfinished ...>',
      '[pid 2] 10:00:00.2 write(4, "a", 1 <unfinished ...>',
      '[pid 1] 10:00:00.3 <... read resumed>"<unfinished", 10) = 11 <0.2>',
      '[pid 2] 10:00:00.4 <... write resumed>) = 1 <0.2>',
      '[pid 3] 10:00:00.5 <... epoll_wait resumed> [], 512, 10) = 0',
    );
    assert.deepEqual(
      calls.map(({ name, pid, fd, time, result, text }) => [name, pid, fd, time, result, text]),
      [
        ['read', 1, 3, 36000.1, 11, 'read(3, "<unfinished", 10) = 11'],
        ['write', 2, 4, 36000.2, 1, 'write(4, "a", 1) = 1'],
        ['epoll_wait', 3, undefined, 36000.5, 0, 'epoll_wait([], 512, 10) = 0'],
      ],
    );
  });

  test('an argument that the kernel changes may be cut in two', () => {
    const [call] = callsOf(
      '12 sendfile(24</dev/null>, 23</x>, [0] <unfinished ...>',
      '12 <... sendfile resumed> => [131072], 131072) = 131072',
    );
    assert.deepEqual([call.fd, call.otherFd, call.offset, call.size, call.result], [24, 23, 0, 131_072, 131_072]);
  });

  test('a call that strace has no name for', () => {
    const [call] = callsOf('syscall_0x1c3(0x17, 0x1cbd6c10, 0x1cbd6c50, 0, 0x18ab084, 0) = 0');
    assert.deepEqual([call.name, call.fd, call.result], ['cachestat', 23, 0]);
  });

  test('signals, exits and messages', () => {
    const { events, unparsed } = parseStrace(
      [
        'strace: Process 12 attached',
        '[pid 12] --- SIGCHLD {si_signo=SIGCHLD, si_code=CLD_EXITED} ---',
        '--- stopped by SIGSTOP ---',
        '[pid 12] +++ exited with 3 +++',
        '+++ killed by SIGKILL (core dumped) +++',
        'epoll_wait(9,  <detached ...>',
        'strace: Process 12 detached',
        '# a comment',
        '…',
        '',
      ].join('\n'),
    );
    assert.deepEqual(unparsed, []);
    assert.deepEqual(
      events.map(event => [
        event.kind,
        event.pid,
        event.kind === 'exit' ? `${event.code}${event.signal}` : event.kind === 'signal' ? event.name : '',
      ]),
      [
        ['signal', 12, 'SIGCHLD'],
        ['signal', 0, 'SIGSTOP'],
        ['exit', 12, '3'],
        ['exit', 0, '-1SIGKILL'],
      ],
    );
  });

  test('what cannot be read is kept with its number, and never thrown', () => {
    const broken = [
      'hello',
      'read(3, "abc',
      'read(3) 5',
      'read(3) = x',
      '\x00\xff(((',
      'a = 3',
      `f(${'['.repeat(50_000)}`,
    ];
    const { events, unparsed } = parseStrace(['close(1) = 0', ...broken, 'close(2) = 0'].join('\r\n'));
    assert.equal(events.length, 2);
    assert.deepEqual(
      unparsed.map(one => one.line),
      broken.map((_, index) => index + 2),
    );
    assert.equal(unparsed[0].text, 'hello');
  });

  test('a string that was cut off costs its arguments, not the call', () => {
    const call = one('write(1, "abc) = 5');
    assert.deepEqual([call.name, call.result, call.fd], ['write', 5, undefined]);
  });

  test('hundred thousand lines take time in proportion', () => {
    const many = 'pread64(5, "\\0\\0"..., 32768, 104366080) = 32768\n'.repeat(100_000);
    const before = process.cpuUsage();
    assert.equal(parseStrace(many).events.length, 100_000);
    assert.equal(parseStrace(`x(${'<'.repeat(100_000)}${' '.repeat(100_000)}`).unparsed.length, 1);
    const { user } = process.cpuUsage(before);
    assert.ok(user < 5_000_000, `${user} microseconds`);
  });
});
