import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { TransferError } from '../../src/transfer/failure.js';
import { longestLine, type Message, mostParts } from '../../src/transfer/protocol.js';
import { checkFileName } from '../../src/transfer/session/file-name.js';
import { purposeOf } from '../../src/transfer/session/greeting.js';
import { encode, readReceiverMessage, readSenderMessage } from '../../src/transfer/session/messages.js';
import { cut, mostStretches } from '../../src/transfer/session/parts.js';
import { reportToSend } from '../../src/transfer/session/report-fields.js';
import { PieceHeader, piecesOf } from '../../src/transfer/tcp/piece.js';

const report = {
  role: 'send',
  transport: 'tcp',
  path: 'sendfile',
  settings: { blockSize: 131072, zeroCopy: true, destination: 'folder' },
  softErrors: 0,
  files: [],
  bytes: 5,
  seconds: 0.5,
  gigabitsPerSecond: 0.1,
  intervals: [{ start: 0, end: 0.5, bytes: 5 }],
  cost: { userSeconds: 1, systemSeconds: 2, peakMemory: 3, calls: { sendfile: 4 } },
  callsPerGigabyte: 7,
} as const;

const fromSender: readonly Message[] = [
  {
    is: 'hello',
    transport: 'tcp',
    streams: 64,
    files: 2,
    bytes: 2 ** 53 - 1,
    checksum: 'default',
    resume: true,
    isCopy: false,
    plane: { port: 5, name: 'x' },
  },
  { is: 'offer', file: 0, name: 'r\u00e9sum\u00e9 "1"\\', size: 7, version: '1-2' },
  { is: 'wrong', file: 3, ranges: [{ start: 0, end: 5 }] },
  { is: 'sent', file: 3, plane: {} },
  { is: 'sum', file: 3, checksum: '0123456789abcdef' },
  { is: 'report', report },
  { is: 'error', kind: 'store', message: 'full\n' },
  { is: 'ping' },
];

const part = { start: 5, end: 9, checksum: '0123456789abcdef' };
const fromReceiver: readonly Message[] = [
  { is: 'welcome', token: '0123456789abcdef0123456789abcdef', stores: true, checksum: 'sha-256', plane: {} },
  { is: 'have', file: 0, algorithm: 'xxh64', parts: [part, { ...part, start: 9, end: 10 }] },
  { is: 'go', file: 0, missing: [{ start: 4, end: 5 }] },
  { is: 'whole', file: 0 },
  { is: 'stored', file: 0 },
  {
    is: 'report',
    report: {
      ...report,
      udp: { sent: 1, received: 2, lost: 3, outOfOrder: 4, duplicates: 5, lossPercent: 6.5, jitterMs: 7.5 },
    },
  },
  { is: 'error', kind: 'refused', message: 'no' },
  { is: 'ping' },
];

describe('messages', () => {
  for (const message of fromSender) {
    test(`${message.is} of a sender comes out as it went in`, () => {
      assert.deepEqual(readSenderMessage(encode(message)), message);
    });
  }
  for (const message of fromReceiver) {
    test(`${message.is} of a receiver comes out as it went in`, () => {
      assert.deepEqual(readReceiverMessage(encode(message)), message);
    });
  }

  test('the longest ones fit a line', () => {
    const checksum = 'f'.repeat(64);
    const last = Number.MAX_SAFE_INTEGER;
    const parts = Array.from({ length: mostParts }, () => ({ start: last - 1, end: last, checksum }));
    assert.ok(encode({ is: 'have', file: 99_999, algorithm: 'sha-256', parts }).length < longestLine);
    const intervals = Array.from({ length: 5000 }, (_, at) => ({
      start: at + 0.123456789,
      end: at + 1.123456789,
      bytes: last,
    }));
    const sent = reportToSend({ ...report, intervals });
    assert.ok(encode({ is: 'report', report: sent }).length < longestLine);
    assert.equal(sent.intervals.at(0)?.start, 0.123456789);
    assert.equal(sent.intervals.at(-1)?.end, 5000.123456789);
    assert.ok(sent.intervals.every((each, at) => at === 0 || each.start === sent.intervals[at - 1].end));
  });

  test('what is no byte is escaped, for a line is a byte string', () => {
    const line = encode({ is: 'error', kind: 'network', message: 'caf\u00e9 \u2014 \u{1f600}' });
    assert.match(line, /^[\0-\xff]*$/);
    assert.deepEqual(readSenderMessage(line), { is: 'error', kind: 'network', message: 'caf\u00e9 \u2014 \u{1f600}' });
  });
});

