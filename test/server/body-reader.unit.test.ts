import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { RequestHead } from '../../src/http/request-head.js';
import { BodyReader } from '../../src/server/body-reader.js';

function begun(fields: { contentLength?: number; chunked?: boolean } | null): BodyReader {
  const reader = new BodyReader();
  reader.begin(
    fields === null ? null : Object.assign(new RequestHead(), { contentLength: -1, chunked: false }, fields),
  );
  return reader;
}

/** Feeds bytes in pieces of `step`; gives how many were used in all. */
function feed(reader: BodyReader, content: string, step: number): number {
  const bytes = Buffer.from(`..${content}`, 'latin1');
  let at = 2;
  while (at < bytes.length && reader.isPending) {
    const end = Math.min(bytes.length, at + step);
    const used = reader.consume(bytes, at, end);
    assert.ok(used >= 0 && used <= end - at);
    at += used;
    if (used < end - (at - used)) break;
  }
  return at - 2;
}

const state = (reader: BodyReader) => [reader.isPending, reader.isBroken, reader.bytesRead];

describe('the end of a body', () => {
  test('is where it begins when there is none', () => {
    for (const fields of [null, {}, { contentLength: 0 }]) {
      const reader = begun(fields);
      assert.equal(reader.consume(Buffer.from('GET /'), 0, 5), 0);
      assert.deepEqual(state(reader), [false, false, 0]);
    }
  });

  for (const step of [1, 2, 3, 7, 1000]) {
    test(`is found by its length, in pieces of ${step}`, () => {
      const reader = begun({ contentLength: 10 });
      assert.equal(feed(reader, '012345678', step), 9);
      assert.deepEqual(state(reader), [true, false, 9]);
      assert.equal(feed(reader, '9GET / HTTP/1.1', step), 1);
      assert.deepEqual(state(reader), [false, false, 10]);
    });

    test(`is found behind its chunks, in pieces of ${step}`, () => {
      const reader = begun({ chunked: true });
      const body = '5\r\nhello\r\n1a;x=y\r\nabcdefghijklmnopqrstuvwxyz\r\n0\r\nTrailer: t\r\n\r\n';
      assert.equal(feed(reader, body.slice(0, -1), step), body.length - 1);
      assert.deepEqual(state(reader), [true, false, body.length - 1]);
      assert.equal(feed(reader, '\nGET / HTTP/1.1', step), 1);
      assert.deepEqual(state(reader), [false, false, body.length]);
    });

    test(`is nowhere when chunks break the rules, in pieces of ${step}`, () => {
      const reader = begun({ chunked: true });
      feed(reader, '5\r\nhello!\r\n', step);
      assert.deepEqual([reader.isPending, reader.isBroken], [false, true]);
      assert.equal(reader.consume(Buffer.from('more'), 0, 4), 0);
    });
  }

  test('is beyond 4 GiB', () => {
    const reader = begun({ contentLength: 5 * 2 ** 30 });
    const bytes = Buffer.alloc(64 * 1024);
    for (let left = (5 * 2 ** 30) / bytes.length; left > 0; left--) {
      assert.equal(reader.isPending, true);
      assert.equal(reader.consume(bytes, 0, bytes.length), bytes.length);
    }
    assert.deepEqual(state(reader), [false, false, 5 * 2 ** 30]);
  });

  test('does not matter when all is dropped', () => {
    for (const fields of [{}, { contentLength: 3 }, { chunked: true }]) {
      const reader = begun(fields);
      if ('chunked' in fields) feed(reader, 'bad', 3);
      reader.dropAll();
      assert.equal(reader.consume(Buffer.alloc(1000), 100, 1000), 900);
      assert.deepEqual([reader.isPending, reader.isBroken], [true, false]);
      reader.fail();
      assert.deepEqual([reader.isPending, reader.isBroken], [false, true]);
    }
  });

  test('of the next request is another one', () => {
    const reader = begun({ chunked: true });
    feed(reader, 'bad', 3);
    reader.begin(Object.assign(new RequestHead(), { contentLength: 2, chunked: false }));
    assert.deepEqual(state(reader), [true, false, 0]);
    assert.equal(reader.consume(Buffer.from('abc'), 0, 3), 2);
    assert.deepEqual(state(reader), [false, false, 2]);
  });
});
