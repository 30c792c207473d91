/** The small programs that the experiments run: the writer, the drain and Java, the copier. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { after, describe, test } from 'node:test';
import type { CopySpeeds } from '../../src/experiments/explain.js';
import { findJava, parseJavaTimes, runJava } from '../../src/experiments/java.js';
import { Lab } from '../../src/experiments/lab.js';
import {
  endWithin,
  finish,
  kill,
  lastWords,
  listeningPort,
  startOwn,
  startProgram,
} from '../../src/experiments/program.js';
import type { StoreFigures, StoreSettings } from '../../src/experiments/store-writer.js';
import { Workplace } from '../../src/experiments/workplace.js';
import { findProgram } from '../../src/tools/programs.js';

const folder = mkdtempSync(`${tmpdir()}/zerocopy-programs-`);
after(() => rmSync(folder, { recursive: true, force: true }));

const MB = 2 ** 20;
const limit = 60_000;

async function write(choice: Partial<StoreSettings>): Promise<StoreFigures> {
  const settings: StoreSettings = {
    path: 'w.data',
    bytes: 8 * MB,
    blockSize: 65_536,
    direct: false,
    interval: 0.001,
    ...choice,
  };
  return JSON.parse(await finish(startOwn('store-writer', [JSON.stringify(settings)], folder), limit)) as StoreFigures;
}

describe('the writer', () => {
  test('writes whole blocks, and counts them over time', async () => {
    const { bytes, seconds, syncSeconds, cpuSeconds, writes, intervals } = await write({ bytes: 8 * MB - 1 });
    assert.equal(bytes, 8 * MB);
    assert.equal(statSync(`${folder}/w.data`).size, 8 * MB);
    assert.equal(writes, 128);
    assert.ok(seconds > 0 && syncSeconds >= 0 && syncSeconds < seconds && cpuSeconds > 0);
    assert.equal(
      intervals.reduce((sum, each) => sum + each.bytes, 0),
      8 * MB,
    );
    assert.ok(intervals.every(({ start, end }, index) => end > start && start === (intervals[index - 1]?.end ?? 0)));
    const block = readFileSync(`${folder}/w.data`).subarray(0, 65_536);
    assert.notEqual(
      createHash('sha1').update(block).digest('hex'),
      createHash('sha1').update(Buffer.alloc(65_536)).digest('hex'),
    );
  });

  test('says which call the kernel refused', async () => {
    await assert.rejects(
      write({ path: 'missing/w.data' }),
      /store-writer .*open\(\) "missing\/w\.data" failed \(2: No such file/,
    );
  });

  test('writes past the page cache, or says why not', async () => {
    const outcome = await write({ direct: true }).catch((error: Error) => error.message);
    if (typeof outcome === 'string') assert.match(outcome, /with O_DIRECT failed \(22: /);
    else assert.equal(outcome.bytes, 8 * MB);
  });
});

describe('a program', () => {
  test('that fails is told of by its last words', async () => {
    const program = startProgram('sh', ['-c', 'echo "zerocopy: [emerg] no luck" >&2; exit 3'], folder);
    await assert.rejects(finish(program, limit), /sh -c .*: no luck$/);
    assert.equal(lastWords('a\nzerocopy: b\n\nc\nd\n'), 'b; c; d');
    assert.equal(lastWords('a\n{"listening":1}\n', 1), 'a');
  });

  test('that says nothing is told of by its exit code', async () => {
    await assert.rejects(finish(startProgram('sh', ['-c', 'exit 3'], folder), limit), /ended with code 3/);
    await assert.rejects(finish(startProgram(`${folder}/none`, [], folder), limit), /ended with code -1/);
  });

  test('that is late is ended', async () => {
    const program = startProgram('sleep', ['1000'], folder);
    assert.equal(await endWithin(program, 50), 'late');
    assert.equal(program.child.signalCode, 'SIGKILL');
  });

  test('that listens is found by its port; one that ends before is told of', async () => {
    const script =
      'const s = require("net").createServer().listen(0, "127.0.0.1", () => console.log(s.address().port))';
    const server = startProgram(process.execPath, ['-e', script], folder);
    const port = await listeningPort(server);
    await kill(server);
    assert.equal(String(port), server.output.text.trim());
    await assert.rejects(listeningPort(startProgram('sh', ['-c', 'echo busy >&2; exit 1'], folder)), /busy$/);
  });
});

test('the drain takes one connection after the other, and closes when the peer has done', async () => {
  const drain = startOwn('drain', [], folder);
  try {
    const port = await listeningPort(drain);
    for (let turn = 0; turn < 2; turn++) {
      const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
      socket.end(Buffer.alloc(3 * MB));
      const received: Buffer[] = [];
      for await (const part of socket) received.push(part as Buffer);
      assert.equal(Buffer.concat(received).length, 0);
      assert.equal(socket.bytesWritten, 3 * MB);
    }
  } finally {
    await kill(drain);
  }
});

test('the copier measures both ways', async () => {
  const speeds = JSON.parse(
    await finish(startOwn('copy-speed', ['65536', String(8 * MB), '0.02'], folder), limit),
  ) as CopySpeeds;
  assert.ok(speeds.fixed > 1e7 && speeds.moving > 1e7, JSON.stringify(speeds));
});

describe('Java', () => {
  const noJava = findProgram('java') === undefined ? 'java is not installed' : false;

  async function within(use: (lab: Lab) => Promise<void>): Promise<void> {
    const place = new Workplace(folder, false);
    try {
      const settings = { size: 8 * MB, largeSize: 8 * MB, runs: 1, blockSize: 65_536, cold: false, cLoop: false };
      await use(new Lab(settings, place, () => {}));
    } finally {
      place.remove();
    }
    assert.ok(!existsSync(place.path));
  }

  test('sends both ways, and gives the milliseconds', { skip: noJava }, () =>
    within(async lab => {
      const { file } = await lab.plan(8 * MB, false);
      const java = await findJava(lab);
      assert.ok(!('missing' in java), JSON.stringify(java));
      assert.match(java.version, /version/);
      const tasks = [
        { bytes: 3 * MB, mode: 'copy' },
        { bytes: 3 * MB, mode: 'transferTo' },
        { bytes: 8 * MB, mode: 'transferTo' },
      ] as const;
      const times = await runJava(lab, java, file.name, 65_536, tasks);
      assert.deepEqual(
        times.map(({ bytes, mode }) => ({ bytes, mode })),
        tasks,
      );
      assert.ok(times.every(({ milliseconds }) => milliseconds > 0));
      await assert.rejects(
        runJava(lab, java, file.name, 65_536, [{ bytes: 9 * MB, mode: 'copy' }]),
        /the file ends after 8388608/,
      );
    }),
  );

  test('is left out with a reason where there is none', () =>
    within(async lab => {
      const java = await findJava(lab, '/nonexistent');
      assert.ok('missing' in java);
      assert.match(java.missing, /^java is not installed/);
    }));

  test('its lines are read', () => {
    assert.deepEqual(parseJavaTimes('7340032 copy 1.670\nnoise\n7340032 transferTo 0.715\n'), [
      { bytes: 7340032, mode: 'copy', milliseconds: 1.67 },
      { bytes: 7340032, mode: 'transferTo', milliseconds: 0.715 },
    ]);
  });
});
