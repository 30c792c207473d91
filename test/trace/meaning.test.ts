/** What a trace means: phases, the article's sequence, classification, comparison. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { blogSequence } from '../../src/trace/blog-sequence.js';
import { classify } from '../../src/trace/classify.js';
import { compare } from '../../src/trace/compare.js';
import { explain } from '../../src/trace/explain.js';
import { fold } from '../../src/trace/fold.js';
import { normalise } from '../../src/trace/normalise.js';
import type { Difference } from '../../src/trace/steps.js';
import { parseStrace } from '../../src/trace/strace-parser.js';
import { begin, download, end, read, sendfileDownload, writev } from './samples.js';

const parse = (lines: readonly string[]) => parseStrace(lines.join('\n'));
const normal = (lines: readonly string[]) => normalise(parse(lines), { onlyRequests: true });
const phases = (lines: readonly string[]) => explain(fold(normal(lines).steps));

describe('phases', () => {
  const beginning = ['accept', 'wait for the request', 'read the request', 'open the file', 'head'];
  const ending = ['log', 'close file', 'close'];

  test('by copying, through full sockets', () => {
    const found = phases(download(9, 5));
    assert.deepEqual(
      found.map(phase => phase.name),
      [...beginning, 'move by copy', 'socket full', 'move by copy', ...ending],
    );
    assert.equal(
      found.reduce((sum, phase) => sum + phase.bytes, 0),
      258 + 65536 * (9 + 5 + 10),
    );
    assert.match(found[5].sentence, /copied twice.*32768 bytes at a time are read and up to 65536 written/);
    assert.match(found[6].sentence, /the worker leaves and comes back when epoll says.*4 times/);
  });

  test('by sendfile', () => {
    const found = phases(sendfileDownload([100]));
    assert.deepEqual(
      found.map(phase => phase.name),
      [...beginning, 'move by sendfile', ...ending],
    );
    assert.match(found[4].sentence, /corked/);
    assert.match(found[5].sentence, /no byte of it comes into the process/);
  });

  test('a server that waits after a short write, without trying again', () => {
    const found = phases(sendfileDownload([100, 100]).filter(line => !line.includes('EAGAIN')));
    assert.deepEqual(
      found.map(phase => phase.name),
      [...beginning, 'move by sendfile', 'socket full', 'move by sendfile', ...ending],
    );
    assert.match(found[6].sentence, /has taken all that it can/);
  });

  test('no such file, and a connection that is kept', () => {
    const lines = [
      ...begin().slice(0, 5),
      'openat(AT_FDCWD, "/srv/no", O_RDONLY) = -1 ENOENT (No such file or directory)',
      'write(3, "2026/11/20 10:18:17 [error] 1#1: *1 open"..., 218) = 218',
      'writev(7, [{iov_base="HTTP/1.1 404 Not Found\\r\\n"..., iov_len=155}], 1) = 155',
      end[0],
      'setsockopt(7, SOL_TCP, TCP_NODELAY, [1], 4) = 0',
      'epoll_wait(9, [{events=EPOLLIN|EPOLLRDHUP, data={u32=1, u64=94000001}}], 512, 75000) = 1',
      'recvfrom(7, "", 1024, 0, NULL, NULL) = 0',
      'close(7) = 0',
    ];
    assert.deepEqual(
      phases(lines).map(phase => phase.name),
      ['accept', 'wait for the request', 'read the request', 'not found', 'head', 'log', 'keep alive', 'close'],
    );
  });
});

describe("the article's sequence", () => {
  test('is found step by step', () => {
    const { complete, steps } = blogSequence(normal(download(2, 1)).steps);
    assert.ok(complete);
    assert.deepEqual(
      steps.map(step => step.lines.join('; ')),
      [
        'pread64(file, 32768, 0) = 32768; pread64(file, 32768, 32768) = 32768',
        'writev(client, [32768, 32768]) = 65536',
        'writev(client, [5536]) = -1 EAGAIN',
        'epoll_wait(client: EPOLLOUT) = 1',
        'writev(client, [5536]) = 5536',
        'write(access log) = N',
        'close(file) = 0',
        'close(client) = 0',
      ],
    );
  });

  const missing: [string, string[], number[]][] = [
    ['a fast client', download(2), [2, 3, 4]],
    ['sendfile', sendfileDownload([1, 2]), [0, 1, 2, 3, 4]],
    ['one buffer at a time', [...begin(), read(0), writev([32768], 32768), ...end], [0, 1, 2, 3, 4]],
  ];
  for (const [name, lines, places] of missing) {
    test(`what ${name} lacks`, () => {
      const { complete, steps } = blogSequence(normal(lines).steps);
      const lacks = steps.flatMap((step, at) => (step.found ? [] : [at]));
      assert.equal(complete, false);
      assert.deepEqual(lacks, places);
    });
  }
});

describe('classification', () => {
  test('by copying', () => {
    const found = classify(parse(download(10)));
    assert.deepEqual(
      [
        found.sendfile,
        found.client,
        found.server,
        found.serverHeader,
        found.bytesRead,
        found.bytesWritten,
        found.copied,
      ],
      ['off', 'fast', 'nginx', 'nginx/1.22.1', 655360, 655618, 1310978],
    );
    assert.deepEqual([found.bytesBySendfile, found.requests, found.eagain, found.waited], [0, 1, 0, 0]);
    assert.deepEqual(Object.entries(found.calls).slice(0, 2), [
      ['pread64', 20],
      ['writev', 11],
    ]);
    assert.equal(
      found.total,
      Object.values(found.calls).reduce((a, b) => a + b),
    );
  });

  test('by sendfile', () => {
    const found = classify(parse(sendfileDownload([100, 200])));
    assert.deepEqual([found.sendfile, found.bytesBySendfile, found.copied, found.eagain], ['on', 300, 258, 1]);
  });

  const timed = (seconds: number) =>
    sendfileDownload([1, 2]).map(line => (line.includes('EPOLLOUT') ? `${line} <${seconds.toFixed(6)}>` : line));
  const timeouts = (...left: number[]) => {
    let at = 0;
    return sendfileDownload(left.map(() => 5).concat(5)).map(line =>
      line.includes('EPOLLOUT') ? line.replace('60000', `${left[at++]}`) : line,
    );
  };
  const clients: [string, string[], string, number][] = [
    ['waits that last are a slow client', timed(0.5), 'slow', 0.5],
    ['short ones are none', timed(0.001), 'fast', 0.001],
    ['timeouts that count down tell the time', timeouts(60000, 59950, 59700, 60000, 59900), 'slow', 0.7],
    ['... little of it', timeouts(59997, 59991, 59986), 'fast', 0.011],
    [
      'nothing tells the time: a wait is a wait',
      sendfileDownload([1, 2]).map(line => line.replace('60000', '-1')),
      'slow',
      -1,
    ],
  ];
  for (const [name, lines, client, waited] of clients) {
    test(name, () => {
      const found = classify(parse(lines));
      assert.equal(found.client, client);
      assert.ok(Math.abs(found.waited - waited) < 1e-9, `${found.waited}`);
    });
  }

  const servers: [string, string][] = [
    ['Zerocopy/0.1', 'zerocopy'],
    ['Apache/2.4 (Debian)', 'apache'],
    ['ngi', 'nginx'],
    ['lighttpd', 'other'],
  ];
  for (const [header, server] of servers) {
    test(`a server that says ${header}`, () => {
      assert.equal(classify(parse(download(1).map(line => line.replace('nginx/1.22.1', header)))).server, server);
    });
  }

  test('a program that is no server', () => {
    const found = classify(
      parse(['openat(AT_FDCWD, "/a", O_RDONLY) = 3', 'read(3, "x", 9) = 1', 'write(1, "x", 1) = 1']),
    );
    assert.deepEqual([found.server, found.requests, found.bytesRead, found.bytesWritten], ['other', 0, 1, 0]);
  });
});

describe('comparison', () => {
  const names: [string, string] = ['A', 'B'];
  const find = (differences: readonly Difference[], kind: string, text: RegExp) => {
    const one = differences.find(difference => difference.kind === kind && text.test(difference.text));
    assert.ok(one, `${kind} ${text} in ${JSON.stringify(differences, null, 1)}`);
    return one;
  };

  test('a trace with itself', () => {
    const trace = normal(download(5, 1));
    const found = compare(trace, trace, names);
    assert.deepEqual(
      [found.differences, found.severity, found.verdict],
      [[], 'same', 'The same calls in the same order.'],
    );
    assert.ok(found.rows.every(row => row.severity === 'same' && row.a !== null && row.b !== null));
  });

  test('sendfile off and on', () => {
    const { differences, severity, verdict, rows } = compare(
      normal(download(5)),
      normal(sendfileDownload([327680])),
      names,
    );
    assert.equal(severity, 'matters');
    assert.equal(differences[0].kind, 'path of the data');
    find(differences, 'counts', /^10 reads of the file in A, 0 in B/);
    assert.match(verdict, /that matter: A reads the file into its memory/);
    assert.ok(rows.some(row => row.a === null && row.b?.kind === 'step' && row.b.step.name === 'sendfile'));
  });

  test('calls that ask the same', () => {
    const other = download(5).map(line =>
      line
        .replace('newfstatat(12, "", {', 'statx(12, "", AT_EMPTY_PATH, STATX_ALL, {')
        .replace(/^epoll_wait(.*), (-?\d+)\) = 1/, 'epoll_pwait$1, $2, NULL, 8) = 1'),
    );
    const found = compare(normal(download(5)), normal(other), names);
    assert.equal(found.severity, 'same');
    find(found.differences, 'another call', /epoll_wait and B epoll_pwait: without a signal mask/);
    find(found.differences, 'another call', /newfstatat and B statx: the same question/);
    assert.match(found.verdict, /^The same work/);
  });

  test('one buffer before each write, or both', () => {
    const single = [...begin(), writev([258], 258)];
    for (let i = 0; i < 10; i++) single.push(read(i * 32768), writev([32768], 32768));
    const found = compare(normal([...single, ...end]), normal(download(5)), names);
    assert.equal(found.severity, 'cosmetic');
    find(found.differences, 'filling the buffers', /^A fills one buffer before each write; B fills both/);
  });

  test('a log line that is missing matters', () => {
    const found = compare(normal(download(5)), normal(download(5).filter(line => !line.startsWith('write('))), names);
    assert.equal(find(found.differences, 'missing', /^B has no access log line, and A has/).severity, 'matters');
  });

  test('the cork against MSG_MORE, other answers, other sizes, another order', () => {
    const more = sendfileDownload([5])
      .filter(line => !line.includes('CORK'))
      .map(line =>
        line.startsWith('writev') ? 'sendto(7, "HTTP/1.1 206 P"..., 258, MSG_NOSIGNAL|MSG_MORE, NULL, 0) = 258' : line,
      );
    const found = compare(normal(sendfileDownload([5])), normal(more), names).differences;
    assert.equal(find(found, 'options', /A uses setsockopt TCP_CORK and B sendto with MSG_MORE/).severity, 'cosmetic');
    assert.equal(find(found, 'answer', /A answers 200, B 206/).severity, 'matters');
    const large = download(5).map(line => line.replace(/32768/g, '65536'));
    find(
      compare(normal(download(5)), normal(large), names).differences,
      'sizes',
      /A reads up to 32768 bytes at once, B 65536/,
    );
    const turned = [...download(5).slice(0, -3), end[1], end[0], end[2]];
    find(
      compare(normal(download(5)), normal(turned), names).differences,
      'order',
      /the log line, the close of the file.*in A/,
    );
  });

  test('looks for others in the midst of an answer', () => {
    const yielding = download(4);
    yielding.splice(-6, 0, 'epoll_wait(9, [], 512, 0) = 0');
    const found = compare(normal(yielding), normal(download(4)), names);
    assert.equal(find(found.differences, 'another call', /^A looks for other events 1 times/).severity, 'cosmetic');
  });

  test('no request on one side', () => {
    assert.match(compare(normal(download(1)), normal([]), names).verdict, /nothing to compare/);
  });
});
