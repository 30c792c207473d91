import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { horizontalAxis, verticalAxis } from '../../src/tools/plots/axes.js';
import type { Plot, Series } from '../../src/tools/plots/data.js';
import { narrow, wide } from '../../src/tools/plots/frame.js';
import { families, looksOf } from '../../src/tools/plots/looks.js';
import { plotFile, plotPart } from '../../src/tools/plots/plot.js';
import { themes } from '../../src/tools/plots/style.js';
import { textWidth, wrapText } from '../../src/tools/plots/text-width.js';
import { sampleReport, sampleTable2 } from '../experiments/sample-report.js';
import { contrast } from './colours.js';
import { assertWellFormed } from './well-formed.js';

const plots = sampleReport.results.flatMap(result => result.plots);
const room = { from: 40, to: 620, size: 13 };
const textsOf = (ticks: readonly { readonly text: string }[]) => ticks.map(({ text }) => text);

describe('axes', () => {
  const blocks = Array.from({ length: 11 }, (_, at) => 4096 * 2 ** at);
  const cases: [
    what: string,
    values: readonly number[],
    log: boolean,
    fromZero: boolean,
    to: number,
    texts: string[],
  ][] = [
    ['sizes', blocks, true, true, 620, ['4k', '8k', '16k', '32k', '64k', '128k', '256k', '512k', '1M', '2M', '4M']],
    ['sizes on a phone', blocks, true, true, 330, ['4k', '16k', '64k', '256k', '1M', '4M']],
    ['streams', [1, 2, 3, 4], false, true, 620, ['1', '2', '3', '4']],
    ['seconds', [0.5, 1.5, 2.5, 3.24], false, true, 620, ['0', '0.5', '1', '1.5', '2', '2.5', '3']],
    [
      'one value',
      [2.5],
      false,
      false,
      620,
      ['1.4', '1.6', '1.8', '2', '2.2', '2.4', '2.6', '2.8', '3', '3.2', '3.4', '3.6'],
    ],
    ['nothing', [], false, true, 620, ['0', '0.1', '0.2', '0.3', '0.4', '0.5', '0.6', '0.7', '0.8', '0.9', '1']],
    ['decades', [0.1, 1, 10, 100], true, false, 620, ['0.1', '1', '10', '100']],
  ];
  for (const [what, values, log, fromZero, to, texts] of cases) {
    test(`below: ${what}`, () => {
      assert.deepEqual(textsOf(horizontalAxis(values, log, fromZero, { ...room, to }).ticks), texts);
    });
  }

  test('a logarithmic axis has the same way for each doubling', () => {
    const { place } = horizontalAxis(blocks, true, false, room);
    const ways = blocks.slice(1).map((value, at) => place(value) - place(blocks[at]));
    for (const way of ways) assert.ok(Math.abs(way - ways[0]) < 1e-6, `${ways}`);
  });

  test('labels below do not touch one another, however many values there are', () => {
    for (let count = 1; count < 60; count++) {
      for (const log of [false, true]) {
        const values = Array.from({ length: count }, (_, at) => (at + 1) * 1234.5);
        const { ticks, place } = horizontalAxis(values, log, true, { from: 40, to: 330, size: 12 });
        assert.ok(ticks.length >= Math.min(2, count), `${count}`);
        for (const [at, tick] of ticks.slice(1).entries()) {
          const before = ticks[at];
          const between = place(tick.value) - place(before.value);
          const half = (textWidth(tick.text, 12) + textWidth(before.text, 12)) / 2;
          assert.ok(between >= half, `${before.text} ${tick.text}`);
        }
      }
    }
  });

  const sides: [values: readonly number[], texts: string[]][] = [
    [
      [71.04, 28.35],
      ['0', '20', '40', '60', '80'],
    ],
    [
      [0.0931, 0.31],
      ['0', '0.05', '0.1', '0.15', '0.2', '0.25', '0.3', '0.35'],
    ],
    [[18_399], ['0', '5,000', '10,000', '15,000', '20,000']],
    [
      [0, 0],
      ['0', '0.2', '0.4', '0.6', '0.8', '1'],
    ],
    [[], ['0', '0.2', '0.4', '0.6', '0.8', '1']],
  ];
  for (const [values, texts] of sides) {
    test(`beside: ${values.join(' ')}`, () => {
      const { ticks, place } = verticalAxis(values, 5, { from: 300, to: 0 });
      assert.deepEqual(textsOf(ticks), texts);
      assert.equal(place(0), 300);
      for (const value of values) assert.ok(place(value) >= 0);
    });
  }
});

describe('looks', () => {
  const series = (name: string, colour: Series['colour'], paper = false): Series => ({
    ...{ name, paper, points: [] },
    ...(colour === undefined ? {} : { colour }),
  });

  test('series differ by more than colour, and the paper has the look of what it is compared with', () => {
    const [one, two, three, paperOne, paperTwo] = looksOf([
      series('zero, fixed', 'zero-copy'),
      series('zero, moving', 'zero-copy'),
      series('copy', 'copy'),
      series('zero, fixed, paper', 'zero-copy', true),
      series('copy, paper', 'copy', true),
    ]);
    assert.equal(new Set([one, two, three].map(({ shape }) => shape)).size, 3);
    assert.equal(new Set([one, two, three].map(({ colour }) => colour)).size, 3);
    assert.deepEqual(paperOne, { ...one, isPaper: true });
    assert.deepEqual(paperTwo, { ...three, isPaper: true });
  });

  test('many series without a colour have looks of their own for a while', () => {
    const looks = looksOf(Array.from({ length: 6 }, (_, at) => series(`${at}`, undefined)));
    assert.equal(new Set(looks.map(({ shape }) => shape)).size, 6);
    assert.equal(new Set(looks.map(({ colour }) => colour)).size, 4);
  });

  for (const theme of themes) {
    test(`${theme.name}: marks and texts stand out (WCAG AA)`, () => {
      for (const { [theme.name]: shades } of Object.values(families)) {
        for (const shade of shades) assert.ok(contrast(shade, theme.page) >= 3, `${shade} on ${theme.page}`);
      }
      for (const ink of [theme.ink, theme.soft]) assert.ok(contrast(ink, theme.page) >= 4.5, ink);
    });
  }
});

