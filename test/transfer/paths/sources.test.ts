import assert from 'node:assert/strict';
import { closeSync, openSync, truncateSync } from 'node:fs';
import { describe, test } from 'node:test';
import { EAGAIN, ECONNRESET, EINVAL, EISDIR, EPIPE, ETIMEDOUT } from '../../../native/errno.js';
import { makeSource } from '../../../src/transfer/paths/make.js';
import { inFolder, receiveNow, waitFor } from '../../native/support.js';
import { move, SentFile, settings, smallest, sourceNames, TakenFile, Wire } from './support.js';

const EPOLLHUP = 0x10;
const { blockSize } = settings;

for (const name of sourceNames) {
  const withFile = (length: number, own: object, use: (sent: SentFile, taken: TakenFile, wire: Wire) => void) =>
    inFolder(folder => {
      const sent = new SentFile(folder, name, length, own);
      const taken = new TakenFile(folder, 'read+write', settings);
      const wire = new Wire(smallest);
      use(sent, taken, wire);
      for (const file of [sent, taken, wire]) file.close();
    });

  describe(`a source by ${name}`, () => {
    test('asks for a block at a time, and sends no more than it is asked for', () =>
      withFile(10 * blockSize, {}, ({ source }) => {
        const wire = new Wire({ buffers: 20 * blockSize });
        assert.equal(source.send(wire.sender, 0, 10 * blockSize), blockSize);
        assert.equal(source.send(wire.sender, blockSize, 100), 100);
        assert.equal(source.send(wire.sender, 10 * blockSize - 5, 100), 5);
        const calls = name === 'sendfile' ? { sendfile: 3 } : { pread64: 3, sendto: 3 };
        assert.deepEqual(source.calls, calls);
        wire.close();
      }));

    for (const { what, length, block } of [
      { what: 'a block of the file', length: 50_000, block: 7000 },
      { what: 'a file that is smaller than a block', length: 5000, block: 7000 },
    ]) {
      for (const from of [0, 12_345]) {
        test(`sends ${what} again and again with a fixed offset, from byte ${from} of the stream on`, () =>
          withFile(length, { fixedOffset: true, blockSize: block }, ({ source, bytes }, taken, wire) => {
            const count = 100_001;
            move(source, taken.sink, wire, { from, to: 0, count });
            taken.sink.flush();
            const period = Math.min(length, block);
            const expected = Buffer.from(Array.from({ length: count }, (_, at) => bytes[(from + at) % period]));
            assert.ok(taken.bytes.equals(expected));
          }));
      }
    }

    test('has nothing to send of an empty file, at a fixed offset neither', () => {
      for (const fixedOffset of [false, true]) {
        withFile(0, { fixedOffset }, ({ source }, _taken, wire) => {
          assert.equal(source.send(wire.sender, 0, 1000), 0);
          assert.equal(source.send(wire.sender, 500, 1000), 0);
        });
      }
    });

    test('gives 0 where the file has become shorter', () =>
      withFile(300_000, {}, (sent, taken, wire) => {
        const half = move(sent.source, taken.sink, wire, { from: 0, to: 0, count: 100_000 });
        assert.equal(half.sent, 100_000);
        truncateSync(sent.path, 150_001);
        const rest = move(sent.source, taken.sink, wire, { from: 100_000, to: 100_000, count: 200_000 });
        taken.sink.flush();
        // a block that was read before is sent whole
        assert.ok(rest.sent >= 50_001 && rest.sent < 50_001 + blockSize, `${rest.sent} bytes`);
        assert.ok(taken.bytes.equals(sent.bytes.subarray(0, 100_000 + rest.sent)));
      }));

    test('forgets what it holds of a stretch that is broken off', () =>
      withFile(300_000, {}, ({ source, bytes }, taken, wire) => {
        let at = 0;
        for (;;) {
          const sent = source.send(wire.sender, at, 300_000 - at);
          if (sent === -EAGAIN) break;
          at += sent;
        }
        for (const reset of [true, false]) {
          // another connection, another stretch
          if (reset) source.reset();
          const other = new Wire();
          move(source, taken.sink, other, { from: 200_000, to: 0, count: 20_000 });
          taken.sink.flush();
          assert.ok(taken.bytes.equals(bytes.subarray(200_000, 220_000)));
          other.close();
        }
      }));

    test('gives the error of a connection that the peer has broken off', () =>
      withFile(300_000, {}, ({ source }, _taken, wire) => {
        wire.reset('receiver');
        waitFor(wire.sender, EPOLLHUP);
        const errno = -source.send(wire.sender, 0, 1000);
        assert.ok(errno === ECONNRESET || errno === EPIPE, `errno ${errno}`);
        const failure = source.failure(errno, '192.0.2.1:9000');
        assert.equal(failure.kind, 'peer');
        assert.match(
          failure.message,
          /^192\.0\.2\.1:9000 has broken off the connection: send(file|to)\(\) failed \(\d+: /,
        );
        assert.deepEqual([source.failure(ETIMEDOUT, 'peer').kind], ['network']);
      }));

    test('gives the error of a file that cannot be read', () =>
      inFolder(folder => {
        const fd = openSync(folder, 'r');
        const source = makeSource(name === 'sendfile', fd, folder, settings);
        const wire = new Wire();
        const errno = -source.send(wire.sender, 0, 1000);
        assert.equal(errno, name === 'sendfile' ? EINVAL : EISDIR);
        const failure = source.failure(errno, 'peer');
        assert.equal(failure.kind, 'source');
        const advice = name === 'sendfile' ? ': its file system does not take sendfile; use --no-zero-copy' : '';
        const call = name === 'sendfile' ? 'sendfile' : 'pread64';
        assert.ok(failure.message.startsWith(`${call}() "${folder}" failed (${errno}: `), failure.message);
        assert.ok(failure.message.endsWith(`)${advice}`), failure.message);
        assert.equal(receiveNow(wire.receiver)?.length, 0);
        wire.close();
        source.close();
        closeSync(fd);
      }));
  });
}