/** Changes to messages of the lists above, after which they are none: field, and its new value (undefined: without it). */
const wrong: readonly (readonly [index: number, field: string, value: unknown])[] = [
  [0, 'is', 'helo'],
  [0, 'is', 5],
  [0, 'is', '__proto__'],
  [0, 'transport', 'sctp'],
  [0, 'streams', 0],
  [0, 'streams', 65],
  [0, 'streams', 1.5],
  [0, 'streams', '1'],
  [0, 'files', 100_001],
  [0, 'files', undefined],
  [0, 'bytes', -1],
  [0, 'bytes', 2 ** 53],
  [0, 'bytes', null],
  [0, 'checksum', 'md5'],
  [0, 'resume', 1],
  [0, 'plane', []],
  [0, 'plane', null],
  [0, 'plane', { a: {} }],
  [0, 'plane', { a: -1 }],
  [0, 'plane', { a: 'x'.repeat(257) }],
  [0, 'plane', Object.fromEntries(Array.from({ length: 33 }, (_, at) => [at, 0]))],
  [1, 'name', 'x'.repeat(256)],
  [1, 'name', undefined],
  [1, 'size', 2 ** 60],
  [1, 'version', 'x'.repeat(201)],
  [1, 'file', -1],
  [2, 'ranges', {}],
  [2, 'ranges', [5]],
  [2, 'ranges', [[5, 5]]],
  [2, 'ranges', [[-1, 5]]],
  [2, 'ranges', [[0, 5, 7]]],
  [2, 'ranges', [[0, 2 ** 54]]],
  [2, 'ranges', [[0, 1.5]]],
  [
    2,
    'ranges',
    [
      [5, 9],
      [0, 3],
    ],
  ],
  [
    2,
    'ranges',
    [
      [0, 5],
      [4, 9],
    ],
  ],
  [2, 'ranges', Array.from({ length: mostParts + 1 }, (_, at) => [at, at + 1])],
  [4, 'checksum', 'x'.repeat(65)],
  [5, 'report', {}],
  [5, 'report', { ...report, intervals: [[0, 1]] }],
  [5, 'report', { ...report, cost: { ...report.cost, calls: { a: '1' } } }],
  [5, 'report', { ...report, settings: { a: {} } }],
  [5, 'report', { ...report, seconds: -1 }],
  [5, 'report', { ...report, role: 'king' }],
  [6, 'kind', 'mine'],
  [6, 'message', 'x'.repeat(2001)],
];

const wrongOfReceivers: typeof wrong = [
  [0, 'token', 'x'.repeat(32)],
  [0, 'token', '0'.repeat(31)],
  [0, 'checksum', 'default'],
  [1, 'parts', [[0, 5, 'short']]],
  [1, 'parts', [[0, 5]]],
  [1, 'parts', [[0, 5, 7]]],
  [1, 'algorithm', 'sha-256'],
  [2, 'missing', [[7, 3]]],
  [2, 'missing', 'all'],
];

