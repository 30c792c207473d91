/** What is stored, at a size that proves nothing but that it runs: the shape of what comes out, and its arithmetic. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { figure10, figure12, figure13, figure14 } from '../../src/experiments/paper.js';
import { Bench, labels, papers } from './support.js';

const bench = new Bench();
after(() => bench.clean());

test('fig10: the store, through the page cache and past it', async () => {
  const result = await bench.result('fig10');
  const rows = new Set(result.cells.map(({ row }) => row));
  assert.ok(rows.has('buffered, 128k'));
  if (!rows.has('O_DIRECT, 128k'))
    assert.match(result.notes.join('\n'), /O_DIRECT, 128k is impossible here: .*failed \(22/);
  for (const { column, paper } of result.cells) {
    assert.equal(paper, { mean: undefined, slowest: figure10.least, fastest: figure10.most }[column]);
  }
});

test('fig12, fig13 and fig14: sent and stored', async () => {
  const stored = await bench.result('fig12');
  assert.deepEqual(
    labels(stored),
    ['zero copy', 'read+write'].flatMap(way => ['stored', 'sent'].map(end => `sent with ${way}, ${end}`)),
  );
  assert.deepEqual(papers(stored), [undefined, undefined, figure12.storeRate, figure12.sendRate]);
  assert.ok(stored.commands.some(command => /^zerocopy receive .*--output .* --no-zero-copy --fsync/.test(command)));
  assert.deepEqual(papers(await bench.result('fig13')), [undefined, undefined, figure13.storeRate, figure13.sendRate]);
  const fig14 = await bench.result('fig14');
  assert.deepEqual(papers(fig14), [figure14.rate, figure13.storeRate, figure14.seconds, figure13.seconds]);
  const [zero, copy, zeroSeconds, copySeconds] = fig14.cells;
  assert.deepEqual(
    fig14.ratios.map(({ ours }) => ours),
    [zero.median / copy.median],
  );
  assert.equal(zeroSeconds.unit, 's');
  const faster = zeroSeconds.median <= copySeconds.median;
  assert.match(fig14.notes.join('\n'), faster ? /Zero copy saves \d/ : /Zero copy costs \d/);
});

test("store: splice against read+write, with the receiver's CPU; what is refused is told", async () => {
  const result = await bench.result('store');
  const rates = result.cells.filter(({ unit }) => unit === 'Gbit/s').map(({ label }) => label);
  for (const label of ['read+write, buffered', 'splice, buffered', 'read+write, O_DIRECT', 'splice, O_DIRECT']) {
    const [row, column] = label.split(', ');
    if (rates.includes(label)) assert.ok(labels(result).includes(`${row}, ${column}, receiver's CPU`));
    else
      assert.match(
        result.notes.join('\n'),
        new RegExp(`stored by ${row.replace('+', '\\+')}, ${column}: impossible here\\. .*O_DIRECT`),
      );
  }
  assert.ok(rates.includes('read+write, buffered') && rates.includes('splice, buffered'));
  const both = ['buffered', 'O_DIRECT'].filter(
    column => rates.includes(`splice, ${column}`) && rates.includes(`read+write, ${column}`),
  );
  assert.equal(result.ratios.length, both.length * 2);
});
