/** Figures 9 and 15, and IBM's table, at a size that proves nothing but that it runs: the shape of what comes out, and its arithmetic. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { figure9, figure15, ibmRows } from '../../src/experiments/paper.js';
import { Bench, papers } from './support.js';

const bench = new Bench();
after(() => bench.clean());

test('fig9: streams of one sender, and senders side by side', async () => {
  const result = await bench.result('fig9');
  for (const row of ['streams of one sender', 'senders side by side']) {
    const cells = result.cells.filter(cell => cell.row === row);
    assert.deepEqual(
      cells.slice(0, 4).map(({ column }) => column),
      ['1', '2', '3', '4'],
    );
    assert.deepEqual(
      cells.slice(0, 4).map(({ paper }) => paper),
      [figure9.oneStreamAtMost, undefined, figure9.threeStreamsAtLeast, undefined],
    );
  }
  assert.ok(result.commands.some(command => / --fixed-offset .* --streams 4 /.test(command)));
});

test('fig15: into memory', async () => {
  const result = await bench.result('fig15');
  const { zeroCopy, copy } = figure15;
  assert.deepEqual(papers(result), [zeroCopy.rate, copy.rate, zeroCopy.seconds, copy.seconds]);
  assert.ok(result.commands.some(command => /^zerocopy receive .*--memory/.test(command)));
});

test('ibm: what is no larger than --size, in Java too where there is one', async () => {
  const result = await bench.result('ibm');
  assert.deepEqual(papers(result), [ibmRows[0].copy, ibmRows[0].zeroCopy]);
  assert.ok(result.cells.every(({ unit }) => unit === 'ms'));
  assert.match(result.notes.join('\n'), /--size 8M leaves out 7 of IBM's 8 sizes/);
  const hasJava = result.cells.every(({ peer }) => peer?.name.startsWith('Java'));
  assert.equal(result.ratios.length, hasJava ? 2 : 1);
  if (!hasJava) assert.match(result.notes.join('\n'), /java is not installed|The Java program cannot be run/);
  assert.equal(result.ratios[0].paper?.toFixed(2), '3.47');
});