describe('text width', () => {
  const cases: [text: string, width: number, lines: string[]][] = [
    ['', 100, ['']],
    ['zero copy', 100, ['zero copy']],
    ['zero copy', 40, ['zero', 'copy']],
    ['aVeryLongWord of it', 40, ['aVeryLongWord', 'of it']],
  ];
  for (const [text, width, lines] of cases) {
    test(`"${text}" in ${width}`, () => assert.deepEqual(wrapText(text, 13, width), lines));
  }
});

describe('plots', () => {
  for (const plot of plots) {
    test(`${plot.title}: a file of its own, well formed, named and described`, () => {
      const file = plotFile(plot);
      assertWellFormed(file);
      assert.match(
        file,
        /^<svg class="plot" role="img" aria-labelledby="plot-t plot-d" viewBox="[-\d. ]+" xmlns="http:\/\/www\.w3\.org\/2000\/svg" width="\d+" height="\d+">/,
      );
      assert.match(file, /<title id="plot-t">[^<]+<\/title>\n<desc id="plot-d">[^<]+<\/desc>\n<style>/);
      assert.match(file, /prefers-color-scheme:dark/);
      assert.match(file, /^[\n\x20-\x7e]*$/);
      assert.doesNotMatch(file, /NaN|Infinity|undefined|<script|href=|url\((?!#)/);
      for (const { name } of plot.series) assert.ok(file.includes(`>${name}`), name);
    });
  }

  test('a part of a page has no style of its own, and its names are its own', () => {
    const [one, two] = [plotPart(plots[0], wide, 'a').html, plotPart(plots[0], narrow, 'b').html];
    assert.doesNotMatch(one, /<style|xmlns/);
    const ids = [...`${one}${two}`.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id);
    assert.equal(new Set(ids).size, ids.length);
    for (const [, id] of one.matchAll(/url\(#([^)]*)\)/g)) assert.ok(ids.includes(id), id);
  });

  test('each bar has its figure, ours are filled and the paper has an outline', () => {
    const file = plotFile(sampleTable2.plots[0]);
    for (const figure of ['76.2', '71.0', '78.9', '72.5', '73.7', '51.5', '44.1', '28.4', '45.6', '29.2', '24.7']) {
      assert.match(file, new RegExp(`<text [^>]*>${figure}</text>`));
    }
    assert.equal(file.split('class="bar hollow s"').length - 1, 4 + 2);
    assert.match(file, /<title>zero copy, paper, moving offset: 51\.5 Gbit\/s<\/title>/);
  });

  test("the paper's lines are dashed", () => {
    const [line] = plots.filter(({ title }) => title.startsWith('A moving'));
    assert.equal(plotFile(line).split('class="line s dashed"').length - 1, 2 * 2);
  });

  test('points of one place show their spread', () => {
    const plot: Plot = {
      ...{ title: 't', kind: 'points', x: { label: 'streams' }, y: { label: 'Gbit/s' } },
      series: [
        {
          name: 'a',
          points: [
            [1, 10],
            [1, 14],
            [1, 11],
            [2, 20],
          ],
        },
      ],
    };
    const file = plotFile(plot);
    assert.equal(file.split('class="thin s"').length - 1, 1);
    assert.match(file, /<title>a: 11 Gbit\/s at 1 streams<\/title>/);
  });

  test('a plot says in words what it shows', () => {
    assert.match(
      plotFile(sampleTable2.plots[0]),
      /<desc id="plot-d">Gbit\/s by file offset\. zero copy: 76\.2 at fixed offset, 71\.0 at moving offset\. zero copy, C loop/,
    );
    const points = Array.from({ length: 100 }, (_, at) => [at, 50 + (at % 7)] as const);
    const plot: Plot = {
      ...plots[1],
      series: [
        { name: 'a', points },
        { name: 'none', points: [] },
      ],
    };
    assert.match(plotFile(plot), /a: 100 points from 50 at 0 to 51 at 99, least 50, most 56\. none: no figures\./);
  });

  test('hostile names stay text', () => {
    const hostile = `</text></title><script>alert(1)</script>"'&\x1b\u202e`;
    const plot: Plot = {
      ...{ title: hostile, kind: 'bars', categories: [hostile], x: { label: hostile }, y: { label: hostile } },
      series: [{ name: hostile, points: [[0, 1]] }],
    };
    for (const kind of ['bars', 'line', 'points'] as const) {
      const file = plotFile({ ...plot, kind });
      assertWellFormed(file);
      assert.doesNotMatch(file, /<script|\x1b/);
    }
  });

  test('what has no figures is drawn all the same', () => {
    for (const kind of ['bars', 'line', 'points'] as const) {
      for (const series of [[], [{ name: 'a', points: [] }], [{ name: 'a', points: [[0, 0]] as const }]]) {
        const plot: Plot = { title: '', kind, categories: ['c'], x: { label: '' }, y: { label: '' }, series };
        assertWellFormed(plotFile(plot));
        assert.doesNotMatch(plotFile(plot), /NaN|Infinity|undefined/);
      }
    }
  });
});
