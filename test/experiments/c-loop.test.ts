import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { CLoop, type CLoopOptions, findCLoop } from '../../src/experiments/c-loop.js';
import { inFolderAsync } from '../native/support.js';
import { content } from '../transfer/paths/support.js';

const execute = promisify(execFile);
const signal = new AbortController().signal;
const timeout = 60_000;

const found = await findCLoop();

describe('the C loop', { skip: typeof found === 'string' ? found : false }, () => {
  let loop: CLoop;
  before(() => {
    assert.ok(found instanceof CLoop);
    loop = found;
  });
  after(() => loop.remove());

  const bytes = content(3_000_001);
  const common = { mode: 'sendfile', offset: 'moving', block: 131_072, size: bytes.length } as const;

  for (const mode of ['sendfile', 'read-write'] as const) {
    for (const sink of ['discard', 'memory', 'store-rw', 'store-splice'] as const) {
      test(`sends by ${mode}, and takes by ${sink}`, () =>
        inFolderAsync(async folder => {
          writeFileSync(`${folder}/sent`, bytes);
          const stores = sink.startsWith('store');
          const options: CLoopOptions = {
            ...{ ...common, path: `${folder}/sent`, mode, sink, sndbuf: 100_000, rcvbuf: 100_000 },
            ...(stores ? { output: `${folder}/taken` } : {}),
          };
          const figures = await loop.run(options, timeout, signal);
          assert.equal(figures.bytes, bytes.length);
          assert.ok(figures.seconds > 0 && figures.gbps > 0);
          const { senderUser, senderSystem, receiverUser, receiverSystem } = figures;
          for (const cost of [senderUser, senderSystem, receiverUser, receiverSystem]) assert.ok(cost >= 0);
          if (stores) assert.ok(readFileSync(`${folder}/taken`).equals(bytes));
        }));
    }

    test(`sends the first block again and again by ${mode}`, () =>
      inFolderAsync(async folder => {
        writeFileSync(`${folder}/sent`, bytes);
        const output = `${folder}/taken`;
        const options = {
          ...common,
          path: `${folder}/sent`,
          mode,
          offset: 'fixed',
          block: 5000,
          sink: 'store-rw',
          output,
        } as const;
        await loop.run({ ...options, size: 1_000_001 }, timeout, signal);
        const blocks = Buffer.concat(new Array(201).fill(bytes.subarray(0, 5000)));
        assert.ok(readFileSync(output).equals(blocks.subarray(0, 1_000_001)));
      }));
  }

  test('says what is wrong', () =>
    inFolderAsync(async folder => {
      writeFileSync(`${folder}/sent`, bytes);
      const run = (own: Partial<CLoopOptions>) =>
        loop.run({ ...common, path: `${folder}/sent`, ...own }, timeout, signal);
      await assert.rejects(run({ size: bytes.length + 1 }), /ends after 3000001 bytes/);
      await assert.rejects(run({ path: `${folder}/none` }), /none: No such file or directory/);
      await assert.rejects(run({ sink: 'store-rw' }), /--output goes with a sink that stores/);
    }));

  test('is warning-free, and gone when it is removed', async () => {
    const own = await findCLoop();
    assert.ok(own instanceof CLoop);
    assert.equal(existsSync(own.program), true);
    own.remove();
    assert.equal(existsSync(own.program), false);
    const { source, compiler } = own;
    await execute(compiler, ['-O2', '-Wall', '-Wextra', '-Werror', '-fsyntax-only', source]);
  });
});

test('without a compiler there is a reason', async () => {
  assert.match(
    String(await findCLoop(signal, '/nowhere')),
    /^no loop in C: no compiler is installed \(cc, gcc or clang\)$/,
  );
});
