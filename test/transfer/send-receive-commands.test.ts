import assert from 'node:assert/strict';
import { statSync, writeFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { assertRefused } from '../cli/mistake.js';
import { Ends, type Listening, until } from './ends.js';

/** Of a file that is no multiple of any block. */
const large = 5_000_011;

describe('a receiver', { concurrency: 2 }, () => {
  const ends = new Ends();
  after(() => ends.clean());

  test('with --output and --once takes one file under that name, and ends', async () => {
    ends.file('first', large);
    const receiver = await ends.receive(['--output', 'out/renamed', '--once', '--fsync']);
    const { sender } = await ends.sent(['first'], receiver);
    const { code, stdout } = await receiver.run.end;
    assert.equal(code, 0);
    const own = JSON.parse(stdout) as { sender: unknown; receiver: { settings: Record<string, unknown> } };
    assert.equal(own.receiver.settings.fsync, true);
    assert.deepEqual(own.sender, JSON.parse(JSON.stringify(sender)));
    ends.assertSame('first', 'renamed');
  });

  test('with --output takes no two files', async () => {
    ends.file('a', 5);
    ends.file('b', 5);
    const receiver = await ends.receive(['--output', 'out/single', '--once']);
    const { code, stderr } = await ends.send(['a', 'b'], receiver);
    assert.equal(code, 1);
    assert.match(stderr, /stores one file \(--output\), and 2 were to come/);
    assert.equal((await receiver.run.end).code, 1);
  });

  test('with O_DIRECT on both ends', async t => {
    ends.file('direct', 3_000_001);
    const receiver = await ends.receive(['--output', 'out/direct', '--direct', '--no-zero-copy']);
    const { code, stderr } = await ends.send(['direct'], receiver, ['--direct', '--no-zero-copy', '--streams', '2']);
    if (/O_DIRECT/.test(stderr)) {
      t.skip(`no O_DIRECT in this file system: ${stderr}`);
      return;
    }
    assert.equal(code, 0, stderr);
    ends.assertSame('direct');
  });

  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    test(`ends with ${code} after ${signal}`, async () => {
      const receiver = await ends.receive(['--discard']);
      receiver.run.child.kill(signal);
      assert.equal((await receiver.run.end).code, code);
    });
  }

  test('says where it listens, and shows intervals and a summary', async () => {
    // more than a second of the rate below: on a busy machine the first interval is a long one
    ends.file('shown', 1_200_000);
    const run = ends.start(['receive', '--listen', '127.0.0.1:0', '--discard', '--interval', '0.1', '--once']);
    await until(() => run.stderr.includes('\n'), 'the receiver listens');
    const [, port] =
      /^zerocopy: listening on 127\.0\.0\.1:(\d+) \(files are dropped\), Ctrl-C stops\n/.exec(run.stderr) ?? [];
    const args = ['send', ends.in('shown'), `127.0.0.1:${port}`, '--rate', '1M', '--interval', '0.1'];
    const { code, stdout } = await ends.start(args).end;
    assert.equal(code, 0);
    const { stdout: own } = await run.end;
    for (const text of [stdout, own]) {
      assert.match(text, /^Interval \(sec\) +Transfer \(GBytes\) +Bandwidth \(Gbps\)\n0\.00-0\.\d\d .*\n0\.\d\d-/);
      assert.match(text, /sender \(tcp\) +receiver \(tcp\)/);
    }
  });

  test('listens on IPv6', async t => {
    ends.file('six', 1000);
    const run = ends.start(['receive', '--listen', '[::1]:0', '--json', '--output', 'out/six', '--once']);
    await until(() => run.stderr.includes('\n'), 'the receiver listens');
    if (/no address of this machine|not supported/.test(run.stderr)) {
      t.skip('no IPv6 here');
      return;
    }
    const { port } = (JSON.parse(run.stderr.split('\n')[0]) as { listening: { port: number } }).listening;
    const { code, stderr } = await ends.send(['six'], { address: `[::1]:${port}` });
    assert.equal(code, 0, stderr);
    ends.assertSame('six');
  });
});

