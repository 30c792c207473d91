/** Files over UDP, between a real sender and a real receiver. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Ends, type Listening } from '../ends.js';
import { withEnds } from './with-ends.js';

describe('a file arrives as it was', { concurrency: 2 }, () => {
  // a size that ends within a datagram, within a page, and at an odd byte
  const size = 300_001;
  const ways: readonly (readonly [path: string, args: readonly string[], calls: readonly string[]])[] = [
    ['read+write', [], ['pread64', 'sendmmsg']],
    ['sendfile', ['--zero-copy'], ['sendto', 'sendfile']],
    ['read+write', ['--datagram-size', '64', '--rate', '2M'], ['pread64', 'sendmmsg']],
    ['sendfile', ['--datagram-size', '4137'], ['sendto', 'sendfile']],
    ['read+write', ['--datagram-size', '4137', '--no-zero-copy'], ['pread64', 'sendmmsg']],
    ['sendfile', ['--datagram-size', '61480'], ['sendto', 'sendfile']],
    ['read+write', ['--datagram-size', '65507'], ['pread64', 'sendmmsg']],
    ['read+write', ['--gso'], ['pread64', 'sendmmsg']],
    ['read+write', ['--gso', '--datagram-size', '9001', '--block-size', '1M'], ['pread64', 'sendmmsg']],
  ];
  const ends = new Ends();
  let store: Listening;
  before(async () => {
    store = await ends.store();
  });
  after(() => ends.clean());

  for (const [index, [path, args, calls]] of ways.entries()) {
    test(`by ${path}: ${args.join(' ') || 'as a rule'}`, async () => {
      const name = `f${index}`;
      ends.file(name, size);
      const rate = args.includes('--rate') ? [] : ['--rate', '20M'];
      const { sender, receiver } = await ends.sent([name], store, ['--udp', ...rate, ...args]);
      ends.assertSame(name);
      assert.equal(sender.path, path);
      assert.equal(receiver.path, 'read+write');
      assert.equal(sender.transport, 'udp');
      for (const call of calls) assert.ok(sender.cost.calls[call] > 0, call);
      assert.ok(receiver.cost.calls.recvmmsg > 0 && receiver.cost.calls.pwritev > 0);
      const { udp } = receiver;
      assert.ok(udp !== undefined && udp.received >= Math.ceil(size / 65_467));
      assert.equal(udp.sent - udp.lost, udp.received);
    });
  }

  test('several, one of them empty, in one session', () =>
    withEnds(async ends => {
      ends.file('a', 100_000);
      ends.file('b', 0);
      ends.file('c', 77);
      const { receiver } = await ends.sent(['a', 'b', 'c'], await ends.store(), ['--udp']);
      for (const name of ['a', 'b', 'c']) ends.assertSame(name);
      assert.deepEqual(ends.stored, ['a', 'b', 'c']);
      assert.equal(receiver.bytes, 100_077);
    }));

  test('those of two senders at once, with datagrams of different sizes', () =>
    withEnds(async ends => {
      ends.file('a', 400_000);
      ends.file('b', 200_000);
      const to = await ends.store();
      await Promise.all([
        ends.sent(['a'], to, ['--udp', '--rate', '1M', '--datagram-size', '9000']),
        ends.sent(['b'], to, ['--udp', '--rate', '1M', '--gso']),
      ]);
      ends.assertSame('a');
      ends.assertSame('b');
    }));
});

describe('what is sent of a file', { concurrency: 2 }, () => {
  test('can be its first block again and again', () =>
    withEnds(async ends => {
      ends.file('f', 10_000);
      const to = await ends.receive(['--discard']);
      for (const zeroCopy of ['--zero-copy', '--no-zero-copy']) {
        const measure = ['--fixed-offset', '--size', '150k', '--rate', '20M', zeroCopy];
        const { receiver } = await ends.sent(['f'], to, ['--udp', ...measure]);
        assert.equal(receiver.udp?.received, Math.ceil((150 * 1024) / 1408));
        assert.equal(receiver.bytes, 150 * 1024);
      }
    }));

  test('goes at no more than its rate, which is 100 Mbit/s as a rule', () =>
    withEnds(async ends => {
      ends.file('f', 150_000);
      const to = await ends.receive(['--memory']);
      const slow = await ends.sent(['f'], to, ['--udp', '--rate', '1M']);
      assert.ok(slow.sender.gigabitsPerSecond <= 8e-3 * 1.048_576, `${slow.sender.gigabitsPerSecond} Gbit/s`);
      const { code, stdout, stderr } = await ends.send(['f'], to, ['--udp']);
      assert.equal(code, 0, stderr);
      assert.match(stderr, /100 Mbit\/s .* where no --rate is given/);
      const { gigabitsPerSecond, settings } = (JSON.parse(stdout) as typeof slow).sender;
      assert.ok(gigabitsPerSecond <= 0.1, `${gigabitsPerSecond} Gbit/s`);
      assert.equal(settings.rate, 12_500_000);
    }));
});
