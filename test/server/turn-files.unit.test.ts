/** Files that stay open until a turn of the loop ends. */
import assert from 'node:assert/strict';
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { describe, test } from 'node:test';
import { ENOENT } from '../../native/errno.js';
import { noteArrival } from '../../src/server/arrivals.js';
import { type FileCacheSettings, Files, type ServedFile } from '../../src/server/files.js';
import { inFolder } from '../native/support.js';
import { FakeTurn } from './fake-turn.js';

const none: FileCacheSettings = { cache: null, valid: 0, minUses: 1, errors: false, readAhead: false };

function descriptorsOn(folder: string): number {
  const open = readdirSync('/proc/self/fd').filter(fd => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).startsWith(folder);
    } catch {
      // the descriptor that this folder itself was read with
      return false;
    }
  });
  return open.length;
}

/** A turn with more events to come, and a file. */
function scene(
  name: string,
  play: (turn: FakeTurn, open: (path: string, arrival?: number) => ServedFile, folder: string) => void,
): void {
  test(name, () => {
    inFolder(folder => {
      const turn = new FakeTurn();
      const files = new Files(turn.loop);
      turn.hasMoreEvents = true;
      writeFileSync(`${folder}/a`, 'text');
      const open = (path: string, arrival?: number) => {
        const file = files.open(path, none, 0, false, arrival);
        assert.ok(typeof file !== 'number', String(file));
        return file;
      };
      play(turn, open, folder);
      turn.end();
      assert.equal(descriptorsOn(folder), 0, 'descriptors are left open');
    });
  });
}

describe('within a turn', () => {
  scene('a file is opened once, and closed when the turn ends', (turn, open, folder) => {
    const first = open(`${folder}/a`);
    first.release();
    const second = open(`${folder}/a`);
    assert.equal(second, first);
    assert.equal(descriptorsOn(folder), 1);
    turn.end();
    assert.equal(descriptorsOn(folder), 1, 'its user still reads from it');
    second.release();
    assert.equal(descriptorsOn(folder), 0);
  });

  scene('the last event keeps nothing', (turn, open, folder) => {
    turn.hasMoreEvents = false;
    open(`${folder}/a`).release();
    assert.equal(descriptorsOn(folder), 0);
  });

  const changes: Readonly<Record<string, (path: string) => void>> = {
    replaced: path => {
      writeFileSync(`${path}.new`, 'text');
      renameSync(`${path}.new`, path);
    },
    'made shorter': path => truncateSync(path, 1),
    'given other rights': path => {
      chmodSync(path, 0o600);
    },
  };
  for (const [what, change] of Object.entries(changes)) {
    scene(`a file that was ${what} is opened anew`, (_, open, folder) => {
      const first = open(`${folder}/a`);
      change(`${folder}/a`);
      const second = open(`${folder}/a`);
      assert.notEqual(second, first);
      assert.equal(open(`${folder}/a`), second);
      for (const file of [first, second, second]) file.release();
    });
  }

  scene('what was seen after a request had come holds for it', (_, open, folder) => {
    const [one, two] = [noteArrival(), noteArrival()];
    const first = open(`${folder}/a`, one);
    chmodSync(`${folder}/a`, 0o600);
    const second = open(`${folder}/a`, two);
    assert.equal(second, first);
    const third = open(`${folder}/a`, noteArrival());
    assert.notEqual(third, first);
    // and so does what is seen when it is looked at again
    const four = noteArrival();
    assert.equal(open(`${folder}/a`), third);
    chmodSync(`${folder}/a`, 0o644);
    assert.equal(open(`${folder}/a`, four), third);
    for (const file of [first, second, third, third, third]) file.release();
  });

  test('a file that was removed is not there', () => {
    inFolder(folder => {
      const turn = new FakeTurn();
      turn.hasMoreEvents = true;
      const files = new Files(turn.loop);
      writeFileSync(`${folder}/a`, 'text');
      (files.open(`${folder}/a`, none, 0) as ServedFile).release();
      rmSync(`${folder}/a`);
      assert.equal(files.open(`${folder}/a`, none, 0), -ENOENT);
      assert.equal(files.failedCall, 'open');
      mkdirSync(`${folder}/a`);
      const found = files.open(`${folder}/a`, none, 0) as ServedFile;
      assert.ok(found.isDirectory);
      found.release();
      turn.end();
      assert.equal(descriptorsOn(folder), 0);
    });
  });

  scene('32 files stay open, and no more', (turn, open, folder) => {
    for (let i = 0; i < 40; i++) {
      writeFileSync(`${folder}/${i}`, '');
      open(`${folder}/${i}`).release();
    }
    assert.equal(descriptorsOn(folder), 32);
    turn.end();
    assert.equal(descriptorsOn(folder), 0);
  });
});
