import assert from 'node:assert/strict';
import { request } from 'node:http';
import { after, before, describe, test } from 'node:test';
import { assertServes, Ends, type Listening, until } from './ends.js';
import { hello, listen, offer, Peer, pieceHeader } from './strangers.js';

describe('to a receiver, a stranger', { concurrency: 4 }, () => {
  const ends = new Ends();
  let receiver: Listening;
  before(async () => {
    receiver = await ends.store();
  });
  after(async () => {
    try {
      await assertServes(ends, receiver, 'assured');
      assert.deepEqual(
        ends.stored.filter(name => !/^(assured|good|\.)/.test(name)),
        [],
      );
      assert.equal(receiver.run.child.exitCode, null);
      assert.doesNotMatch(receiver.run.stderr, /internal error| {4}at /);
    } finally {
      await ends.clean();
    }
  });

  test('that speaks HTTP is told what this is, and noted', async () => {
    const peer = await Peer.to(receiver.port, 'GET /strange HTTP/1.1\r');
    assert.match(await peer.line(), /^zerocopy\/1 no this is a zerocopy receiver/);
    await peer.ends();
    await until(() => receiver.run.stderr.includes('said "GET /strange HTTP/1.1"'), 'it is noted');
  });

  for (const [what, bytes] of [
    ['zeros', Buffer.alloc(1000)],
    ['a line without end', Buffer.alloc(100_000, 'x')],
    ['our own prefix for ever', Buffer.from(`zerocopy/1 ${'control'.repeat(1000)}`)],
    ['two lines at once', Buffer.from('zerocopy/1 control\nzerocopy/1 control\n')],
    ['a message with its greeting', Buffer.from(`zerocopy/1 control\n${JSON.stringify(hello)}\n`)],
    ['another version', Buffer.from('zerocopy/7 control\n')],
    ['an unknown token', Buffer.from(`zerocopy/1 data ${'0'.repeat(32)}\n`)],
  ] as const) {
    test(`that says ${what} is let go`, async () => {
      const peer = await Peer.to(receiver.port);
      peer.socket.write(bytes);
      await peer.ends();
    });
  }

  test('that says nothing at all stands in nobody’s way', async () => {
    const silent = await Promise.all(Array.from({ length: 140 }, () => Peer.to(receiver.port)));
    await assertServes(ends, receiver, 'good-among-silent');
    for (const { socket } of silent) socket.destroy();
  });

  const lines: readonly (readonly [what: string, line: string])[] = [
    ['no JSON', 'hello'],
    ['an empty line', ''],
    ['bytes', '\xff\xfe\0\x01'],
    ['an array', '[]'],
    ['deep nesting', '['.repeat(30_000)],
    ['a message of a receiver', '{"is":"stored","file":0}'],
    ['a message that is not due', '{"is":"sent","file":0,"plane":{}}'],
    ['no files', JSON.stringify({ ...hello, files: 0 })],
    ['too many streams', JSON.stringify({ ...hello, streams: 1000 })],
    ['a measurement', JSON.stringify({ ...hello, isCopy: false })],
    ['details that a plane cannot use', JSON.stringify({ ...hello, transport: 'udp', plane: { datagramSize: 5 } })],
    ['a line without end', 'x'.repeat(70_000)],
  ];
  for (const [what, line] of lines) {
    test(`whose first message is ${what} is told so`, async () => {
      const peer = await Peer.control(receiver.port);
      peer.say(line);
      const { message } = await peer.hears('error');
      assert.equal(typeof message, 'string');
      await peer.ends();
    });
  }

  test('that talks without being asked is stopped', async () => {
    const peer = await Peer.control(receiver.port);
    peer.tell(hello);
    await peer.hears('welcome');
    for (let times = 0; times < 20; times++) peer.tell({ is: 'wrong', file: 0, ranges: [] });
    await peer.hears('error');
    await peer.ends();
  });

  for (const name of [
    '../escape',
    '/etc/escape',
    '..',
    '.',
    '',
    'a/b',
    'a\0b',
    'a\nb',
    '\x1b[2J',
    'x'.repeat(250),
    '.x.zc-part',
    '.x.zc-state',
    '\u20ac',
  ]) {
    test(`cannot have a file called ${JSON.stringify(name).slice(0, 20)}`, async () => {
      const peer = await Peer.control(receiver.port);
      peer.tell({ ...hello, resume: true });
      await peer.hears('welcome');
      peer.tell(offer(name));
      const { kind, message } = await peer.hears('error');
      assert.equal(kind, 'refused');
      assert.match(String(message), /^[^\0-\x1f\x7f]*$/);
      await peer.ends();
    });
  }

  test('cannot offer files in another order, or one as large as no disk', async () => {
    for (const each of [offer('good1', 5, 1), offer('good2', 2 ** 53 - 1)]) {
      const peer = await Peer.control(receiver.port);
      peer.tell(hello);
      await peer.hears('welcome');
      peer.tell(each);
      await peer.hears('error');
      await peer.ends();
    }
  });

  /** A session that has come to the point where data may come. */
  async function begun(name: string, size: number): Promise<{ control: Peer; data: Peer; token: string }> {
    const control = await Peer.control(receiver.port);
    control.tell(hello);
    const { token } = await control.hears('welcome');
    const data = await Peer.data(receiver.port, String(token));
    control.tell(offer(name, size));
    const { missing } = await control.hears('go');
    assert.deepEqual(missing, [[0, size]]);
    return { control, data, token: String(token) };
  }

  const pieces: readonly (readonly [what: string, bytes: readonly Buffer[]])[] = [
    ['garbage', [Buffer.alloc(24, 'x')]],
    ['another file', [pieceHeader(1, 0, 10)]],
    ['nothing', [pieceHeader(0, 0, 0)]],
    ['more than the file has', [pieceHeader(0, 0, 101)]],
    ['what is beyond the file', [pieceHeader(0, 200, 1)]],
    ['bytes twice', [pieceHeader(0, 0, 10), Buffer.alloc(10), pieceHeader(0, 5, 10)]],
  ];
  for (const [index, [what, bytes]] of pieces.entries()) {
    test(`that sends ${what} as a piece is stopped`, async () => {
      const { control, data } = await begun(`piece${index}`, 100);
      for (const each of bytes) data.socket.write(each);
      const { kind } = await control.hears('error');
      assert.equal(kind, 'peer');
      await control.ends();
      await data.ends();
    });
  }

  test('that closes its data connection in the middle is let go', async () => {
    const { control, data } = await begun('halfway', 100);
    data.socket.end(Buffer.concat([pieceHeader(0, 0, 100), Buffer.alloc(50)]));
    assert.match(String((await control.hears('error')).message), /closed a data connection/);
    await control.ends();
  });

  test('gets no more data connections than it has asked for', async () => {
    const { control, token } = await begun('crowded', 100);
    await Peer.data(receiver.port, token);
    const third = await Peer.to(receiver.port, `zerocopy/1 data ${token}`);
    assert.match(await third.line(), /has its 2 data connections already/);
    control.socket.destroy();
  });

  test('that leaves tiny gaps everywhere is stopped before they cost much', async () => {
    const { control, data } = await begun('gaps', 100_000);
    for (let at = 0; at < 100_000 && !data.isClosed; at += 2) {
      data.socket.write(Buffer.concat([pieceHeader(0, at, 1), Buffer.alloc(1)]));
    }
    assert.match(String((await control.hears('error')).message), /too many gaps/);
  });

  test('with bytes made right by hand stores its file', async () => {
    const { control, data } = await begun('good-by-hand', 100);
    const content = Buffer.from('0123456789'.repeat(10));
    // the second half first
    data.socket.write(Buffer.concat([pieceHeader(0, 50, 50), content.subarray(50)]));
    data.socket.write(Buffer.concat([pieceHeader(0, 0, 50), content.subarray(0, 50)]));
    control.tell({ is: 'sent', file: 0, plane: {} });
    await control.hears('stored');
    control.socket.end();
    assert.ok(ends.stored.includes('good-by-hand'));
  });

  test('whose checksum is another one gets no file', async () => {
    const control = await Peer.control(receiver.port);
    control.tell({ ...hello, checksum: 'xxh64' });
    const { token } = await control.hears('welcome');
    const data = await Peer.data(receiver.port, String(token));
    control.tell(offer('mismatch', 10));
    await control.hears('go');
    data.socket.write(Buffer.concat([pieceHeader(0, 0, 10), Buffer.alloc(10)]));
    control.tell({ is: 'sent', file: 0, plane: {} });
    await control.hears('whole');
    control.tell({ is: 'sum', file: 0, checksum: '0123456789abcdef' });
    assert.match(String((await control.hears('error')).message), /has not arrived as it was sent/);
    await control.ends();
    assert.ok(!ends.stored.includes('mismatch'));
  });

  test('of a real HTTP client gets no answer that it could take for one', async () => {
    const error = await new Promise<unknown>(resolve => {
      const sent = request({ host: '127.0.0.1', port: receiver.port, path: '/' }, () => resolve(null));
      sent.on('error', resolve);
      sent.end();
    });
    assert.ok(error instanceof Error);
  });
});

