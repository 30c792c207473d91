import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { DatagramHeader, headerSize, shortToken, writeHeader } from '../../../src/transfer/udp/header.js';

const token = shortToken('00000001fedcba98ffffffffffffffff');

/** A header as bytes, and as it is read again. */
function written(file: number, sequence: number, offset: number, time: number): DataView {
  const words = new Uint32Array((2 * headerSize) / 4);
  writeHeader(words, 1, token, file, sequence, offset, time);
  assert.ok(
    new Uint8Array(words.buffer, 0, headerSize).every(byte => byte === 0),
    'the neighbour is left alone',
  );
  return new DataView(words.buffer, headerSize);
}

describe('the header of a datagram', () => {
  test('comes back as it was written', () => {
    const largest = Number.MAX_SAFE_INTEGER;
    for (const [file, sequence, offset, time] of [
      [0, 0, 0, 0],
      [1, 2, 3, 4],
      [99_999, 2 ** 32 - 1, 2 ** 32, 2 ** 32 + 1],
      [2 ** 32 - 1, largest, largest, largest],
    ]) {
      const header = new DatagramHeader();
      assert.ok(header.read(written(file, sequence, offset, time), 0, headerSize + 1));
      assert.deepEqual(
        { ...header },
        { file, sequence, offset, time, low: 1, high: 0xfedcba98 },
        `${file} ${sequence} ${offset} ${time}`,
      );
    }
  });

  test('has its fields where they are said to be', () => {
    const view = written(7, 0x1_0000_0002, 0x3_0000_0004, 0x5_0000_0006);
    const words = Array.from({ length: headerSize / 4 }, (_, at) => view.getUint32(4 * at, true));
    assert.deepEqual(words, [0x3155635a, 7, 1, 0xfedcba98, 2, 1, 4, 3, 6, 5]);
    assert.equal(Buffer.from(view.buffer, headerSize, 4).latin1Slice(), 'ZcU1');
  });

  test('may stand at any place', () => {
    const bytes = new Uint8Array(headerSize + 3);
    bytes.set(new Uint8Array(written(1, 2, 3, 4).buffer, headerSize), 3);
    const header = new DatagramHeader();
    assert.ok(header.read(new DataView(bytes.buffer), 3, 100));
    assert.deepEqual([header.file, header.sequence, header.offset, header.time], [1, 2, 3, 4]);
  });

  const header = new DatagramHeader();
  test('is none where there is nothing behind it, or less than it', () => {
    const view = written(1, 2, 3, 4);
    for (const length of [0, 1, headerSize - 1, headerSize]) assert.ok(!header.read(view, 0, length), `${length}`);
  });

  test('is none where it begins with something else', () => {
    const view = written(1, 2, 3, 4);
    view.setUint8(3, 0x32);
    assert.ok(!header.read(view, 0, 1000));
  });

  test('is none where a number is too large to be exact', () => {
    for (const at of [16, 24, 32]) {
      const view = written(1, 2, 3, 4);
      view.setUint32(at + 4, 0x20_0000, true);
      assert.ok(!header.read(view, 0, 1000), `at ${at}`);
      view.setUint32(at + 4, 0xffff_ffff, true);
      assert.ok(!header.read(view, 0, 1000), `at ${at}`);
    }
  });
});
