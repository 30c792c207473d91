import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { Ends, type Listening } from './ends.js';

/** A file that is no multiple of any block, and one that is less than any. */
const large = 5_000_011;
const small = 13;

const stores = [
  { name: 'a folder, by splice', args: ['--zero-copy'], path: 'splice' },
  { name: 'a folder, by read and write', args: ['--no-zero-copy'], path: 'read+write' },
  { name: 'nowhere', args: ['--discard'], path: 'discard' },
  { name: 'memory', args: ['--memory'], path: 'memory' },
] as const;

const ways = [
  { way: '--zero-copy', path: 'sendfile', streams: 1 },
  { way: '--zero-copy', path: 'sendfile', streams: 3 },
  { way: '--no-zero-copy', path: 'read+write', streams: 1 },
  { way: '--no-zero-copy', path: 'read+write', streams: 3 },
];

describe('send and receive', { concurrency: 2 }, () => {
  for (const store of stores) {
    describe(`to ${store.name}`, () => {
      const ends = new Ends();
      const keeps = store.path === 'splice' || store.path === 'read+write';
      let receiver: Listening;
      before(async () => {
        receiver = await ends.receive([...(keeps ? ['--dir', ends.out(), '--overwrite'] : []), ...store.args]);
      });
      after(() => ends.clean());

      for (const { way, path, streams } of ways) {
        test(`${way}, streams ${streams}`, async () => {
          const names = ['large', 'small', 'empty'].map(each => `${each}${way}${streams}`);
          ends.file(names[0], large, streams);
          ends.file(names[1], small);
          ends.file(names[2], 0);
          const report = await ends.sent(names, receiver, [way, '--streams', String(streams)]);
          for (const end of [report.sender, report.receiver]) assert.equal(end.bytes, large + small);
          assert.equal(report.sender.path, path);
          assert.equal(report.receiver.path, store.path);
          assert.deepEqual(
            report.receiver.files.map(({ name, size, resumedFrom }) => [name, size, resumedFrom]),
            [
              [names[0], large, 0],
              [names[1], small, 0],
              [names[2], 0, 0],
            ],
          );
          if (!keeps) return;
          for (const name of names) ends.assertSame(name);
          assert.ok(!ends.stored.some(stored => stored.startsWith('.') && names.some(name => stored.includes(name))));
        });
      }
    });
  }
});

describe('a transfer', { concurrency: 2 }, () => {
  const ends = new Ends();
  let receiver: Listening;
  before(async () => {
    receiver = await ends.store();
  });
  after(() => ends.clean());

  test('reports what the calls, the settings and the checksum were', async () => {
    ends.file('report', large);
    const { sender, receiver: other } = await ends.sent(['report'], receiver, [
      '--block-size',
      '64k',
      '--checksum',
      'sha-256',
    ]);
    const value = createHash('sha256')
      .update(readFileSync(ends.in('report')))
      .digest('hex');
    assert.deepEqual(sender.files, [
      { name: 'report', size: large, resumedFrom: 0, checksum: { algorithm: 'sha-256', value } },
    ]);
    assert.ok(sender.cost.calls.sendfile >= large / 65_536);
    assert.ok(sender.cost.calls.epoll_pwait >= 1);
    assert.ok(other.cost.calls.splice >= 2);
    assert.equal(sender.settings.blockSize, 65_536);
    assert.equal(sender.settings.checksum, 'sha-256');
    assert.equal(other.settings.destination, 'folder');
    assert.equal(sender.role, 'send');
    assert.equal(other.role, 'receive');
    assert.equal(
      sender.intervals.reduce((sum, { bytes }) => sum + bytes, 0),
      large,
    );
  });

  test('has an xxh64 checksum where files are stored, and none if none is wanted', async () => {
    ends.file('sum', 1000);
    ends.file('none', 1000);
    const sum = await ends.sent(['sum'], receiver);
    assert.match(sum.sender.files[0].checksum?.value ?? '', /^[0-9a-f]{16}$/);
    assert.deepEqual(sum.receiver.files, sum.sender.files);
    const none = await ends.sent(['none'], receiver, ['--checksum', 'none']);
    assert.equal(none.sender.files[0].checksum, undefined);
    ends.assertSame('none');
  });

  test('keeps to a rate, over all streams', async () => {
    ends.file('paced', 1_000_000);
    const { sender } = await ends.sent(['paced'], receiver, ['--rate', '2M', '--streams', '3', '--interval', '0']);
    // a pacer gives no byte before its time
    assert.ok(sender.seconds >= 1_000_000 / 2 ** 21 - 0.05, `${sender.seconds} s`);
    ends.assertSame('paced');
  });

  test('takes socket buffers of any size, and blocks of 512 bytes', async () => {
    ends.file('tiny-blocks', 300_001);
    await ends.sent(['tiny-blocks'], receiver, ['--sndbuf', '4k', '--rcvbuf', '4k', '--block-size', '512']);
    ends.assertSame('tiny-blocks');
  });

  test('names that are no ASCII arrive as they are', async () => {
    const names = ['r\u00e9sum\u00e9 \u6587.bin', ' -x', '"quoted" \\n'];
    for (const name of names) ends.file(name, 100);
    const report = await ends.sent(names, receiver);
    for (const name of names) ends.assertSame(name);
    assert.deepEqual(
      report.receiver.files.map(({ name }) => name),
      names,
    );
  });

  test('several senders at once', async () => {
    const names = ['one', 'two', 'three', 'four'];
    for (const [index, name] of names.entries()) ends.file(name, 3_000_000, index);
    await Promise.all(names.map(name => ends.sent([name], receiver, ['--streams', '2'])));
    for (const name of names) ends.assertSame(name);
  });

  test('a sparse file, out of the page cache first', async () => {
    writeFileSync(ends.in('sparse'), 'begin');
    truncateSync(ends.in('sparse'), 20_000_000);
    const { sender } = await ends.sent(['sparse'], receiver, ['--cold']);
    assert.equal(sender.settings.cold, true);
    ends.assertSame('sparse');
  });

  test('over UDP arrives whole as well', async () => {
    ends.file('datagrams', 2_000_003);
    const { sender, receiver: other } = await ends.sent(['datagrams'], receiver, ['--udp', '--rate', '50M']);
    assert.equal(sender.transport, 'udp');
    assert.ok((other.udp?.received ?? 0) >= 2_000_003 / 1448);
    ends.assertSame('datagrams');
  });

  test('an existing file is not replaced', async () => {
    ends.file('there', 100, 1);
    await ends.sent(['there'], receiver);
    ends.file('there', 100, 2);
    const { code, stderr } = await ends.send(['there'], receiver);
    assert.equal(code, 1);
    assert.match(stderr, /the receiver refuses: .*there" exists already: --overwrite/);
    assert.notDeepEqual(readFileSync(ends.in('there')), readFileSync(ends.out('there')));
  });
});
