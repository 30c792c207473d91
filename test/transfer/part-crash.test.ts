/** A part whose process is killed, and one that several processes want. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { ended, gather, start } from '../../src/tools/children.js';
import { PartFile } from '../../src/transfer/part-file.js';
import { inFolderAsync } from '../native/support.js';
import { streamIdentity } from './part-support.js';

const program = fileURLToPath(new URL('./part-writer.js', import.meta.url));
const size = 4 * 2 ** 20;

function run(what: string, target: string, number: number) {
  return start(process.execPath, [program, what, target, `${number}`], { stdio: ['ignore', 'pipe', 'inherit'] });
}

/** Runs the program, and kills it so many ms after it has begun to write. Gives what it said. */
async function kill(target: string, after: number): Promise<string> {
  const child = run('stream', target, size);
  const said = gather(child.stdout);
  const over = ended(child);
  if (child.stdout !== null) await Promise.race([once(child.stdout, 'data'), over]);
  await sleep(after);
  child.kill('SIGKILL');
  assert.equal(await over, -1, 'it ended by the signal');
  return said.text;
}

test('killed at any moment, what is said to be there is there', async () => {
  await inFolderAsync(async folder => {
    const target = `${folder}/f`;
    let had = 0;
    for (let round = 0; round < 12; round++) {
      const said = await kill(target, (round * 7) % 40);
      // one that was killed before its first state was saved leaves nothing to go on with, and the next one says so
      const begun = had > 0;
      assert.match(said, new RegExp(`^${had} ${begun ? '' : '.*'}\n`), 'it went on where the last one was');
      assert.deepEqual(
        readdirSync(folder).filter(name => !name.startsWith('.f.zc-')),
        [],
      );
      const part = PartFile.open(target, { resume: true, overwrite: false, identity: streamIdentity(size) });
      if (begun) assert.equal(part.restarted, undefined);
      assert.ok(part.done.bytes >= had);
      const bytes = readFileSync(part.path);
      for (const { start: from, end } of part.done.toArray()) {
        for (let at = from; at < end; at += 8) assert.equal(bytes.readDoubleLE(at), at / 8 + 1, `at ${at}`);
      }
      had = part.done.bytes;
      part.keep();
    }
    assert.ok(had > 0);
  });
});

test('of several processes that want one file, one at a time has it, and the file is whole at every moment', async () => {
  await inFolderAsync(async folder => {
    const target = `${folder}/f`;
    const rounds = 60;
    const children = Array.from({ length: 4 }, () => run('race', target, rounds));
    const said = children.map(child => gather(child.stdout));
    let seen = 0;
    let isOver = false;
    const over = Promise.all(children.map(ended)).finally(() => {
      isOver = true;
    });
    while (!isOver) {
      const content = contentOf(target);
      if (content !== undefined) {
        assert.equal(content.length, 64 * 1024);
        assert.ok(
          content.every(byte => byte === content[0]),
          'of one writer',
        );
        seen += 1;
      }
      await sleep(2);
    }
    assert.deepEqual(await over, [0, 0, 0, 0]);
    const counts = said.map(({ text }) => JSON.parse(text) as { committed: number; refused: number });
    for (const { committed, refused } of counts) assert.equal(committed + refused, rounds);
    assert.ok(counts.some(({ committed }) => committed > 0));
    assert.ok(seen > 0);
    assert.deepEqual(readdirSync(folder), ['f']);
  });
});

function contentOf(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}
