import assert from 'node:assert/strict';
import { test } from 'node:test';
import { paint, wrapped } from '../../src/tools/terminal-lines.js';
import { makeRecording } from '../../src/trace/make-recording.js';
import type { Recording, TraceReport } from '../../src/trace/report.js';
import { pairOf } from '../../src/trace/run-scenario.js';
import type { Phase } from '../../src/trace/steps.js';
import { parseStrace } from '../../src/trace/strace-parser.js';
import { terminalReport } from '../../src/trace/terminal.js';
import { alignPhases } from '../../src/trace/terminal-phases.js';

const begin = `epoll_wait(9, [{events=EPOLLIN, data={u32=1, u64=1}}], 512, -1) = 1
accept4(6, {sa_family=AF_INET}, [16], SOCK_NONBLOCK) = 7
recvfrom(7, "GET /a HTTP/1.1\\r\\n"..., 1024, 0, NULL, NULL) = 105
openat(AT_FDCWD, "/srv/a", O_RDONLY|O_NONBLOCK) = 12
`;
const end = `write(4, "127.0.0.1 - - "..., 98) = 98
close(12) = 0
close(7) = 0
`;
const pairs = Array.from(
  { length: 40 },
  (_, at) => `pread64(12, "x"..., 32768, ${at * 65536}) = 32768
pread64(12, "x"..., 32768, ${at * 65536 + 32768}) = 32768
writev(7, [{iov_base="x"..., iov_len=32768}, {iov_base="x"..., iov_len=32768}], 2) = 65536
`,
);
const texts = {
  off: `${begin}${pairs.join('')}writev(7, [{iov_base="x"..., iov_len=15873}], 1) = -1 EAGAIN (Resource temporarily unavailable)
epoll_wait(9, [{events=EPOLLOUT, data={u32=1, u64=1}}], 512, 60000) = 1
writev(7, [{iov_base="x"..., iov_len=15873}], 1) = 15873
${end}`,
  on: `${begin}writev(7, [{iov_base="HTTP/1.1 200 OK\\r\\n"..., iov_len=258}], 1) = 258
sendfile(7, 12, [0] => [2621440], 2621440) = 2621440
${end}`,
};

function recordingOf(label: string, text: string): Recording {
  const measured = {
    wallMs: 1234.5,
    cpuMs: 12.3,
    userMs: 10,
    systemMs: 0,
    voluntarySwitches: 1_234_567,
    involuntarySwitches: 0,
  };
  const errorLog = [`2026/11/20 [error] open() "/${'long/'.repeat(40)}a" failed (2: No such file or directory)`];
  const origin = { label, program: 'zerocopy', answers: [], errorLog, ...measured } as const;
  return makeRecording(parseStrace(text), origin, true);
}

const recordings = [
  recordingOf('zerocopy, sendfile off', texts.off),
  recordingOf('nginx, sendfile off', texts.off),
  recordingOf('zerocopy, sendfile on', texts.on),
  recordingOf('nginx, sendfile on', texts.on),
];

const report: TraceReport = {
  scenario: { name: 'download', title: 'A download', about: 'What there is to see' },
  commandLine: 'zerocopy trace download',
  date: '2026-11-20T12:00:00.000Z',
  machine: {
    processor: 'P',
    cores: 2,
    memory: 8,
    kernel: 'Linux 6',
    node: 'v20',
    congestionControl: 'cubic',
    loadAverage: 0,
  },
  servers: { zerocopy: '0.1.0' },
  recordings,
  comparisons: [pairOf(recordings, 0, 1, true), pairOf(recordings, 0, 2, false)],
  checks: [
    { name: 'it holds', ok: true, detail: '' },
    { name: 'it does not hold', ok: false, detail: 'as one sees' },
  ],
  notes: ['something is missing: get it'],
  buffers: {
    connections: 200,
    rows: [
      { count: 2, size: 4096, memoryMb: 4.9, waitP50Ms: 0.25, waitP99Ms: 7.7, calls: 7715, downloadBytes: 1048576 },
      {
        count: 1,
        size: 10485760,
        memoryMb: 2097.5,
        waitP50Ms: 0.2,
        waitP99Ms: 125.1,
        calls: 20,
        downloadBytes: 1048576,
      },
    ],
  },
  copies: [
    {
      recording: 2,
      hops: [
        { from: 'disk', to: 'page cache', bytes: 0, by: '', calls: 0, how: 'fetched by the device', counted: true },
        {
          from: 'page cache',
          to: 'socket',
          bytes: 2_621_440,
          by: 'sendfile',
          calls: 1,
          how: 'passed by reference',
          counted: true,
        },
        {
          from: 'socket',
          to: 'network',
          bytes: 2_621_698,
          by: '',
          calls: 0,
          how: 'fetched by the device',
          counted: false,
        },
      ],
      copiedByProcessor: 258,
      calls: 2,
    },
  ],
};

