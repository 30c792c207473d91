import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type EndReport, reportJson, summaryText } from '../../src/transfer/report.js';

const bytes = 10 * 2 ** 30;
const checksum = { algorithm: 'xxh64', value: 'ef46db3751d8e999' } as const;

/** Figures that are made up for these tests. */
const sender: EndReport = {
  role: 'send',
  transport: 'tcp',
  path: 'sendfile',
  bytes,
  seconds: 1.6592,
  gigabitsPerSecond: 51.7718,
  intervals: [],
  cost: {
    userSeconds: 0.021,
    systemSeconds: 0.904,
    peakMemory: 71_303_168,
    calls: { sendfile: 81_920, epoll_pwait: 31 },
  },
  callsPerGigabyte: 7632.28,
  settings: { 'block size': 131_072, streams: 1, 'zero copy': true },
  softErrors: 0,
  files: [{ name: 'scan.vdif', size: bytes, resumedFrom: 0, checksum }],
};

const receiver: EndReport = {
  ...sender,
  role: 'receive',
  path: 'splice',
  seconds: 1.6604,
  gigabitsPerSecond: 51.7344,
  cost: {
    userSeconds: 0.061,
    systemSeconds: 1.47,
    peakMemory: 73_400_320,
    calls: { splice: 164_102, epoll_pwait: 8070 },
  },
  callsPerGigabyte: 16_034.76,
  settings: { 'block size': 131_072, fsync: false },
  files: [{ name: 'scan.vdif', size: bytes, resumedFrom: 4_000_000_000, checksum }],
};

const linesOf = (text: string) => text.trimEnd().split('\n');
const shown = (byteString: string) => Buffer.from(byteString, 'latin1').toString();