describe('a receiver has bounds', { concurrency: 2 }, () => {
  const ends = new Ends();
  after(() => ends.clean());

  test('on sessions at once', async () => {
    const receiver = await ends.store();
    const peers = await Promise.all(Array.from({ length: 16 }, () => Peer.control(receiver.port)));
    const one = await Peer.to(receiver.port, 'zerocopy/1 control');
    assert.match(await one.line(), /there are 16 sessions already/);
    for (const { socket } of peers) socket.destroy();
    await until(async () => {
      const next = await Peer.to(receiver.port, 'zerocopy/1 control');
      const line = await next.line();
      next.socket.destroy();
      return line === 'zerocopy/1 ok';
    }, 'there is room again');
    await assertServes(ends, receiver, 'after-many');
  });

  test('on silence within a session', async () => {
    const receiver = await ends.store('--timeout', '2');
    const peer = await Peer.control(receiver.port);
    assert.match(String((await peer.hears('error')).message), /has been silent for 2 s/);
    await peer.ends();
  });

  test('on a sender that is there but sends nothing', async () => {
    const receiver = await ends.store('--timeout', '2');
    const peer = await Peer.control(receiver.port);
    const pings = setInterval(() => peer.tell({ is: 'ping' }), 200);
    peer.tell(hello);
    await peer.hears('welcome');
    peer.tell(offer('idle'));
    await peer.hears('go');
    assert.match(String((await peer.hears('error')).message), /no byte has moved for 2 s/);
    clearInterval(pings);
    await peer.ends();
  });

  test('on a port: a second one is told whose to look for', async () => {
    const receiver = await ends.store();
    const { code, stderr } = await ends.start(['receive', '--discard', '--listen', receiver.address]).end;
    assert.equal(code, 1);
    assert.match(stderr, new RegExp(`cannot listen on 127.0.0.1:${receiver.port}: the port is busy: .* ss -ltnp`));
  });

  test('on addresses: one that is not this machine’s', async () => {
    const { code, stderr } = await ends.start(['receive', '--discard', '--listen', '203.0.113.7:9000']).end;
    assert.equal(code, 1);
    assert.match(stderr, /203\.0\.113\.7 is no address of this machine/);
  });
});

