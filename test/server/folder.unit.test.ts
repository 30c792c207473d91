/** Folders are read in turns, and let go of whenever that ends. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { FolderEntry, FolderFailure, Turns } from '../../src/modules/module.js';
import { type FolderQuestion, readFolder } from '../../src/server/folder.js';
import { TurnWork, type Wait } from '../../src/server/turns.js';
import { ThreadPool } from '../../src/threads/pool.js';

const many = 1000;
let dir = '';
let crowded = '';

before(() => {
  dir = mkdtempSync(join(tmpdir(), 'zerocopy-folder-'));
  crowded = join(dir, 'crowded');
  mkdirSync(crowded);
  for (let i = 0; i < many; i++) writeFileSync(join(crowded, `f${i}`), 'x'.repeat(i % 7));
  mkdirSync(join(dir, 'kinds/sub'), { recursive: true });
  writeFileSync(join(dir, 'kinds/file'), 'abc');
  writeFileSync(join(dir, 'kinds/.hidden'), '');
  symlinkSync('nowhere', join(dir, 'kinds/dangling'));
  symlinkSync('loop', join(dir, 'kinds/loop'));
  symlinkSync('file', join(dir, 'kinds/link'));
});
after(() => rmSync(dir, { recursive: true }));

function ask(
  path: string,
  more: Partial<FolderQuestion> = {},
): { work: Turns<FolderFailure | null>; found: FolderEntry[] } {
  const found: FolderEntry[] = [];
  const take = (entry: FolderEntry) => found.push(entry) > 0;
  return { work: readFolder({ path, kindsOnly: false, byThreads: false, take, leftOut: () => {}, ...more }), found };
}

/** Runs work to its end. @returns its result, and the most entries that one step has brought */
function run(work: Turns<FolderFailure | null>, found: FolderEntry[]): { result: FolderFailure | null; most: number } {
  let most = 0;
  for (;;) {
    const { length } = found;
    const { done, value } = work.next();
    most = Math.max(most, found.length - length);
    if (done) return { result: value as FolderFailure | null, most };
  }
}

function descriptors(): number {
  return readdirSync('/proc/self/fd').length;
}

describe('readFolder', () => {
  test('a large folder comes in steps of a few files', () => {
    const open = descriptors();
    const { work, found } = ask(crowded);
    const { result, most } = run(work, found);
    assert.equal(result, null);
    assert.deepEqual(found.map(({ name }) => name).sort(), readdirSync(crowded).sort());
    assert.ok(most <= 64, `${most} files were looked at in one step`);
    assert.equal(descriptors(), open);
  });

  test('given up half way, it closes the folder', () => {
    const open = descriptors();
    const { work } = ask(crowded);
    work.next();
    assert.equal(descriptors(), open + 1);
    work.return(null);
    assert.equal(descriptors(), open);
  });

  test('it ends when enough was heard', () => {
    const open = descriptors();
    let heard = 0;
    const { work } = ask(crowded, { take: () => ++heard < 5 });
    assert.equal(run(work, []).result, null);
    assert.equal(heard, 5);
    assert.equal(descriptors(), open);
  });

  test('links are followed, and shown themselves where they lead nowhere', () => {
    for (const kindsOnly of [false, true]) {
      const { work, found } = ask(join(dir, 'kinds'), { kindsOnly });
      run(work, found);
      const kinds = Object.fromEntries(found.map(({ name, kind }) => [name, kind]));
      assert.deepEqual(kinds, { dangling: 'other', file: 'file', link: 'file', loop: 'other', sub: 'folder' });
      assert.equal(found.find(({ name }) => name === 'link')?.size, 3);
    }
  });

  test('what is no folder, or not there', () => {
    for (const [name, errno] of [
      ['kinds/file', -20],
      ['nope', -2],
      ['x'.repeat(300), -36],
    ] as const) {
      const path = join(dir, name);
      const { work } = ask(path);
      assert.deepEqual(run(work, []).result, { call: 'opendir', path, errno });
    }
  });
});

describe('work in turns', () => {
  const pool = new ThreadPool('test', 1, 0);

  test('threads read a folder too, and the work waits for them', async () => {
    const { work, found } = ask(crowded, { byThreads: true });
    let wake = () => {};
    let turns = 0;
    function* whole(): Turns<number> {
      return (yield* work) === null ? 200 : 500;
    }
    const turn = new TurnWork(
      whole(),
      () => wake(),
      () => pool,
    );
    for (;;) {
      const woken = new Promise<void>(resolve => {
        wake = resolve;
      });
      const outcome = turn.step();
      turns += 1;
      if (outcome === 200) break;
      assert.equal(outcome, -1);
      await woken;
    }
    assert.equal(found.length, many);
    assert.ok(turns > many / 64);
    assert.equal(pool.running, 0);
  });

  test('given up while a thread has a job of it, it is ended when the thread is', async () => {
    let ended = false;
    let finish: (result: number) => void = () => {};
    const wait: Wait = wake => ({
      start: done => {
        finish = done;
      },
      ended: wake,
    });
    function* work(): Turns<number> {
      try {
        yield wait;
        return 200;
      } finally {
        ended = true;
      }
    }
    const turn = new TurnWork(
      work(),
      () => assert.fail('nobody waits for it'),
      () => pool,
    );
    assert.equal(turn.step(), -1);
    turn.cancel();
    assert.equal(ended, false);
    finish(0);
    assert.equal(ended, true);
  });

  test('given up while its job waits for a thread, it is ended at once, and the job is not begun', () => {
    const busy = new ThreadPool('busy', 1, 1);
    let finish: (result: number) => void = () => {};
    busy.submit({
      start: done => {
        finish = done;
      },
      ended: () => {},
    });
    let ended = false;
    function* work(): Turns<number> {
      try {
        yield (() => ({ start: () => assert.fail('nobody waits for it'), ended: () => {} })) satisfies Wait;
        return 200;
      } finally {
        ended = true;
      }
    }
    const turn = new TurnWork(
      work(),
      () => assert.fail('nobody waits for it'),
      () => busy,
    );
    assert.deepEqual([turn.step(), busy.waiting], [-1, 1]);
    turn.cancel();
    assert.deepEqual([ended, busy.waiting], [true, 0]);
    finish(0);
    assert.equal(busy.running, 0);
  });

  test('a pool that takes no more ends it', () => {
    const full = new ThreadPool('full', 0, 0);
    let ended = false;
    function* work(): Turns<number> {
      try {
        yield (() => ({ start: () => {}, ended: () => {} })) satisfies Wait;
        return 200;
      } finally {
        ended = true;
      }
    }
    assert.equal(
      new TurnWork(
        work(),
        () => {},
        () => full,
      ).step(),
      full,
    );
    assert.equal(ended, true);
  });
});