const codes = /\u001b\[[\d;]*m/g;
const shown = (width: number, color = false, unfolded = false) => terminalReport(report, { width, color }, unfolded);

for (const width of [40, 60, 80, 119, 120, 200]) {
  test(`at ${width} columns no line is wider, with colours and without`, () => {
    for (const unfolded of [false, true]) {
      const plain = shown(width, false, unfolded);
      for (const line of plain.split('\n')) assert.ok(line.length <= width, `${line.length}: ${line}`);
      assert.equal(shown(width, true, unfolded).replace(codes, ''), plain, 'colours change no character');
    }
  });
}

test('two recordings stand beside each other from 120 columns on', () => {
  assert.match(shown(120), /^zerocopy, sendfile off +│ nginx, sendfile off$/m);
  assert.match(shown(120), /^zerocopy, sendfile on +│ nginx, sendfile on$/m);
  assert.doesNotMatch(shown(119), /│/);
  assert.match(shown(119), /^zerocopy, sendfile off$[\s\S]*^nginx, sendfile off$[\s\S]*^zerocopy, sendfile on$/m);
});

test('runs are folded, and not with --verbose', () => {
  const count = (text: string) => text.match(/^ +pread64\(file/gm)?.length ?? 0;
  const one = { ...report, recordings: recordings.slice(0, 1), comparisons: [], copies: null };
  const folded = terminalReport(one, { width: 80, color: false });
  assert.match(folded, /\d+ times:\n +2 × pread64\(file, 32768\) = 32768\n/);
  assert.ok(count(folded) < 10);
  assert.equal(count(terminalReport(one, { width: 80, color: false }, true)), 80 + 2, 'all, and those of the sequence');
});

const parts: readonly (readonly [string, RegExp])[] = [
  ['a sentence for a phase', /^The socket is full\n {2}The socket buffer is full \(EAGAIN\): the worker leaves/m],
  ['the nature of a trace', /^The file goes by read and write \(sendfile off\); .*full 1 time/m],
  ['the steps of the blog', /^ {2}✓ writev: EAGAIN, the socket is full\n {4}writev\(client, \[15873\]\) = -1 EAGAIN$/m],
  ['figures', /^wall time +1,235 ms +1,235 ms +1,235 ms +1,235 ms$/m],
  ['calls by name', /^ {2}pread64 +80 +80 +0 +0$/m],
  ['the error log', /^The error log, nginx, sendfile on$/m],
  ['buffers', /^1 × 10m +2097\.5 MB +0\.2 ms +125 ms +20$/m],
  ['copies', /^ {2}page cache → socket +2,621,440 +1 call$/m],
  ['what is not counted', /^ {2}socket → network +2,621,698 +not counted$/m],
  ['differences with their weight', /^ {2}! matters, transfer: /m],
  ['notes', /^! something is missing: get it$/m],
  ['a check that holds', /^ {2}✓ it holds$/m],
  ['one that does not', /^ {2}✗ it does not hold\n {4}as one sees$/m],
  ['the verdict', /^1 of 2 checks failed\.$/m],
];
for (const [name, pattern] of parts) test(`shown: ${name}`, () => assert.match(shown(100), pattern));

test('a step of the blog that is missing is marked', () => {
  const short = recordingOf('off', texts.off.replace(/^write\(4.*\n/m, ''));
  const text = terminalReport(
    { ...report, recordings: [short], comparisons: [], copies: null },
    { width: 80, color: false },
  );
  assert.match(text, /^ {2}✗ write of the access log line\n {2}✓ close of the file$/m);
});

test('a colour begins behind the indent and ends with the line', () => {
  assert.equal(paint({ text: '  x', style: 'bad' }, true), '  \u001b[1;31mx\u001b[0m');
  assert.equal(paint({ text: '  x', style: 'bad' }, false), '  x');
  assert.equal(paint({ text: 'x', style: 'plain' }, true), 'x');
});

test('a text is broken at blanks, and a word that is too long within', () => {
  const lines = (text: string, width: number) => wrapped(text, width, '  ', '- ').map(line => line.text);
  assert.deepEqual(lines('one two three', 9), ['- one two', '  three']);
  assert.deepEqual(lines('abcdefghij kl', 6), ['- abcd', '  efgh', '  ij', '  kl']);
  assert.deepEqual(lines('', 6), ['-']);
});

test('phases of one name stand beside each other, others alone', () => {
  const phases = (...names: string[]) => names.map(name => ({ name }) as Phase);
  const aligned = alignPhases(
    phases('accept', 'head', 'move by copy', 'log'),
    phases('accept', 'not found', 'head', 'log'),
  );
  assert.deepEqual(
    aligned.map(([one, other]) => [one?.name, other?.name]),
    [
      ['accept', 'accept'],
      [undefined, 'not found'],
      ['head', 'head'],
      ['move by copy', undefined],
      ['log', 'log'],
    ],
  );
});