describe('a sender that connects to', { concurrency: 2 }, () => {
  const ends = new Ends();
  before(() => ends.file('x', 1000));
  after(() => ends.clean());

  test('nobody says so', async () => {
    const { server, address } = await listen(() => {});
    server.close();
    const { code, stderr } = await ends.send(['x'], { address });
    assert.equal(code, 1);
    assert.match(
      stderr,
      new RegExp(`cannot connect to ${address}: connection refused: is "zerocopy receive" running there`),
    );
  });

  const strangers: readonly (readonly [what: string, answer: string, says: RegExp])[] = [
    [
      'an HTTP server',
      'HTTP/1.1 400 Bad Request\r\nServer: nginx\r\n\r\n',
      /is no zerocopy receiver: it answered "HTTP\/1\.1 400 Bad Request"/,
    ],
    ['an SSH server', 'SSH-2.0-OpenSSH_9.2\r\n', /it answered "SSH-2\.0-OpenSSH_9\.2"/],
    ['a stranger without line ends', 'x'.repeat(5000), /is no zerocopy receiver/],
    ['a terminal’s enemy', '\x1b]0;owned\x07\n', /it answered "\\x1b\]0;owned\\x07"/],
    ['a newer receiver', 'zerocopy/3 ok\n', /speaks version 3 of the protocol, and this is version 1/],
    ['a busy receiver', 'zerocopy/1 no there are 16 sessions already\n', /refuses: there are 16 sessions already/],
    ['what only sounds like one', 'zerocopy/1 perhaps\n', /it answered "zerocopy\/1 perhaps"/],
  ];
  for (const [what, answer, says] of strangers) {
    test(`${what} says what it is`, async () => {
      const { server, address } = await listen(socket => socket.write(answer, 'latin1'));
      const { code, stderr } = await ends.send(['x'], { address });
      server.close();
      assert.equal(code, 1);
      assert.match(stderr, says);
    });
  }

  test('what closes the connection says so', async () => {
    const { server, address } = await listen(socket => socket.end());
    const { code, stderr } = await ends.send(['x'], { address });
    server.close();
    assert.equal(code, 1);
    assert.match(stderr, /is no zerocopy receiver: it closed the connection at once|broken off/);
  });

  const welcome = { is: 'welcome', token: 'a'.repeat(32), stores: true, checksum: 'xxh64', plane: {} };
  const go = { is: 'go', file: 0, missing: [[0, 1000]] };
  const badReceivers: readonly (readonly [what: string, answers: readonly object[], says: RegExp])[] = [
    ['no token', [{ ...welcome, token: 'short' }], /no proper "token"/],
    ['the wrong message', [{ is: 'stored', file: 0 }], /it said "stored" in place of "welcome"/],
    ['more than there is', [welcome, { ...go, missing: [[0, 1001]] }], /it wants more of the file than there is/],
    [
      'parts beyond the file',
      [welcome, { is: 'have', file: 0, algorithm: 'xxh64', parts: [[0, 2000, 'f'.repeat(16)]] }],
      /it has more of the file than there is/,
    ],
    [
      'a second and a third have',
      [welcome, ...Array(3).fill({ is: 'have', file: 0, algorithm: 'xxh64', parts: [] })],
      /in place of "go" or "stored"/,
    ],
    ['stored without a checksum', [welcome, go, { is: 'stored', file: 0 }], /in place of "whole" or "go"/],
    [
      'an error with a terminal’s commands',
      [{ is: 'error', kind: 'store', message: 'no\x1b[2J' }],
      /gave up: no\\x1b\[2J/,
    ],
  ];
  for (const [what, answers, says] of badReceivers) {
    test(`a receiver that says ${what} ends the transfer`, async () => {
      const { server, address } = await listen(socket => {
        const peer = new Peer(socket);
        void play(peer, answers);
      });
      const { code, stderr } = await ends.send(['x'], { address });
      server.close();
      assert.equal(code, 1);
      assert.match(stderr, says);
    });
  }

  /** Greets, and then says one of its answers for each message that comes. */
  async function play(peer: Peer, answers: readonly object[]): Promise<void> {
    const greeting = await peer.line();
    peer.say('zerocopy/1 ok');
    if (greeting !== 'zerocopy/1 control') return;
    for (const answer of answers) {
      if ((await peer.line()) === '') return;
      peer.tell(answer);
    }
    await peer.ends();
  }
});
