import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { normalise } from '../../src/trace/normalise.js';
import type { NormalTrace } from '../../src/trace/steps.js';
import { parseStrace } from '../../src/trace/strace-parser.js';
import { begin, download, end, read, room, writev } from './samples.js';

function normal(lines: readonly string[], onlyRequests = true): NormalTrace {
  const trace = parseStrace(lines.join('\n'));
  assert.deepEqual(trace.unparsed, []);
  return normalise(trace, { onlyRequests });
}

const texts = (trace: NormalTrace) => trace.steps.map(step => step.text);

describe('roles', () => {
  test('a whole request', () => {
    assert.deepEqual(texts(normal(download(1))), [
      'epoll_wait(listener: EPOLLIN) = 1',
      'accept4(listener) = client',
      'epoll_ctl(epoll, EPOLL_CTL_ADD, client, EPOLLIN|EPOLLRDHUP|EPOLLET) = 0',
      'epoll_wait(client: EPOLLIN) = 1',
      'recvfrom(client, 1024) = N',
      'openat(O_RDONLY|O_NONBLOCK) = file',
      'newfstatat(file) = 0',
      'writev(client, [258]) = 258',
      'pread64(file, 32768, 0) = 32768',
      'pread64(file, 32768, 32768) = 32768',
      'writev(client, [32768, 32768]) = 65536',
      'write(access log) = N',
      'close(file) = 0',
      'close(client) = 0',
    ]);
  });

  test('a trace that begins in the midst of a request', () => {
    const lines = [
      'pread64(5, "\\0\\0"..., 32768, 65536) = 32768',
      'writev(4, [{iov_base="\\0\\0"..., iov_len=32768}], 1) = -1 EAGAIN (Resource temporarily unavailable)',
      'epoll_pwait(10, [{events=EPOLLOUT, …}], …) = 1',
      'writev(4, [{…, iov_len=32768}], 1) = 32768',
      'write(7, "192.0.2.1 - - [15/Jan/2026…", 242) = 242',
      'close(5)',
      'close(4)',
    ];
    const trace = normal(lines);
    assert.deepEqual(texts(trace), [
      'pread64(file, 32768, 65536) = 32768',
      'writev(client, [32768]) = -1 EAGAIN',
      'epoll_pwait(client: EPOLLOUT) = 1',
      'writev(client, [32768]) = 32768',
      'write(access log) = N',
      'close(file) = 0',
      'close(client) = 0',
    ]);
    assert.equal(trace.requests.length, 1);
    assert.deepEqual([trace.requests[0].method, trace.requests[0].status], ['', 0]);
  });

  test('a number that is used again is another descriptor', () => {
    const lines = [
      ...begin(),
      'close(12) = 0',
      'openat(AT_FDCWD, "/var/log/x.log", O_WRONLY|O_APPEND) = 12',
      'write(12, "x", 1) = 1',
      'close(12) = 0',
      'openat(AT_FDCWD, "/srv/b", O_RDONLY) = 12',
      'close(12) = 0',
    ];
    assert.deepEqual(
      normal(lines)
        .steps.slice(6)
        .map(step => `${step.name} ${step.gives ?? step.role}`),
      [
        'newfstatat file',
        'close file',
        'openat access log',
        'write access log',
        'close access log',
        'openat file',
        'close file',
      ],
    );
  });

  const logs: [string, string, string][] = [
    ['write(3, "2026/11/20 10:18:17 [error] 1#1: *1 open"..., 218) = 218', 'error log', 'by its date'],
    ['write(3, "::1 - bob [20/Nov/2026"..., 90) = 90', 'access log', 'by its line'],
    ['write(3</var/log/nginx/error.log>, "x", 9) = 9', 'error log', 'by its path'],
    ['write(3</var/log/access>, "x", 9) = 9', 'access log', 'by its path'],
    ['write(3, "{\\"status\\":404}", 14) = 14', 'error log', 'by its place before the answer'],
    ['write(3<anon_inode:[eventfd]>, "\\1\\0\\0\\0\\0\\0\\0\\0", 8) = 8', 'other', 'for it is none'],
  ];
  for (const [line, role, why] of logs) {
    test(`a log is known ${why}: ${line.slice(0, 30)}`, () => {
      const step = normal([...begin(), line], false).steps.at(-1);
      assert.equal(step?.role, role);
    });
  }

  test('sockets, listeners and epoll by what -y says', () => {
    const trace = normal(
      [
        'epoll_wait(9<anon_inode:[eventpoll]>, [{events=EPOLLIN, data=0x11}], 512, -1) = 1',
        'read(30<TCP:[127.0.0.1:80->127.0.0.1:5]>, "GET /a HTTP/1.1\\r\\n", 8000) = 17',
        'openat(AT_FDCWD, "/srv/a", O_RDONLY) = 31</srv/a>',
        'read(31</srv/a>, "x", 100) = 1',
        'write(30<TCP:[127.0.0.1:80->127.0.0.1:5]>, "HTTP/1.1 200 OK\\r\\n", 17) = 17',
      ],
      false,
    );
    assert.deepEqual(
      trace.steps.map(step => step.role),
      ['epoll', 'client', 'file', 'file', 'client'],
    );
    assert.deepEqual(
      trace.requests.map(({ method, uri, status }) => [method, uri, status]),
      [['GET', '/a', 200]],
    );
  });

  test('two processes with the same numbers are not mixed', () => {
    const lines = [
      'accept4(6, NULL, NULL, 0) = 7',
      'recvfrom(7, "GET /a HTTP/1.1", 99, 0, NULL, NULL) = 15',
      'openat(AT_FDCWD, "/srv/a", O_RDONLY) = 8',
      'sendfile(7, 8, [0] => [5], 5) = 5',
      'close(8) = 0',
      'close(7) = 0',
    ];
    const both = lines.flatMap(line => [`[pid 1] ${line}`, `[pid 2] ${line.replace('/a ', '/b ')}`]);
    const { requests } = normal(both);
    assert.deepEqual(
      requests.map(({ uri, steps }) => [uri, steps.length]),
      [
        ['/a', 6],
        ['/b', 6],
      ],
    );
  });
});