describe('for measuring', { concurrency: 2 }, () => {
  const ends = new Ends();
  let receiver: Listening;
  before(async () => {
    receiver = await ends.receive(['--discard']);
  });
  after(() => ends.clean());

  test('--fixed-offset sends the first block again and again', async () => {
    ends.file('block', 200_000);
    for (const way of ['--zero-copy', '--no-zero-copy']) {
      const { sender, receiver: other } = await ends.sent(['block'], receiver, ['--fixed-offset', '--size', '3M', way]);
      assert.equal(sender.bytes, 3 * 2 ** 20);
      assert.equal(other.bytes, 3 * 2 ** 20);
      assert.equal(sender.settings.fixedOffset, true);
      assert.equal(sender.settings.size, 3 * 2 ** 20);
    }
  });

  test('--size sends the begin of a file, and no more than there is', async () => {
    ends.file('sized', 200_000);
    const { sender } = await ends.sent(['sized'], receiver, ['--size', '100000']);
    assert.equal(sender.bytes, 100_000);
    const { code, stderr } = await ends.send(['sized'], receiver, ['--size', '200001']);
    assert.equal(code, 1);
    assert.match(stderr, /has 200000 bytes, and --size 200001 is more/);
  });

  test('is not what a store takes, unless it is all of the file', async () => {
    ends.file('copy', 200_000);
    const store = await ends.store();
    for (const args of [['--size', '100000'], ['--fixed-offset']]) {
      const { code, stderr } = await ends.send(['copy'], store, args);
      assert.equal(code, 1);
      assert.match(stderr, /no copy of a file/);
    }
    assert.deepEqual(ends.stored, []);
    await ends.sent(['copy'], store, ['--size', '200000']);
    ends.assertSame('copy');
  });

  test('a checksum of what is dropped is refused', async () => {
    ends.file('dropped', 5);
    const { code, stderr } = await ends.send(['dropped'], receiver, ['--checksum', 'xxh64']);
    assert.equal(code, 1);
    assert.match(stderr, /leave out --checksum/);
  });
});

describe('a command line that is wrong', () => {
  const cases: readonly (readonly [args: readonly string[], says: RegExp])[] = [
    [['send'], /an argument is missing/],
    [['send', '127.0.0.1:9000'], /send needs a file, and where it goes/],
    [['send', 'a', 'b:c:d'], /the last argument says where the files go: .*HOST:PORT/],
    [['send', 'a', 'b', '--streams', '65'], /--streams "65": give a number from 1 to 64/],
    [['send', 'a', 'b', '--checksum', 'md5'], /--checksum "md5"/],
    [['send', 'a', 'b', '--block-size', '1'], /--block-size "1"/],
    [['send', 'a', 'b', '--gso'], /--gso is for datagrams/],
    [['send', 'a', 'b', '--udp', '--streams', '2'], /over UDP there is one/],
    [['send', 'a', 'b', '--rate', '1', '--rate', '2'], /--rate is given twice/],
    [['send', 'a', 'b', '--zero-copy', '--no-zero-copy'], /give one of them/],
    [['send', 'a', 'b', '--bogus'], /Unknown argument: bogus/],
    [['receive'], /Give one of --dir, --output, --discard and --memory/],
    [['receive', '--discard', '--memory'], /Give one of/],
    [['receive', '--dir', 'nowhere'], /no such folder/],
    [['receive', '--dir', '/dev/null'], /not a folder/],
    [['receive', '--discard', '--listen', 'example.org:1'], /an address of this machine/],
    [['receive', '--discard', '--timeout', '1'], /--timeout "1"/],
  ];
  for (const [args, says] of cases) {
    test(args.join(' '), () => assertRefused(args, says));
  }

  test('ends with 2', async () => {
    const ends = new Ends();
    for (const args of [['send', 'a', 'b', '--bogus'], ['receive']]) {
      const { code, stderr, stdout } = await ends.start(args).end;
      assert.equal(code, 2, stderr);
      assert.match(stderr, /^zerocopy: /);
      assert.equal(stdout, '');
    }
    await ends.clean();
  });
});

test('the mode of a stored file is what an ordinary file gets', async () => {
  const ends = new Ends();
  try {
    ends.file('mode', 10);
    const receiver = await ends.store();
    await ends.sent(['mode'], receiver);
    writeFileSync(ends.out('ordinary'), '');
    assert.equal(statSync(ends.out('mode')).mode, statSync(ends.out('ordinary')).mode);
  } finally {
    await ends.clean();
  }
});
