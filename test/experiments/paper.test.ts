/** The figures that stand beside ours, held against each other: a slip of the pen in one of them shows in another. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  figure11,
  figure12,
  figure13,
  figure14,
  figure15,
  ibmRows,
  paperSizes,
  table2,
  table2Ratios,
  table3,
} from '../../src/experiments/paper.js';

const gbps = (bytes: number, seconds: number) => (bytes * 8) / seconds / 1e9;

test('the ratios of table 2 are those that the text names', () => {
  assert.equal((table2.fixed.zeroCopy / table2.fixed.copy).toFixed(2), table2Ratios.fixed.toFixed(2));
  assert.equal((table2.moving.zeroCopy / table2.moving.copy).toFixed(1), table2Ratios.moving.toFixed(1));
});

test('table 3 is the moving column of table 2: 10 GB in all, and each line is right in itself', () => {
  for (const [lines, rate] of [
    [table3.zeroCopy, table2.moving.zeroCopy],
    [table3.copy, table2.moving.copy],
  ] as const) {
    const total = lines.reduce((sum, { gigabytes }) => sum + gigabytes, 0);
    assert.ok(Math.abs(total - 10) < 0.03, `${total} GB`);
    const seconds = lines.at(-1)?.end ?? 0;
    assert.ok(Math.abs(gbps(paperSizes.small, seconds) / rate - 1) < 0.01);
    for (const { start, end, gigabytes, gigabits } of lines) {
      // its times have two digits behind the point: 0.48 s may be 0.475
      assert.ok(Math.abs(gbps(gigabytes * 2 ** 30, end - start) / gigabits - 1) < 0.02, `${start} to ${end}`);
    }
  }
});

test('the figures: seconds and rates are of 10 and 100 GB', () => {
  const cases: [bytes: number, seconds: number, rate: number][] = [
    [paperSizes.small, figure12.storeSeconds, figure12.storeRate],
    [paperSizes.small, figure12.sendSeconds, figure12.sendRate],
    [paperSizes.large, figure13.seconds, figure13.sendRate],
    [paperSizes.large, figure14.seconds, figure14.rate],
    [paperSizes.large, figure15.zeroCopy.seconds, figure15.zeroCopy.rate],
    [paperSizes.large, figure15.copy.seconds, figure15.copy.rate],
  ];
  for (const [bytes, seconds, rate] of cases) assert.ok(Math.abs(gbps(bytes, seconds) / rate - 1) < 0.01, `${rate}`);
  assert.equal((figure13.seconds - figure14.seconds).toFixed(1), figure14.savedSeconds.toFixed(1));
  assert.equal((figure15.copy.seconds - figure15.zeroCopy.seconds).toFixed(1), '23.1');
});

test('figure 11 agrees with the fixed column of table 2', () => {
  assert.ok(Math.abs(figure11.zeroCopyThen - table2.fixed.zeroCopy) < 1);
  assert.ok(Math.abs(figure11.copy - table2.fixed.copy) < 1);
});

test("IBM's rows: eight sizes that grow, each with a gain of about two thirds or a half", () => {
  assert.equal(ibmRows.length, 8);
  for (const [index, { label, size, copy, zeroCopy }] of ibmRows.entries()) {
    assert.ok(index === 0 || size > ibmRows[index - 1].size, label);
    assert.ok(copy / zeroCopy > 1.8 && copy / zeroCopy < 3.5, label);
    const [, count, unit] = /^(\d+) (MB|GB)$/.exec(label) ?? [];
    assert.equal(size, Number(count) * (unit === 'GB' ? 2 ** 30 : 2 ** 20));
  }
});
