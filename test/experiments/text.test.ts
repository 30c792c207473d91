import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ExperimentReport, ExperimentResult } from '../../src/experiments/result.js';
import { runsOf, tablesOf } from '../../src/experiments/tables.js';
import { reportText } from '../../src/experiments/text.js';
import { gridLines } from '../../src/experiments/text-grid.js';
import { figure } from '../../src/tools/words.js';
import { sampleIbm, sampleReport, sampleRun, sampleSweep, sampleTable2, sampleTable3 } from './sample-report.js';

const plain = { width: 80, color: false };
const textOf = (results: readonly ExperimentResult[], width = 80) =>
  reportText({ ...sampleReport, results }, { ...plain, width });

describe('tables', () => {
  test('ours, the paper, and the peer with its ratio stand in each cell', () => {
    const [table] = tablesOf(sampleTable2);
    assert.deepEqual(table.columns, ['fixed offset', 'moving offset']);
    assert.deepEqual(
      table.entries('zero copy (sendfile)', 'moving offset').map(({ name, figure: value }) => `${name} ${value}`),
      ['here 71.0', 'paper 51.5', 'C loop 72.5', 'here / C loop 0.98'],
    );
    assert.deepEqual(table.entries('zero copy (sendfile)', 'no such column'), []);
  });

  test('each unit has a table, and a second figure of one place is not lost', () => {
    assert.deepEqual(
      tablesOf(sampleSweep).map(({ unit, rows }) => [unit, rows.length]),
      [
        ['Gbit/s', 11],
        ['s CPU/GB', 11],
      ],
    );
    const [cell] = sampleTable2.cells;
    const twice = tablesOf({ ...sampleTable2, cells: [cell, { ...cell, median: 1.5 }] });
    assert.deepEqual(
      twice.map(({ entries }) => entries(cell.row, cell.column)[0].figure),
      ['76.2', '1.50'],
    );
  });

  test('runs that two cells show are told once', () => {
    assert.equal(runsOf(sampleSweep).length, 11);
    assert.equal(runsOf({ ...sampleTable2, cells: [{ ...sampleTable2.cells[0], samples: [] }] }).length, 0);
  });

  test('one run has no spread', () => {
    const cells = [{ ...sampleTable2.cells[0], samples: [sampleRun(70)] }];
    assert.equal(tablesOf({ ...sampleTable2, cells })[0].entries(cells[0].row, cells[0].column)[0].spread, undefined);
  });
});

describe('grid', () => {
  const grid = {
    heads: [{ labels: ['Gbit/s'], cells: ['one', 'another', 'third'] }],
    lines: [
      { labels: ['a'], cells: ['1', '22.5', ''] },
      { labels: ['파일'], cells: ['100', '', '3'] },
    ],
  };
  const lines = (width: number) => gridLines(grid, width).map(({ text }) => text);

  test('figures stand at the right of their columns', () => {
    assert.deepEqual(lines(80), ['Gbit/s  one  another  third', 'a         1     22.5', '파일    100               3']);
  });

  test('what does not fit comes below', () => {
    assert.deepEqual(lines(20), [
      ...['Gbit/s  one  another', 'a         1     22.5', '파일    100'],
      ...['', 'Gbit/s  third', 'a', '파일        3'],
    ]);
    assert.equal(lines(1).length, 3 * 3 + 2);
  });
});