describe('what is no message is the peer’s fault', () => {
  const isPeers = (error: unknown) => error instanceof TransferError && error.kind === 'peer';

  function changed(message: Message, field: string, value: unknown): string {
    const record = JSON.parse(encode(message)) as Record<string, unknown>;
    if (value === undefined) delete record[field];
    else record[field] = value;
    return JSON.stringify(record);
  }

  for (const [index, field, value] of wrong) {
    const line = changed(fromSender[index], field, value);
    test(`${fromSender[index].is}: ${field} ${JSON.stringify(value)?.slice(0, 40)}`, () => {
      assert.throws(() => readSenderMessage(line), isPeers);
    });
  }
  for (const [index, field, value] of wrongOfReceivers) {
    const line = changed(fromReceiver[index], field, value);
    test(`${fromReceiver[index].is}: ${field} ${JSON.stringify(value)?.slice(0, 40)}`, () => {
      assert.throws(() => readReceiverMessage(line), isPeers);
    });
  }
  for (const line of [
    '',
    '{',
    'null',
    '5',
    '"hello"',
    '[]',
    '[{"is":"ping"}]',
    '{"is":"ping"',
    '\0',
    '{}',
    '{"__proto__":{"is":"ping"}}',
  ]) {
    test(`the line ${JSON.stringify(line)}`, () => {
      assert.throws(() => readSenderMessage(line), isPeers);
      assert.throws(() => readReceiverMessage(line), isPeers);
    });
  }

  test('each end says its own messages only', () => {
    for (const message of fromSender.slice(0, 5)) assert.throws(() => readReceiverMessage(encode(message)), isPeers);
    for (const message of fromReceiver.slice(0, 5)) assert.throws(() => readSenderMessage(encode(message)), isPeers);
  });

  test('a message with bytes changed at random is one or is refused, and nothing else', () => {
    let state = 12345;
    const random = (below: number) => {
      state = (Math.imul(state, 1103515245) + 12345) >>> 0;
      return Math.floor((state / 2 ** 32) * below);
    };
    for (let round = 0; round < 5000; round++) {
      const chars = [...encode(fromSender[random(fromSender.length)])];
      for (let times = random(4); times >= 0; times--) chars[random(chars.length)] = String.fromCharCode(random(256));
      try {
        assert.equal(typeof readSenderMessage(chars.join('')).is, 'string');
      } catch (error) {
        assert.ok(isPeers(error), String(error));
      }
    }
  });
});

