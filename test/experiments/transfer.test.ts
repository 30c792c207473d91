/** A transfer that goes wrong, and one that does not fit the disk. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { after, test } from 'node:test';
import { everything, experiments } from '../../src/experiments/all.js';
import { type RunSettings, runExperiments } from '../../src/experiments/run.js';
import { runTransfer, type TransferSettings } from '../../src/experiments/transfer.js';
import { Workplace } from '../../src/experiments/workplace.js';
import { assertSound, Bench, resultOf } from './support.js';

const bench = new Bench();
after(() => bench.clean());

const MB = 2 ** 20;

const settings: RunSettings = {
  ...{ size: 8 * MB, largeSize: 8 * MB, runs: 1, blockSize: 131_072, cold: false, cLoop: false },
  ...{ folder: bench.folder, keep: false },
};

function chosen(...names: string[]) {
  return experiments.filter(({ name }) => names.includes(name));
}

async function transferIn(place: Workplace, choice: Partial<TransferSettings>) {
  const file = await place.random(4 * MB, true, () => {});
  return runTransfer({
    ...{
      cwd: place.cwd,
      file,
      bytes: 4 * MB,
      zeroCopy: true,
      fixedOffset: false,
      blockSize: 131_072,
      streams: 1,
    },
    ...{ cold: false, interval: 0.02, target: { kind: 'discard' } },
    ...choice,
  });
}

test('both ends report, with intervals that come to all bytes', async () => {
  const place = new Workplace(bench.folder, false);
  try {
    const { sender, receiver, commands } = await transferIn(place, {});
    assert.equal(sender.role, 'send');
    assert.equal(receiver.role, 'receive');
    for (const { bytes, intervals, seconds } of [sender, receiver]) {
      assert.equal(bytes, 4 * MB);
      assert.equal(
        intervals.reduce((sum, each) => sum + each.bytes, 0),
        4 * MB,
      );
      assert.ok(seconds > 0);
    }
    assert.equal(commands.length, 2);
  } finally {
    place.remove();
  }
});

test('a source that is not there, a store that cannot be: the message says which end said what', async () => {
  const place = new Workplace(bench.folder, false);
  try {
    const target = { kind: 'store', name: 'none/stored.data', zeroCopy: true, direct: false } as const;
    await place.random(4 * MB, true, () => {});
    // at once, for the other end has some seconds to say why
    await Promise.all([
      assert.rejects(
        transferIn(place, { file: { name: 'none.data', size: 4 * MB } }),
        /zerocopy send none\.data .* failed: .*sender: .*none\.data/,
      ),
      assert.rejects(transferIn(place, { target }), /failed: receiver: .*none/),
      assert.rejects(transferIn(place, { bytes: 5 * MB }), /failed: .*sender: /),
    ]);
  } finally {
    place.remove();
  }
});

test('what does not fit the disk comes from a sparse file, into memory only, and the report says so', async () => {
  const room = () => 10 * MB;
  const { report, failures } = await runExperiments(
    [...chosen('fig12'), ...chosen('table3')],
    settings,
    () => {},
    room,
  );
  assert.deepEqual(failures, []);
  assertSound(report);
  const stored = resultOf(report, 'fig12');
  assert.match(
    stored.notes.join('\n'),
    /8M to send and as much to store do not fit the disk \(10\.0 MB left\): .*sparse file into memory only/,
  );
  assert.ok(stored.cells.some(({ column }) => column === 'taken into memory'));
  assert.ok(stored.commands.every(command => !command.includes('--output')));
  assert.ok(stored.commands.some(command => command.includes('send sparse-8M.data')));
  // there is room to send it
  assert.ok(resultOf(report, 'table3').commands.some(command => command.includes('send recording.data')));
  assert.deepEqual(readdirSync(bench.folder), []);
});

test('an experiment that fails does not end the others, and leaves nothing', async () => {
  const [broken, ...rest] = [
    { name: 'broken', about: '', run: () => Promise.reject(new Error('no luck')) },
    ...chosen('table3'),
  ];
  const { report, failures } = await runExperiments([broken, ...rest], settings, () => {});
  assert.deepEqual(
    failures.map(({ name, error }) => `${name}: ${error.message}`),
    ['broken: no luck'],
  );
  assert.deepEqual(
    report.results.map(({ name }) => name),
    ['table3'],
  );
  assert.deepEqual(readdirSync(bench.folder), []);
});

test('a folder that is not there is told', async () => {
  await assert.rejects(
    runExperiments([], { ...settings, folder: `${bench.folder}/none` }, () => {}),
    /ENOENT.*none/,
  );
});

test('the progress says which experiment, which run, and how far', async () => {
  const told: string[] = [];
  mkdirSync(`${bench.folder}/place`);
  await runExperiments(chosen('table3'), { ...settings, folder: `${bench.folder}/place`, runs: 2 }, text =>
    told.push(text),
  );
  assert.ok(
    told.some(text => /^table3: making the file, 8M: 100 %$/.test(text)),
    told.join('\n'),
  );
  const runs = told.filter(text => text.includes(': run '));
  assert.deepEqual(runs, [
    'table3: run 1 of 2, 1 of 2: zero copy, moving offset',
    'table3: run 1 of 2, 2 of 2: read+write, moving offset',
    'table3: run 2 of 2, 1 of 2: read+write, moving offset',
    'table3: run 2 of 2, 2 of 2: zero copy, moving offset',
  ]);
  assert.ok(existsSync(`${bench.folder}/place`));
});

test('all is each of them, and what two are of is measured once', async () => {
  const names = everything.flatMap(({ name }) => name.split(', '));
  assert.deepEqual([...names].sort(), experiments.map(({ name }) => name).sort());
  const both = everything.filter(({ name }) => name === 'table2, table3');
  const { report } = await runExperiments(both, settings, () => {});
  assert.deepEqual(
    report.results.map(({ name }) => name),
    ['table2', 'table3'],
  );
  const [table2, table3] = report.results;
  assert.deepEqual(
    table2.cells.slice(2).map(({ samples }) => samples),
    table3.cells.map(({ samples }) => samples),
  );
});
