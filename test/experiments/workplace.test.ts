import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { after, describe, test } from 'node:test';
import { Lab, type LabSettings } from '../../src/experiments/lab.js';
import { defaultPlace, Workplace } from '../../src/experiments/workplace.js';

const parent = mkdtempSync(`${tmpdir()}/zerocopy-workplace-`);
after(() => rmSync(parent, { recursive: true, force: true }));

const MB = 2 ** 20;
const silent = () => {};

async function within(use: (place: Workplace) => Promise<void>): Promise<void> {
  const place = new Workplace(parent, false);
  try {
    await use(place);
  } finally {
    place.remove();
  }
  assert.ok(!existsSync(place.path));
}

test('the file has content that cannot be compressed, grows, and keeps what it had', () =>
  within(async place => {
    const percents: number[] = [];
    const first = await place.random(5 * MB, false, percent => percents.push(percent));
    assert.deepEqual(first, { name: 'recording.data', size: 5 * MB, sparse: false });
    assert.deepEqual(percents, [80, 100]);
    const before = readFileSync(place.file(first.name));
    assert.equal(before.length, 5 * MB);
    await place.random(9 * MB, false, silent);
    const later = readFileSync(place.file(first.name));
    assert.equal(later.length, 9 * MB);
    assert.ok(later.subarray(0, 5 * MB).equals(before));
    const packed = execFileSync('gzip', ['-c'], { input: later, maxBuffer: 64 * MB });
    assert.ok(packed.length > later.length * 0.99);
    const larger = await place.random(2 * MB, false, () => assert.fail('it is there already'));
    assert.equal(larger.size, 9 * MB);
    await place.warm(larger, 9 * MB);
    const cut = await place.random(2 * MB, true, () => assert.fail('it is there already'));
    assert.equal(cut.size, 2 * MB);
    assert.equal(statSync(place.file(cut.name)).size, 2 * MB);
  }));

test('a sparse file takes no room', () =>
  within(async place => {
    const { name, size, sparse } = place.sparse(100 * 2 ** 30);
    assert.ok(sparse);
    const status = statSync(place.file(name));
    assert.equal(status.size, size);
    assert.ok(status.blocks * 512 < MB);
  }));

test('programs find the folder, whatever its name is', async () => {
  const odd = Buffer.concat([Buffer.from(`${parent}/`), Buffer.from([0xff, 0xfe, 0x20, 0x78])]);
  mkdirSync(odd);
  const place = new Workplace(odd.toString('latin1'), false);
  try {
    place.sparse(MB);
    assert.equal(execFileSync('ls', { cwd: place.cwd, encoding: 'utf8' }), 'sparse-1M.data\n');
  } finally {
    place.remove();
  }
  assert.deepEqual(readdirSync(odd), []);
});

test('kept, if so wished', async () => {
  const place = new Workplace(parent, true);
  await place.random(MB, false, silent);
  place.remove();
  assert.deepEqual(readdirSync(place.path), ['recording.data']);
  rmSync(place.path, { recursive: true });
});

test('the default place is the first one with room, or the one with more', () => {
  const sizes: Record<string, number> = { [tmpdir()]: 10, [parent]: 20 };
  const room = (path: string) => sizes[path] ?? 0;
  assert.equal(defaultPlace(parent, 5, room), tmpdir());
  assert.equal(defaultPlace(parent, 15, room), parent);
  assert.equal(defaultPlace(parent, 50, room), parent);
  sizes[tmpdir()] = 30;
  assert.equal(defaultPlace(parent, 50, room), tmpdir());
});

describe('what does not fit the disk', () => {
  const settings: LabSettings = {
    size: 8 * MB,
    largeSize: 8 * MB,
    runs: 1,
    blockSize: 131_072,
    cold: false,
    cLoop: false,
  };
  const labWith = (place: Workplace, room: number) => new Lab(settings, place, silent, () => room);

  test('is a sparse file, not stored, and said to be', () =>
    within(async place => {
      const { file, stores, notes } = await labWith(place, 12 * MB).plan(8 * MB, true);
      assert.deepEqual(
        { file, stores },
        { file: { name: 'sparse-8M.data', size: 8 * MB, sparse: true }, stores: false },
      );
      assert.match(
        notes.join(),
        /8M to send and as much to store do not fit the disk \(12\.0 MB left\): .* memory only/,
      );
    }));

  test('only to be sent, it needs half of the room', () =>
    within(async place => {
      const plan = await labWith(place, 12 * MB).plan(8 * MB, false);
      assert.deepEqual(plan, {
        file: { name: 'recording.data', size: 8 * MB, sparse: false },
        bytes: 8 * MB,
        stores: false,
        notes: [],
      });
      // what is there needs no more room
      assert.equal((await labWith(place, 9 * MB).plan(8 * MB, true)).stores, true);
      assert.equal((await labWith(place, 8 * MB).plan(8 * MB, true)).stores, false);
    }));

  test('what is stored is cut to what fits', () =>
    within(async place => {
      const lab = labWith(place, 100 * MB);
      assert.equal(lab.fitting(90 * MB, false), 90 * MB);
      assert.equal(lab.fitting(97 * MB, false), 92 * MB);
      assert.equal(lab.fitting(90 * MB, true), 44 * MB);
      assert.throws(() => labWith(place, MB).fitting(90 * MB, true), /no room .*--dir/);
    }));
});