describe('summary', () => {
  test('both ends, side by side', () => {
    assert.deepEqual(linesOf(summaryText({ sender, receiver })), [
      '                                sender (tcp)            receiver (tcp)',
      'data path                           sendfile                    splice',
      'bytes               10,737,418,240 (10.7 GB)  10,737,418,240 (10.7 GB)',
      'seconds                                 1.66                      1.66',
      'Gbit/s                                  51.8                      51.7',
      'CPU user s                              0.02                      0.06',
      'CPU system s                            0.90                      1.47',
      'CPU s a GB                            0.0861                     0.143',
      'peak memory                          71.3 MB                   73.4 MB',
      'system calls a GB                      7,632                    16,035',
      '  splice                                   -                    15,283',
      '  sendfile                             7,629                         -',
      '  epoll_pwait                           2.89                       752',
      "sender's settings   block size 131,072, streams 1, zero copy yes",
      "receiver's settings block size 131,072, fsync no",
      'scan.vdif: 10.7 GB, of which 4 GB were there',
      '  xxh64 ef46db3751d8e999, the same at both ends',
    ]);
  });

  test('one end alone', () => {
    const fetch: EndReport = { ...receiver, role: 'fetch', transport: 'https', path: 'read+write' };
    const lines = linesOf(summaryText({ receiver: fetch }));
    assert.match(lines[0], /^ +fetch \(https\)$/);
    assert.match(lines[1], /^data path +read\+write$/);
    assert.match(lines[5], /^CPU user s +0\.06$/);
    assert.match(lines[12], /^settings {12}block size 131,072, fsync no$/);
    assert.equal(summaryText({}), '');
  });

  test('soft errors are told of where there were some', () => {
    assert.doesNotMatch(summaryText({ sender, receiver }), /soft/);
    assert.match(summaryText({ sender: { ...sender, softErrors: 3 }, receiver }), /^soft errors +3 +0$/m);
  });

  test('datagrams', () => {
    const udp = {
      sent: 1_000_000,
      received: 998_001,
      lost: 1999,
      outOfOrder: 3,
      duplicates: 1,
      lossPercent: 0.1999,
      jitterMs: 0.01234,
    };
    const text = summaryText({
      sender: { ...sender, transport: 'udp' },
      receiver: { ...receiver, transport: 'udp', udp },
    });
    assert.match(
      text,
      /^datagrams {11}1,000,000 sent, 998,001 received, 1,999 lost \(0\.20 %\),\n {20}3 out of order, 1 duplicate, jitter 0\.0123 ms$/m,
    );
  });

  test('datagrams that the receiver itself has dropped, and those of strangers', () => {
    const counts = { sent: 100, received: 90, lost: 10, outOfOrder: 0, duplicates: 0, lossPercent: 10, jitterMs: 1 };
    const words = (more: object) =>
      summaryText({ receiver: { ...receiver, transport: 'udp', udp: { ...counts, ...more } } }).replace(/\s+/g, ' ');
    assert.match(words({ socketDrops: 7, strangers: 1 }), /10 lost \(10 %\), 7 dropped by the receiver's socket/);
    assert.match(words({ socketDrops: 7, strangers: 1 }), /jitter 1\.00 ms, 1 stranger /);
    assert.doesNotMatch(words({ socketDrops: 0, strangers: 0 }), /dropped|stranger/);
  });

  test('a checksum is compared with that of the other end', () => {
    assert.match(summaryText({ sender, receiver }), /xxh64 ef46db3751d8e999, the same at both ends\n$/);
    const files = [{ ...sender.files[0], checksum: { algorithm: 'xxh64', value: '0000000000000001' } as const }];
    const text = summaryText({ sender: { ...sender, files }, receiver });
    assert.match(text, /ef46db3751d8e999, not the sender's, which is 0000000000000001\n$/);
  });

  test('a transfer of many files does not scroll its figures away', () => {
    const files = Array.from({ length: 1000 }, (_, at) => ({ name: `scan${at}`, size: at, resumedFrom: 0 }));
    const lines = linesOf(summaryText({ sender: { ...sender, files } }));
    assert.ok(lines.length < 50);
    assert.equal(lines.at(-1), 'and 980 more files (--json names all)');
  });

  test('80 columns hold it, at any size', () => {
    const petabytes = 9e15;
    const big = (end: EndReport): EndReport => ({
      ...end,
      bytes: petabytes,
      seconds: 1e7,
      gigabitsPerSecond: 1234.5,
      cost: { ...end.cost, userSeconds: 1e6, calls: { copy_file_range: 1e9, clock_nanosleep: 1 } },
      settings: Object.fromEntries(Array.from({ length: 20 }, (_, at) => [`setting ${at}`, 'some value'])),
      files: [
        {
          name: 'x',
          size: petabytes,
          resumedFrom: petabytes - 1,
          checksum: { algorithm: 'sha-256', value: 'a'.repeat(64) },
        },
      ],
    });
    for (const line of linesOf(summaryText({ sender: big(sender), receiver: big(receiver) }))) {
      assert.ok(line.length <= 80, `${line.length}: ${line}`);
    }
  });

  test('names come out as they are meant, and cannot move the cursor', () => {
    const name = Buffer.from('파일\x1b[2J\n').toString('latin1');
    const text = summaryText({ sender: { ...sender, files: [{ name, size: 1, resumedFrom: 0 }] } });
    assert.match(shown(text), /\n파일\\x1b\[2J\\x0a: 1 byte\n$/);
    assert.doesNotMatch(text, /\x1b/);
  });
});

describe('JSON', () => {
  test('is the report again, in ASCII, with names as texts', () => {
    const name = Buffer.from('파일').toString('latin1');
    const text = reportJson({ sender: { ...sender, files: [{ name, size: 1, resumedFrom: 0 }] }, receiver });
    assert.match(text, /^[\n\x20-\x7e]+\n$/);
    assert.deepEqual(JSON.parse(text), {
      sender: { ...sender, files: [{ name: '파일', size: 1, resumedFrom: 0 }] },
      receiver,
    });
  });
});
