import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { view } from 'koffi';
import { EPOLL_CTL_ADD, EPOLLIN, EventList, epollControl, epollCreate } from '../../native/epoll.js';
import { eventfd, eventfdSignal, eventfdTake } from '../../native/eventfd.js';
import { close, openAt, pread } from '../../native/file.js';
import { addressOf, cString, Int64Cell, IntCell, MemoryBlock } from '../../native/memory.js';

setFlagsFromString('--expose_gc');
const collect = runInNewContext('gc') as () => void;

/** Has V8 move what it may move: garbage among the living, and full collections. */
function shake(): void {
  for (let round = 0; round < 3; round++) {
    const garbage = Array.from({ length: 2000 }, (_, i) => new Uint8Array(i % 128));
    assert.equal(garbage.length, 2000);
    collect();
  }
}

test('addresses hold across collections, whatever the size, while the kernel writes', () => {
  const blocks = [1, 8, 63, 64, 65, 4096, 1 << 20].map(size => new MemoryBlock(size));
  const cells = [new Int64Cell(), new Int64Cell()];
  const ints = [new IntCell(), new IntCell()];
  const zero = openAt('/proc/self/exe', 0);
  for (let round = 0; round < 3; round++) {
    shake();
    for (const block of blocks) {
      block.bytes.fill(0);
      const expected = Buffer.alloc(Math.min(block.size, 4));
      expected.write('\x7fELF', 'latin1');
      assert.equal(pread(zero, block.address, expected.length, 0), expected.length);
      assert.ok(block.bytes.subarray(0, expected.length).equals(expected), `${block.size} bytes`);
      assert.equal(addressOf(block.bytes), block.address);
    }
    for (const [index, cell] of cells.entries()) {
      cell.value = 2 ** 40 + index;
      assert.equal(Buffer.from(view(cell.address, 8)).readBigUInt64LE(), BigInt(2 ** 40 + index));
    }
    for (const [index, cell] of ints.entries()) {
      Buffer.from(view(cell.address, 4)).writeInt32LE(-index - 1);
      assert.equal(cell.value, -index - 1);
    }
  }
  close(zero);
});

test('the event list and the eventfd counter hold as well', () => {
  const epoll = epollCreate();
  const fd = eventfd();
  const events = new EventList(1);
  epollControl(epoll, EPOLL_CTL_ADD, fd, EPOLLIN, 77);
  for (let round = 1; round < 4; round++) {
    shake();
    for (let i = 0; i < round; i++) eventfdSignal(fd);
    assert.equal(events.wait(epoll, 0), 1);
    assert.deepEqual([events.fd(0), events.generation(0)], [fd, 77]);
    assert.equal(eventfdTake(fd), round);
  }
  close(fd);
  close(epoll);
});

test('64-bit cells keep numbers up to 2^53', () => {
  const cell = new Int64Cell();
  for (const value of [0, 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 40 + 5, Number.MAX_SAFE_INTEGER]) {
    cell.value = value;
    assert.equal(cell.value, value);
  }
});

test('an address of a part is that of its first byte', () => {
  const block = new MemoryBlock(4096);
  assert.equal(addressOf(block.bytes.subarray(100)), block.address + 100);
  assert.equal(addressOf(Buffer.from(block.bytes.buffer, 3, 5)), block.address + 3);
});

test('C strings end where they should', () => {
  const read = (text: string) => Buffer.from(view(cString(text), text.length + 1)).toString('latin1');
  assert.equal(read('a longer one'), 'a longer one\0');
  assert.equal(read('short'), 'short\0');
  assert.equal(read(''), '\0');
  assert.equal(read('\xe4\xff'), '\xe4\xff\0');
  assert.equal(read('x'.repeat(8191)), `${'x'.repeat(8191)}\0`);
  assert.equal(cString('x'.repeat(8192)), -1);
  assert.equal(cString('a\0b'), -1);
});
