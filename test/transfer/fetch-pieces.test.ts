import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Piece, Pieces, pieceSizes } from '../../src/transfer/fetch/pieces.js';
import { RangeSet } from '../../src/transfer/ranges.js';

const mebi = 1024 * 1024;

/** Takes all pieces in turn, as streams of the same speed do. */
function all(pieces: Pieces): Piece[] {
  const taken: Piece[] = [];
  for (let piece = pieces.take(0); piece !== null; piece = pieces.take(0)) taken.push(piece);
  return taken;
}

function finish(pieces: Pieces, piece: Piece): void {
  piece.at = piece.end;
  pieces.finish(piece);
}

describe('pieces', () => {
  test('to one stream: all that lies together', () => {
    const missing = [
      { start: 5, end: 10 },
      { start: 20, end: 10_000 * mebi },
    ];
    const taken = all(new Pieces(missing, 1));
    assert.deepEqual(
      taken.map(({ start, end }) => ({ start, end })),
      missing,
    );
  });

  for (const streams of [2, 8, 64]) {
    for (const size of [1, mebi, 10 * mebi + 7, 3_000 * mebi + 12_345]) {
      test(`to ${streams} streams: all of ${size} bytes, once, and in pieces that get smaller`, () => {
        const taken = all(new Pieces([{ start: 0, end: size }], streams));
        const found = new RangeSet();
        for (const { start, end } of taken) {
          assert.ok(start === found.prefix && end > start);
          found.add(start, end);
        }
        assert.equal(found.prefix, size);
        const lengths = taken.map(({ start, end }) => end - start);
        assert.ok(Math.max(...lengths) <= pieceSizes.most);
        for (const length of lengths.slice(0, -1)) assert.ok(length >= pieceSizes.least);
        assert.ok(lengths.length <= 64 + streams * 20, `${lengths.length} pieces`);
      });
    }
  }

  test('an answer that is there already is the first of them', () => {
    const pieces = new Pieces([{ start: 0, end: 9 * mebi }], 2);
    assert.equal(pieces.takeFrom({ start: 1, end: 5 }, 0), null);
    const { start, end } = pieces.takeFrom({ start: 0, end: 4_000_001 }, 0) as Piece;
    assert.deepEqual([start, end], [0, 4_000_001]);
    assert.equal(pieces.take(0)?.start, 4_000_001);
  });

  test('what has not come of one goes to the next who asks', () => {
    const pieces = new Pieces([{ start: 0, end: 20 * mebi }], 4);
    const [first, second, ...rest] = all(pieces) as [Piece, Piece, ...Piece[]];
    first.at += 1000;
    pieces.giveBack(second);
    pieces.giveBack(first);
    assert.equal(pieces.isDone, false);
    const again = all(pieces);
    assert.equal(again[0].start, 1000);
    assert.equal(again.at(-1)?.end, second.end);
    assert.equal(pieces.isDone, false);
    for (const piece of [...rest, ...again]) finish(pieces, piece);
    assert.equal(pieces.isDone, true);
  });

  test('half of what takes long goes to a stream that has nothing to do', () => {
    const pieces = new Pieces([{ start: 0, end: 4 * mebi }], 2);
    const [slow, quick] = all(pieces) as [Piece, Piece];
    finish(pieces, quick);
    assert.equal(pieces.share(100), null, 'nobody knows yet that it is slow');
    slow.at += 200_000;
    const half = pieces.share(1000) as Piece;
    assert.equal(half.start, slow.end);
    assert.equal(half.end, 2 * mebi);
    assert.ok(half.start > slow.at);
    finish(pieces, half);
    finish(pieces, slow);
    assert.equal(pieces.isDone, true);
  });

  test('nearly all that a connection has left that hardly moves goes to another one', () => {
    const pieces = new Pieces([{ start: 0, end: 4 * mebi }], 2);
    const [stuck, quick] = all(pieces) as [Piece, Piece];
    stuck.at += 10;
    finish(pieces, quick);
    for (let half = pieces.share(10_000); half !== null; half = pieces.share(10_000)) {
      assert.equal(half.start, stuck.end);
      finish(pieces, half);
    }
    assert.equal(stuck.end - stuck.at, 1);
  });

  test('what comes soon is not shared', () => {
    const pieces = new Pieces([{ start: 0, end: mebi }], 2);
    const [piece] = all(pieces) as [Piece];
    piece.at = 800_000;
    assert.equal(pieces.share(1000), null, 'it is done in a quarter of a second');
    assert.notEqual(pieces.share(4000), null);
  });

  test('of a file of which nobody knows the end', () => {
    const pieces = new Pieces([{ start: 0, end: Number.POSITIVE_INFINITY }], 1);
    const piece = pieces.take(0) as Piece;
    assert.equal(piece.end, Number.POSITIVE_INFINITY);
    pieces.finish(piece);
    assert.equal(pieces.isDone, true);
  });
});
