/** Tables 2 and 3, and figure 11, at a size that proves nothing but that it runs: the shape of what comes out, and its arithmetic. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { after, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { table2, table3 } from '../../src/experiments/paper.js';
import { findProgram } from '../../src/tools/programs.js';
import { assertSound, Bench, labels, papers, resultOf } from './support.js';

const bench = new Bench();
after(() => bench.clean());

describe('table2', () => {
  const rows = ['zero copy (sendfile)', 'non zero copy (read+write)'];

  test('four cells beside the paper, and the two ratios', async () => {
    const result = await bench.result('table2', '--no-c-loop');
    assert.deepEqual(
      labels(result),
      ['fixed offset', 'moving offset'].flatMap(column => rows.map(row => `${row}, ${column}`)),
    );
    assert.deepEqual(papers(result), [
      table2.fixed.zeroCopy,
      table2.fixed.copy,
      table2.moving.zeroCopy,
      table2.moving.copy,
    ]);
    const [fixedZero, fixedCopy, movingZero, movingCopy] = result.cells.map(({ median }) => median);
    assert.deepEqual(
      result.ratios.map(({ ours }) => ours),
      [fixedZero / fixedCopy, movingZero / movingCopy],
    );
    assert.deepEqual(
      result.ratios.map(({ paper }) => paper?.toFixed(2)),
      ['2.52', '2.09'],
    );
    assert.match(result.notes.join('\n'), /--no-c-loop/);
    // pread and sendto are at least two calls for each 128 KB, sendfile is at least one
    const calls = result.cells.map(({ samples }) => samples[0].callsPerGB.sender);
    assert.ok(calls[0] >= 7600 && calls[1] >= 15_200, calls.join(' '));
    assert.deepEqual(
      result.commands.map(command => command.split(' ')[1]),
      ['receive', 'send', 'send', 'send', 'send'],
    );
  });

  test('with the loop in C beside each cell, or why there is none', async () => {
    const result = await bench.result('table2');
    const hasCompiler = ['cc', 'gcc', 'clang'].some(name => findProgram(name) !== undefined);
    // the source is where the repository is
    const hasSource = existsSync(fileURLToPath(new URL('../../../test/experiments/c-loop.c', import.meta.url)));
    const compared = result.cells.filter(({ peer }) => peer !== undefined);
    if (compared.length === 0) {
      assert.ok(!hasCompiler || !hasSource);
      assert.match(result.notes.join('\n'), /No (C loop|loop in C)/);
    } else {
      assert.equal(compared.length, 4);
      assert.equal(result.notes.filter(note => /of the C loop, (within|more than) 15 %/.test(note)).length, 4);
      assert.equal(result.commands.filter(command => command.startsWith('c-loop ')).length, 4);
    }
  });
});

test("table3: lines in the paper's form that come to the whole size", async () => {
  const result = await bench.result('table3');
  assert.deepEqual(papers(result), [table2.moving.zeroCopy, table2.moving.copy]);
  const { listings = [] } = result;
  assert.deepEqual(
    listings.map(({ title }) => title),
    ['zero copy, here', 'zero copy, the paper', 'read+write, here', 'read+write, the paper'],
  );
  for (const [index, { lines }] of listings.entries()) {
    assert.equal(lines[0], 'Interval (sec)  Transfer (GBytes)  Bandwidth (Gbps)');
    for (const line of lines.slice(1)) assert.match(line, /^\d+\.\d\d-\d+\.\d\d +\d+\.\d\d+ +\d+\.\d\d?$/);
    if (index % 2 === 1) assert.equal(lines.length - 1, (index === 1 ? table3.zeroCopy : table3.copy).length);
  }
});

test('fig11: a fixed offset, sent more than once', async () => {
  const result = await bench.result('fig11');
  assert.deepEqual(papers(result), [73, 29]);
  assert.ok(result.commands.every(command => !command.includes(' send ') || / --size 40M /.test(command)));
});

test('--cold drops the file first, and the report says so', async () => {
  const report = await bench.report('table3', '--cold');
  assertSound(report);
  assert.equal(report.pageCache, 'cold');
  const { settings, commands } = resultOf(report, 'table3');
  assert.match(settings['page cache'], /^cold/);
  assert.ok(commands.some(command => command.includes(' --cold ')));
});
