import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import { describe, test } from 'node:test';
import { close } from '../../native/file.js';
import { parseState, stateText } from '../../src/transfer/part/state.js';
import { PartFile } from '../../src/transfer/part-file.js';
import { inFolder } from '../native/support.js';
import { anew, breakOff, contents, failure, identity, put, resuming } from './part-support.js';

describe('resuming', () => {
  test('goes on with what is there', () => {
    inFolder(folder => {
      breakOff(`${folder}/f`);
      for (let again = 0; again < 2; again++) {
        const part = PartFile.open(`${folder}/f`, resuming);
        assert.deepEqual(part.done.toArray(), [
          { start: 0, end: 4 },
          { start: 6, end: 8 },
        ]);
        assert.equal(part.restarted, undefined);
        part.keep();
      }
      const part = PartFile.open(`${folder}/f`, resuming);
      put(part, 4, 'ef');
      put(part, 8, 'ij');
      part.commit(10, { fsync: false });
      assert.deepEqual(contents(folder), { f: 'abcdefghij' });
    });
  });

  test('of what turned out to be wrong nothing comes back', () => {
    inFolder(folder => {
      breakOff(`${folder}/f`);
      const part = PartFile.open(`${folder}/f`, resuming);
      part.forget({ start: 1, end: 7 });
      // as a kill leaves it: the lock goes, and nothing is said
      close(part.fd);
      const { done } = PartFile.open(`${folder}/f`, resuming);
      assert.deepEqual(done.toArray(), [
        { start: 0, end: 1 },
        { start: 7, end: 8 },
      ]);
    });
  });

  test('with nothing there is a beginning like any other', () => {
    inFolder(folder => {
      const part = PartFile.open(`${folder}/f`, resuming);
      assert.equal(part.restarted, undefined);
      assert.equal(part.done.bytes, 0);
    });
  });

  test('without being asked for, what is there goes', () => {
    inFolder(folder => {
      breakOff(`${folder}/f`);
      const part = PartFile.open(`${folder}/f`, anew);
      assert.equal(part.done.bytes, 0);
      assert.equal(part.restarted, undefined);
      assert.deepEqual(contents(folder), { '.f.zc-part': '' });
    });
  });

  const state = (folder: string) => `${folder}/.f.zc-state`;
  const otherwise: readonly [string, string, Partial<typeof identity>, (folder: string) => void][] = [
    ['another version', 'another version of the file now', { version: 'v2' }, () => {}],
    ['another size', 'another version of the file now', { size: 11 }, () => {}],
    ['a version that nobody knows', 'does not say which version', { version: '' }, () => {}],
    ['no state', 'nothing says which bytes', {}, folder => fs.rmSync(state(folder))],
    ['an empty state', 'cannot be read', {}, folder => fs.truncateSync(state(folder))],
    ['half a state', 'cannot be read', {}, folder => fs.truncateSync(state(folder), 40)],
    ['garbage', 'cannot be read', {}, folder => fs.writeFileSync(state(folder), Buffer.alloc(5000, 0xa5))],
    ['a state of another kind', 'cannot be read', {}, folder => fs.writeFileSync(state(folder), '{"ranges":[[0,4]]}')],
    [
      'a folder for a state',
      'cannot be read',
      {},
      folder => {
        fs.rmSync(state(folder));
        fs.mkdirSync(state(folder));
      },
    ],
    ['a part that was cut', 'less of it is there', {}, folder => fs.truncateSync(`${folder}/.f.zc-part`, 7)],
    ['a part that is gone', 'less of it is there', {}, folder => fs.rmSync(`${folder}/.f.zc-part`)],
    [
      'bytes beyond the end',
      'less of it is there',
      {},
      folder => {
        const ranges = [{ start: 0, end: 11 }];
        fs.truncateSync(`${folder}/.f.zc-part`, 20);
        fs.writeFileSync(state(folder), stateText({ identity, ranges }));
      },
    ],
  ];
  for (const [what, reason, changed, spoil] of otherwise) {
    test(`with ${what} it begins anew, and says why`, () => {
      inFolder(folder => {
        breakOff(`${folder}/f`);
        spoil(folder);
        if (what.startsWith('a folder')) {
          // which is nothing of ours, so it is not removed
          assert.throws(() => PartFile.open(`${folder}/f`, resuming), failure('store', 'Is a directory'));
          return;
        }
        const part = PartFile.open(`${folder}/f`, { ...resuming, identity: { ...identity, ...changed } });
        assert.match(part.restarted ?? '', new RegExp(reason));
        assert.equal(part.done.bytes, 0);
        assert.deepEqual(contents(folder), { '.f.zc-part': '' });
      });
    });
  }

  test('a size that one of the two did not know is no other version', () => {
    inFolder(folder => {
      breakOff(`${folder}/f`, { ...anew, identity: { size: null, version: 'v1' } });
      const part = PartFile.open(`${folder}/f`, resuming);
      assert.equal(part.done.bytes, 6);
    });
  });
});

test('a state is read as it was written; anything else is none', () => {
  const ranges = [
    { start: 0, end: 5 },
    { start: 2 ** 40, end: 2 ** 40 + 1 },
  ];
  for (const its of [identity, { size: null, version: 'W/"\xff\u20ac"' }]) {
    assert.deepEqual(parseState(stateText({ identity: its, ranges })), { identity: its, ranges });
  }
  const good = { format: 'zerocopy part 1', size: 10, version: 'v', ranges: [[0, 5]] };
  assert.notEqual(parseState(JSON.stringify(good)), null);
  for (const wrong of [
    { format: 'zerocopy part 2' },
    { size: -1 },
    { size: '10' },
    { version: 1 },
    { ranges: {} },
    { ranges: [[0, 5, 6]] },
    { ranges: [[5, 5]] },
    { ranges: [[5, 4]] },
    { ranges: [[-1, 4]] },
    { ranges: [[0, 1.5]] },
    { ranges: [[0, '5']] },
    { ranges: [0, 5] },
  ]) {
    assert.equal(parseState(JSON.stringify({ ...good, ...wrong })), null, JSON.stringify(wrong));
  }
  for (const text of ['', 'null', '5', '[]', '{']) assert.equal(parseState(text), null, text);
});