describe('requests', () => {
  test('two on one connection, each with the wait that led to it', () => {
    const lines = [
      ...begin('/a'),
      writev([100], 100),
      'write(4, "127.0.0.1 - - [20/N"..., 9) = 9',
      'close(12) = 0',
      'epoll_wait(9, [{events=EPOLLIN, data={u32=1, u64=94000001}}], 512, 75000) = 1',
      'recvfrom(7, "HEAD /b HTTP/1.1\\r\\n"..., 1024, 0, NULL, NULL) = 88',
      'writev(7, [{iov_base="HTTP/1.1 304 Not Modified\\r\\n"..., iov_len=90}], 1) = 90',
      'close(7) = 0',
    ];
    const { requests } = normal(lines);
    assert.deepEqual(
      requests.map(({ method, uri, status, connection, steps }) => [
        method,
        uri,
        status,
        connection,
        steps.length,
        steps[0].name,
      ]),
      [
        ['GET', '/a', 0, 0, 10, 'epoll_wait'],
        ['HEAD', '/b', 304, 0, 4, 'epoll_wait'],
      ],
    );
  });

  test('two clients at a time', () => {
    const lines = [
      ...begin(),
      writev([100], -1),
      'accept4(6, NULL, NULL, 0) = 8',
      'recvfrom(8, "GET /b HTTP/1.1"..., 1024, 0, NULL, NULL) = 30',
      'openat(AT_FDCWD, "/srv/b", O_RDONLY) = 13',
      'sendfile(8, 13, [0] => [5], 5) = 5',
      'close(13) = 0',
      'close(8) = 0',
      room,
      writev([100], 100),
      read(0),
      ...end,
    ];
    const { requests } = normal(lines);
    assert.deepEqual(
      requests.map(({ uri, steps }) => [uri, steps.length, steps.at(-1)?.text]),
      [
        ['/test.dat', 14, 'close(client) = 0'],
        ['/b', 6, 'close(client) = 0'],
      ],
    );
  });

  test('what serves no request is left out where that is asked for', () => {
    const own = [
      'brk(NULL) = 0x55',
      ...begin(),
      'gettid() = 5',
      'readlink("/srv/a", 0x7f00, 1023) = -1 EINVAL (Invalid argument)',
      'mmap(NULL, 4096, PROT_READ, MAP_ANONYMOUS, -1, 0) = 0x7f00',
      'openat(AT_FDCWD, "/etc/localtime", O_RDONLY) = 20',
      'read(20, "TZif2", 4096) = 5',
      'close(20) = 0',
      ...end,
    ];
    assert.equal(normal(own).steps.length, begin().length + end.length);
    assert.equal(normal(own, false).steps.length, own.length);
  });
});
