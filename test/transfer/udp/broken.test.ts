/** Transfers over UDP that break, and go on later. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Relay } from './relay.js';
import { withEnds } from './with-ends.js';

describe('where datagrams cease to come', { concurrency: 2 }, () => {
  const args = ['--udp', '--datagram-size', '240', '--rate', '1M'];
  const size = 24_000;

  for (const [how, rest] of [
    ['UDP', args],
    ['TCP', []],
  ] as const) {
    test(`the transfer fails, what has come is kept, and --resume over ${how} sends the rest`, () =>
      withEnds(async ends => {
        ends.file('f', size);
        const to = await ends.store();
        // every third of the first 60 is lost, and all that follow
        const relay = await Relay.to(to.port, (datagram, index) => (index >= 60 || index % 3 === 0 ? [] : [datagram]));
        const failed = await ends.send(['f'], relay, args);
        await relay.close();
        assert.equal(failed.code, 1);
        assert.match(failed.stderr, /nothing of "f" comes any more/);
        assert.match(failed.stderr, /--resume/);
        assert.ok(!ends.stored.includes('f'), 'no part of it has its name');
        assert.ok(ends.stored.includes('.f.zc-part'), ends.stored.join());
        const { receiver } = await ends.sent(['f'], to, [...rest, '--resume']);
        ends.assertSame('f');
        assert.equal(receiver.files[0].resumedFrom, 40 * 200);
        assert.equal(receiver.bytes, size - 40 * 200);
        assert.deepEqual(ends.stored, ['f']);
      }));
  }

  test('that is told where nobody takes datagrams at all', () =>
    withEnds(async ends => {
      ends.file('f', size);
      const to = await ends.store();
      const relay = await Relay.to(to.port, null);
      const { address } = relay;
      const { code, stderr } = await ends.send(['f'], relay, args);
      await relay.close();
      assert.equal(code, 1);
      assert.match(stderr, new RegExp(`nobody takes datagrams at ${address}: .*Connection refused`));
    }));

  test('the receiver goes on with the next sender', () =>
    withEnds(async ends => {
      ends.file('f', size);
      const to = await ends.store();
      const relay = await Relay.to(to.port, datagram => [datagram]);
      const run = ends.startSending(['f'], relay, ['--udp', '--rate', '1k', '--datagram-size', '240']);
      await ends.hasCome('f', 1);
      run.child.kill('SIGKILL');
      await run.end;
      await relay.close();
      await ends.sent(['f'], to, ['--udp', '--resume']);
      ends.assertSame('f');
    }));

  test('a store that fails ends its own session alone', () =>
    withEnds(async ends => {
      ends.file('large', 400_000);
      ends.file('small', 20_000);
      // files of 200 kB at most; what is more is an error, and no signal
      const to = await ends.receive(['--dir', ends.out()], 'trap "" XFSZ; ulimit -f 200');
      const [large] = await Promise.all([
        ends.send(['large'], to, ['--udp', '--rate', '2M']),
        ends.sent(['small'], to, ['--udp', '--rate', '100k', '--datagram-size', '1000']),
      ]);
      assert.equal(large.code, 1);
      assert.match(large.stderr, /pwritev\(\) ".*" failed .*File too large.* the limit of this process/);
      ends.assertSame('small');
    }));
});