describe('the first line', () => {
  const token = '0123456789abcdef0123456789abcdef';
  const cases = [
    ['zerocopy/1 control', 'control'],
    [`zerocopy/1 data ${token}`, 'data'],
    [`zerocopy/1 data ${token.toUpperCase()}`, 'wrong'],
    [`zerocopy/1 data ${token} `, 'wrong'],
    ['zerocopy/1 data', 'wrong'],
    [`zerocopy/1 control ${token}`, 'wrong'],
    ['zerocopy/2 control', 'wrong'],
    ['zerocopy/1', 'wrong'],
  ] as const;
  for (const [text, is] of cases) {
    test(`"${text}" is for ${is}`, () => assert.equal(purposeOf({ is: 'line', text }).is, is));
  }

  test('of another version tells both', () => {
    const purpose = purposeOf({ is: 'line', text: 'zerocopy/2 control' });
    assert.ok(purpose.is === 'wrong');
    assert.match(purpose.answer, /version 2 .* version 1/);
  });

  test('of a stranger is shown without what would move a terminal’s cursor', () => {
    const purpose = purposeOf({ is: 'foreign', text: 'GET /\u001b[2J' });
    assert.ok(purpose.is === 'wrong');
    assert.match(purpose.note, /GET \/\\x1b\[2J/);
  });
});

describe('pieces', () => {
  test('a header comes out as it went in', () => {
    const header = new PieceHeader();
    const size = Number.MAX_SAFE_INTEGER;
    header.set(99_999, { start: 2 ** 40 + 5, end: size });
    assert.deepEqual(header.range(99_999, size), { start: 2 ** 40 + 5, end: size });
  });

  const bad: readonly (readonly [string, (bytes: Buffer) => void])[] = [
    ['another mark', bytes => bytes.writeUInt8(0, 0)],
    ['another file', bytes => bytes.writeUInt32BE(6, 4)],
    ['nothing in it', bytes => bytes.writeBigUInt64BE(0n, 16)],
    ['an end beyond the file', bytes => bytes.writeBigUInt64BE(91n, 16)],
    ['a start beyond the file', bytes => bytes.writeBigUInt64BE(101n, 8)],
    ['the largest numbers', bytes => bytes.fill(255, 8)],
    ['a length of 2^64 - 1', bytes => bytes.fill(255, 16)],
  ];
  for (const [what, change] of bad) {
    test(`a header with ${what} is refused`, () => {
      const header = new PieceHeader();
      header.set(5, { start: 10, end: 50 });
      change(header.bytes);
      assert.throws(() => header.range(5, 100), TransferError);
    });
  }

  test('one stream sends what is missing as it is', () => {
    const missing = [
      { start: 5, end: 2 ** 40 },
      { start: 2 ** 41, end: 2 ** 42 },
    ];
    assert.deepEqual(piecesOf(missing, 1), missing);
  });

  const mebi = 2 ** 20;
  const several = [
    { missing: [{ start: 0, end: 2 ** 34 }], streams: 4, largest: 64 * mebi },
    { missing: [{ start: 12_345, end: 100 * mebi + 1 }], streams: 3, largest: 9 * mebi },
    {
      missing: [
        { start: 1, end: 5 },
        { start: mebi - 1, end: mebi + 1 },
      ],
      streams: 64,
      largest: mebi,
    },
    { missing: [], streams: 2, largest: 0 },
  ];
  for (const { missing, streams, largest } of several) {
    test(`${streams} streams share ${missing.length} stretches without gap or overlap, in order`, () => {
      const pieces = piecesOf(missing, streams);
      const joined: { start: number; end: number }[] = [];
      for (const { start, end } of pieces) {
        assert.ok(end > start && end - start <= largest);
        const last = joined.at(-1);
        if (last?.end === start) {
          assert.equal(start % mebi, 0, 'a cut within a MiB');
          joined[joined.length - 1] = { start: last.start, end };
        } else joined.push({ start, end });
      }
      assert.deepEqual(joined, missing);
    });
  }
});

describe('what is there is cut into parts', () => {
  test('of 64 MiB', () => {
    const size = 64 * 2 ** 20;
    assert.deepEqual(cut([{ start: 1, end: size + 2 }]), [
      { start: 1, end: size + 1 },
      { start: size + 1, end: size + 2 },
    ]);
    assert.deepEqual(cut([]), []);
  });

  test('and not into more than a message takes', () => {
    const one = cut([{ start: 0, end: 2 ** 50 }]);
    assert.ok(one.length <= mostParts);
    assert.equal(one.at(-1)?.end, 2 ** 50);
    const many = Array.from({ length: mostStretches }, (_, at) => ({
      start: at * 2 ** 40,
      end: at * 2 ** 40 + 2 ** 39 + 1,
    }));
    assert.ok(cut(many).length <= mostParts);
  });
});

describe('the name of a file', () => {
  for (const name of [
    'a',
    'a b',
    'r\u00c3\u00a9sum\u00c3\u00a9',
    '.hidden',
    '...',
    '-rf',
    'x'.repeat(200),
    '\x80\xff',
  ]) {
    test(`may be ${JSON.stringify(name).slice(0, 30)}`, () => checkFileName(name));
  }
  for (const name of ['', '.', '..', '/', '/etc/passwd', '../x', 'a/b', 'a\0b', 'a\nb', '\x1b[2J', 'x\x7f', '\u20ac']) {
    test(`may not be ${JSON.stringify(name)}`, () => {
      assert.throws(
        () => checkFileName(name),
        (error: unknown) => error instanceof TransferError && error.kind === 'refused',
      );
    });
  }
});