describe('the report for a terminal', () => {
  test('a figure of ours has the paper and the C loop below it', () => {
    const lines = textOf([sampleTable2]).split('\n');
    const from = lines.findIndex(line => line.startsWith('Gbit/s'));
    assert.deepEqual(lines.slice(from, from + 9), [
      'Gbit/s                                     fixed offset  moving offset',
      'zero copy (sendfile)        here           76.2 ± 2.5 %   71.0 ± 2.5 %',
      '                            paper                  73.7           51.5',
      '                            C loop                 78.9           72.5',
      '                            here / C loop          0.97           0.98',
      'non zero copy (read+write)  here            44.1 ± 18 %   28.4 ± 2.5 %',
      '                            paper                  29.2           24.7',
      '                            C loop                 45.6           29.2',
      '                            here / C loop          0.97           0.97',
    ]);
  });

  test('both ratios of table 2 beside the paper', () => {
    const text = textOf([sampleTable2]);
    assert.match(text, /^zero copy \/ read\+write, fixed offset: here 1\.73, paper 2\.52$/m);
    assert.match(text, /^zero copy \/ read\+write, moving offset: here 2\.51, paper 2\.08$/m);
  });

  test('many rows have a column for each figure; where they do not fit, each column has a table of its own', () => {
    assert.match(
      textOf([sampleIbm]),
      /^ms +read\+write\n +here +IBM +Java read\+write +here \/ Java read\+write\n7 MB /m,
    );
    assert.match(textOf([sampleIbm], 140), /^ms +read\+write +sendfile\n/m);
    assert.match(textOf([sampleIbm]), /^1 GB +258 ± 2\.5 % +18,399 +302 +0\.85$/m);
    assert.match(textOf([sampleSweep]), /^Gbit\/s +zero copy\n4k +21\.2 ± 1\.0 %$/m);
  });

  test('settings, notes, commands and interval lines are there', () => {
    const text = textOf([sampleTable2, sampleTable3]);
    assert.match(text, /^ {2}block size: 128k$/m);
    assert.match(text, /^ {2}zero copy \/ read\+write, fixed offset: 1\.73, less than the paper has/m);
    assert.match(text, /^ {2}zerocopy receive --listen 127\.0\.0\.1:9000 --discard --once --json$/m);
    assert.match(text, /^zero copy, the paper\nInterval \(sec\).*\n0\.00-1\.00 +5\.97 +51\.3$/m);
    assert.match(text, /^Files +on ext4 on \/dev\/sample, page cache warm/m);
  });

  for (const width of [80, 100, 60]) {
    test(`${width} columns hold it`, () => {
      const text = textOf(sampleReport.results, width);
      // interval lines are as they are
      for (const line of text.split('\n')) assert.ok(line.length <= width, `${line.length}: ${line}`);
    });
  }

  test('every figure is there: medians, those of others, ratios, and the medians of the costs', () => {
    const text = textOf(sampleReport.results);
    const has = (value: number) => assert.ok(text.includes(figure(value)), `${value}`);
    for (const { cells, ratios } of sampleReport.results) {
      for (const { median, paper, peer } of cells) {
        for (const value of [median, paper, peer?.median]) if (value !== undefined) has(value);
        if (peer !== undefined) assert.ok(text.includes(peer.ratio.toFixed(2)));
      }
      for (const { ours, paper } of ratios) {
        assert.ok(text.includes(ours.toFixed(2)), `${ours}`);
        if (paper !== undefined) assert.ok(text.includes(paper.toFixed(2)), `${paper}`);
      }
    }
    for (const { samples } of sampleReport.results.flatMap(runsOf)) {
      // the samples rise, so that the middle one is the median
      const { seconds, senderCpuPerGB, receiverCpuPerGB, callsPerGB } = samples[1];
      for (const value of [seconds, senderCpuPerGB, receiverCpuPerGB, callsPerGB.sender, callsPerGB.receiver])
        has(value);
    }
  });

  test('colours only where they are wanted, and nothing of a name moves the cursor', () => {
    const commands = [
      'zerocopy send \x1b[2Jfile\r 127.0.0.1:9000',
      `zerocopy send ${Buffer.from('파일').toString('latin1')}`,
    ];
    const report: ExperimentReport = {
      ...sampleReport,
      fileSystem: 'a\x07b',
      results: [{ ...sampleTable2, commands }],
    };
    const text = reportText(report, plain);
    assert.doesNotMatch(text, /[\0-\x09\x0b-\x1f\x7f-\x9f]/);
    assert.match(text, /\\x1b\[2Jfile\\x0d/);
    assert.match(text, /zerocopy send 파일/);
    assert.match(reportText(report, { ...plain, color: true }), /\x1b\[1;4mTable 2/);
  });
});
