import assert from 'node:assert/strict';
import { truncateSync } from 'node:fs';
import { describe, test } from 'node:test';
import { ECONNRESET, EPIPE } from '../../native/errno.js';
import { close } from '../../native/file.js';
import { setLingerReset } from '../../native/socket.js';
import { type OutputLimits, type Piece, Progress } from '../../src/output/transfer.js';
import { seeded } from '../http/parse-helpers.js';
import { waitFor } from '../native/support.js';
import { EPOLLIN, Exchange, expected, limits, smallest, ways, withSource } from './support.js';

const EBADF = 9;
const scratchSize = 16 * 1024;
const memory = (length: number, fill: string): Piece => ({ bytes: Buffer.alloc(length, fill) });

for (const { name, make } of ways) {
  /** Sends one response whole, and compares it and its counts. */
  const sendAll = (
    head: string,
    pieces: readonly Piece[],
    own: Partial<OutputLimits> = {},
    options?: { buffers: number },
  ) => {
    const { output, pool } = make();
    const exchange = new Exchange(output, options);
    exchange.transfer.begin(head, pieces, { ...limits, ...own });
    assert.equal(exchange.finish(), Progress.Done);
    const bytes = expected(head, pieces);
    assert.ok(exchange.all(bytes.length).equals(bytes), 'the bytes differ');
    const { bytesSent, isDone, eagainCount } = exchange.transfer;
    assert.deepEqual([bytesSent, isDone], [bytes.length, true]);
    assert.equal(eagainCount, exchange.steps.filter(step => step === Progress.Full).length);
    exchange.end(pool);
    assert.equal(pool.lent, 0);
    exchange.close();
    return exchange;
  };

  describe(`${name}: a response`, () => {
    test('of nothing at all', () => assert.deepEqual(sendAll('', []).steps, [Progress.Done]));
    test('of empty pieces', () =>
      withSource(8, source => {
        sendAll('', [memory(0, ''), source.piece(0, 0), memory(0, '')]);
        sendAll('head', [source.piece(3, 0), memory(0, ''), source.piece(1, 2), source.piece(8, 0), memory(0, '')]);
      }));
    test('of a head alone', () => {
      sendAll('HTTP/1.1 204 No Content\r\n\r\n\xff', []);
    });

    for (const length of [scratchSize - 1, scratchSize, scratchSize + 1, 300_000]) {
      test(`with ${length} bytes of head`, () =>
        withSource(5000, source => sendAll('h'.repeat(length), [source.piece(1, 4000), memory(3, 'm')], {}, smallest)));
      test(`with ${length} bytes in memory`, () =>
        withSource(5000, source =>
          sendAll(
            'head',
            [memory(length, 'm'), memory(5, 'n'), source.piece(1, 4000), memory(length, 'o')],
            {},
            smallest,
          ),
        ));
    }

    for (const small of [false, true]) {
      test(`random mixes of memory and file${small ? ', to a slow client' : ''}`, () =>
        withSource(400_000, source => {
          const random = seeded(small ? 21 : 22);
          const upTo = (most: number) => Math.floor(random() ** 3 * most);
          for (let round = 0; round < 40; round++) {
            const pieces = Array.from({ length: upTo(9) }, () => {
              if (random() < 0.5) return { bytes: Buffer.alloc(upTo(40_000), String.fromCharCode(97 + upTo(26))) };
              const offset = upTo(source.bytes.length);
              return source.piece(offset, upTo(source.bytes.length - offset));
            });
            const own = {
              share: random() < 0.5 ? 0 : 1 + upTo(100_000),
              bufferNumber: 1 + upTo(5),
              bufferSize: 1 + upTo(20_000),
              cork: random() < 0.5,
            };
            sendAll('h'.repeat(upTo(20_000)), pieces, own, small ? smallest : undefined);
          }
        }));
    }

    test('ends writes early at every kind of place', () =>
      withSource(200_000, source => {
        const pieces = [
          memory(30_000, 'm'),
          source.piece(7, 90_001),
          memory(100, 'n'),
          source.piece(1, 60_000),
          memory(9, 'o'),
        ];
        const { steps } = sendAll('h'.repeat(500), pieces, { bufferNumber: 3, bufferSize: 4001 }, smallest);
        assert.ok(steps.filter(step => step === Progress.Full).length > 3);
      }));

    test('gives way when it has used up its share', () =>
      withSource(1000, source => {
        const { steps } = sendAll('', [source.piece(0, 1000)], { share: 100, bufferNumber: 1, bufferSize: 100 });
        assert.deepEqual(steps, [...new Array(9).fill(Progress.Share), Progress.Done]);
        const { steps: exact } = sendAll('', [source.piece(0, 100)], { share: 100, bufferNumber: 1, bufferSize: 100 });
        assert.deepEqual(exact, [Progress.Done]);
      }));
  });

  describe(`${name}: a file whose bytes are in memory`, () => {
    test('goes out with its head in one call, whole and in ranges, behind heads of every length', () =>
      withSource(6000, source => {
        source.read();
        const whole = source.piece(0, 6000);
        const { transfer } = sendAll('head', [whole]);
        assert.deepEqual([transfer.sendfileCalls, transfer.preadCalls, transfer.writevCalls], [0, 0, 1]);
        for (const length of [0, 1, 1024, 1025, scratchSize, 20_000]) sendAll('h'.repeat(length), [whole]);
        sendAll('other', [whole]);
        sendAll('', [source.piece(5, 100)]);
        sendAll('head', [source.piece(0, 10), memory(5, 'm'), source.piece(5990, 10)]);
      }));

    test('is sent to many at once, each behind a head of its own', () =>
      withSource(8000, source => {
        source.read();
        const { output, pool } = make();
        const plans = ['first', 'the second', 'a third one'].map(head => ({
          head: head.repeat(30),
          exchange: new Exchange(output, smallest),
        }));
        // filled up first, so that each response has to wait with some of it unsent
        for (const { exchange } of plans) {
          exchange.transfer.begin('', [memory(100_000, 'f')], limits);
          while (exchange.transfer.memoryLength > 3000) {
            if (exchange.step() === Progress.Full && exchange.transfer.memoryLength > 3000) exchange.receive(5000);
          }
          assert.equal(
            exchange.finish(() => 1000),
            Progress.Done,
          );
        }
        for (const { head, exchange } of plans) {
          exchange.transfer.begin(head, [source.piece(0, 8000)], limits);
          assert.equal(exchange.step(), Progress.Full);
        }
        for (const { head, exchange } of plans) {
          assert.equal(exchange.finish(), Progress.Done);
          const bytes = expected(`${'f'.repeat(100_000)}${head}`, [source.piece(0, 8000)]);
          assert.ok(exchange.all(bytes.length).equals(bytes), head);
          exchange.end(pool);
          exchange.close();
        }
      }));
  });

  describe(`${name}: several at once`, () => {
    test('two responses on one thread keep their bytes apart', () =>
      withSource(300_000, source => {
        const { output, pool } = make();
        const random = seeded(31);
        for (let round = 0; round < 8; round++) {
          const plans = ['a', 'b', 'c'].map(letter => ({
            head: letter.repeat(1 + Math.floor(random() * scratchSize)),
            pieces: [
              memory(Math.floor(random() * scratchSize), letter.toUpperCase()),
              source.piece(Math.floor(random() * 1000), Math.floor(random() * 90_000)),
              memory(Math.floor(random() * 3 * scratchSize), letter),
              memory(100, letter.toUpperCase()),
            ],
            exchange: new Exchange(output, smallest),
          }));
          const own = { ...limits, share: round % 2 === 0 ? 0 : 5000, bufferSize: 7000 };
          // each begins only once the one before had to stop, as on a server
          const open = new Set(plans);
          for (const plan of plans) {
            plan.exchange.transfer.begin(plan.head, plan.pieces, own);
            if (plan.exchange.step() === Progress.Done) open.delete(plan);
          }
          while (open.size > 0) {
            for (const plan of open) {
              plan.exchange.receive(1 + Math.floor(random() * 20_000));
              if (random() < 0.7 && plan.exchange.step() === Progress.Done) open.delete(plan);
            }
          }
          for (const { head, pieces, exchange } of plans) {
            const bytes = expected(head, pieces);
            assert.ok(exchange.all(bytes.length).equals(bytes), `round ${round}`);
            exchange.end(pool);
            exchange.close();
          }
          assert.equal(pool.lent, 0);
        }
      }));

    test('one transfer object serves one response after another', () =>
      withSource(50_000, source => {
        const { output, pool } = make();
        const exchange = new Exchange(output, smallest);
        const whole: Buffer[] = [];
        for (let round = 0; round < 5; round++) {
          const pieces = [source.piece(round, 40_000), memory(round * 9000, 'm')];
          exchange.transfer.begin(`head ${round}`, pieces, { ...limits, bufferSize: 1000 + round });
          assert.equal(exchange.finish(), Progress.Done);
          whole.push(expected(`head ${round}`, pieces));
          assert.equal(exchange.transfer.bytesSent, whole[round].length);
          exchange.end(pool);
        }
        const bytes = Buffer.concat(whole);
        assert.ok(exchange.all(bytes.length).equals(bytes));
        exchange.close();
      }));
  });

  describe(`${name}: failures`, () => {
    const call = name === 'sendfile' ? 'sendfile' : 'pread64';

    test('a file that has become shorter', () =>
      withSource(100_000, source => {
        const { output, pool } = make();
        const exchange = new Exchange(output, smallest);
        exchange.transfer.begin('head', [source.piece(0, 100_000)], { ...limits, bufferSize: 10_000 });
        assert.equal(exchange.step(), Progress.Full);
        truncateSync(source.path, 60_000);
        assert.equal(exchange.finish(), Progress.Failed);
        const { failedCall, error, fileOffset } = exchange.transfer;
        assert.deepEqual([failedCall, error, fileOffset], [call, 0, 60_000]);
        exchange.end(pool);
        assert.equal(pool.lent, 0);
        exchange.close();
      }));

    test('a descriptor that is none', () => {
      const { output } = make();
      const exchange = new Exchange(output);
      exchange.transfer.begin(
        '',
        [{ file: { fd: -1, path: '/none', hold() {}, release() {} }, offset: 0, length: 1 }],
        limits,
      );
      assert.equal(exchange.finish(), Progress.Failed);
      assert.deepEqual([exchange.transfer.failedCall, exchange.transfer.error], [call, EBADF]);
      exchange.close();
    });

    for (const [part, writes] of [
      ['file', name === 'sendfile' ? 'sendfile' : 'writev'],
      ['memory', 'writev'],
    ]) {
      test(`a client that has gone, in ${part}`, () =>
        withSource(2000, source => {
          const { output, pool } = make();
          const exchange = new Exchange(output);
          setLingerReset(exchange.client);
          close(exchange.client);
          waitFor(exchange.transfer.fd, EPOLLIN);
          const piece = part === 'file' ? source.piece(0, 2000) : memory(2000, 'm');
          exchange.transfer.begin('', [piece], limits);
          assert.equal(exchange.step(), Progress.Failed);
          const { failedCall, error } = exchange.transfer;
          assert.equal(failedCall, writes);
          assert.ok(error === EPIPE || error === ECONNRESET, String(error));
          exchange.end(pool);
          assert.equal(pool.lent, 0);
          close(exchange.transfer.fd);
        }));
    }
  });
}
