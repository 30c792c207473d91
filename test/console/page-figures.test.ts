/** What the page makes of a second: words, widths, axes, costs. Without a browser. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { byMinute, costOf, mainPath, medianCost, usualCost } from '../../src/console/page/cost.js';
import { description, flowOf, headline, speedOf, spoken, widthOf } from '../../src/console/page/flow.js';
import {
  bitRate,
  bytes,
  confSize,
  count,
  duration,
  figure,
  percent,
  rate,
  took,
} from '../../src/console/page/format.js';
import { callOrder, callsText, filtered } from '../../src/console/page/lists.js';
import { pathLooks, paths } from '../../src/console/page/paths.js';
import { area, axis, nearest } from '../../src/console/page/scale.js';
import { dataPaths } from '../../src/console/snapshot.js';
import { dark, light } from '../../src/tools/html/look.js';
import { contrast } from '../tools/colours.js';
import { requestOf, sampleOf, tenMinutes } from './page-samples.js';

const styleSheet = readFileSync(new URL('../../../public/console/style.css', import.meta.url), 'utf8');

describe('figures', () => {
  test('in three digits or so', () => {
    assert.deepEqual([0, 0.0921, 0.999, 1.25, 48.13, 99.97, 12_345].map(figure), [
      '0',
      '0.092',
      '1.00',
      '1.25',
      '48.1',
      '100',
      '12,345',
    ]);
    assert.equal(count(1_025_000), '1,025,000');
    assert.equal(percent(0.314), '31 %');
  });

  test('bytes and rates are powers of ten', () => {
    assert.deepEqual([0, 512, 999.6, 4200, 104_857_600, 999_600_000, 2.5e15].map(bytes), [
      '0 B',
      '512 B',
      '1.00 kB',
      '4.20 kB',
      '105 MB',
      '1.00 GB',
      '2.50 PB',
    ]);
    assert.equal(rate(1.25e9), '1.25 GB/s');
    assert.deepEqual([1.25e9, 10].map(bitRate), ['10.0 Gbit/s', '80 bit/s']);
  });

  test('times', () => {
    assert.deepEqual([0.4, 9.94, 24.3, 999, 1250, 125_000].map(took), [
      '0.4 ms',
      '9.9 ms',
      '24 ms',
      '999 ms',
      '1.25 s',
      '2 min 5 s',
    ]);
    assert.deepEqual([-5, 5000, 725_000, 10_920_000, 1_047_600_000].map(duration), [
      '0 s',
      '5 s',
      '12 min 5 s',
      '3 h 2 min',
      '12 d 3 h',
    ]);
  });

  test('sizes of buffers are as the configuration has them', () => {
    assert.deepEqual([32_768, 1_048_576, 1000, 0].map(confSize), ['32k', '1m', '1000', '0']);
  });
});

describe('the flow of a second', () => {
  test('knows which way the bytes went', () => {
    const kind = (traffic: Parameters<typeof sampleOf>[1]) => flowOf(sampleOf(1, traffic)).kind;
    assert.equal(flowOf(undefined).kind, 'idle');
    assert.equal(flowOf(undefined).disk, 0);
    assert.equal(kind({}), 'idle');
    assert.equal(kind({ memory: 5 }), 'memory');
    assert.equal(kind({ sendfile: 1e9, memory: 5000 }), 'sendfile');
    assert.equal(kind({ buffers: 1e9, memory: 5000 }), 'buffers');
    assert.equal(kind({ sendfile: 1e9, buffers: 1e8 }), 'both');
    assert.equal(kind({ sendfile: 1e9, buffers: 1e6 }), 'sendfile');
  });

  test('is said in a sentence', () => {
    const of = (traffic: Parameters<typeof sampleOf>[1]) => headline(flowOf(sampleOf(1, traffic)));
    assert.equal(of({}), 'No bytes are on their way');
    assert.equal(of({ sendfile: 1.31e9 }), '1.31 GB/s by sendfile: inside the kernel, no copy through user space');
    assert.equal(of({ buffers: 642e6 }), '642 MB/s by output buffers: copied up by pread64, and down again by writev');
    assert.equal(of({ sendfile: 7e8, buffers: 3e8 }), 'Side by side: 700 MB/s by sendfile, 300 MB/s by output buffers');
    assert.match(spoken('buffers'), /output buffers/);
    assert.doesNotMatch(spoken('sendfile'), /\d/);
  });

  test('has all its figures in the text alternative', () => {
    const text = description(flowOf(sampleOf(1, { sendfile: 9.4e8, buffers: 65_536_000 }, 45e6)));
    for (const part of [
      'sendfile 940 MB/s',
      'output buffers 65.5 MB/s',
      '45.0 MB/s',
      'pread64 2,000',
      'writev 1,000',
    ]) {
      assert.ok(text.includes(part), `${part}: ${text}`);
    }
    assert.match(description(flowOf(sampleOf(1, {}, null))), /does not tell/);
  });

  test('is wider and faster with more bytes, within limits', () => {
    const rates = [1, 1e5, 1e7, 1e9, 1e12];
    const widths = rates.map(widthOf);
    assert.deepEqual(
      widths,
      widths.toSorted((a, b) => a - b),
    );
    assert.equal(widthOf(0), 0);
    assert.equal(widths[0], 3);
    assert.equal(widths[4], 22);
    assert.ok(Math.abs(speedOf(1) - 0.3) < 1e-9 && Math.abs(speedOf(1e12) - 2.5) < 1e-9);
  });
});

describe('axes and areas', () => {
  test('an axis ends at a round number', () => {
    assert.deepEqual(axis(1.31e9, 4, 1e6).ticks, [0, 5e8, 1e9, 1.5e9]);
    assert.equal(axis(0, 4, 1e6).most, 1e6);
    assert.equal(axis(4, 4, 1).most, 4);
    assert.deepEqual(
      axis(0.37, 4, 0.2).ticks.map(each => Number(each.toPrecision(6))),
      [0, 0.1, 0.2, 0.3, 0.4],
    );
  });

  test('an area goes there and back, and has a hole where nothing was measured', () => {
    const edges = [
      { x: 0, low: 10, high: 5 },
      { x: 1, low: 10, high: 4 },
      { x: 9, low: 10, high: 3 },
    ];
    assert.equal(area(edges, 2), 'M0 5L1 4L1 10L0 10ZM9 3L9 10Z');
    assert.equal(area([], 2), '');
  });

  test('the nearest second is found', () => {
    const list = [{ at: 10 }, { at: 20 }, { at: 30 }];
    assert.deepEqual(
      [-5, 14, 16, 29, 99].map(time => nearest(list, time)),
      [0, 0, 1, 2, 2],
    );
    assert.equal(nearest([], 5), -1);
  });
});

describe('what a GB costs', () => {
  test('is known where there were bytes enough', () => {
    assert.equal(costOf(sampleOf(1, { sendfile: 9e6 })), undefined);
    assert.equal(costOf(sampleOf(1, { buffers: 2e9 }))?.toFixed(3), '0.350');
    assert.equal(mainPath(sampleOf(1, { sendfile: 1e9, memory: 1e6 })), 'sendfile');
    assert.equal(mainPath(sampleOf(1, { sendfile: 1e9, buffers: 1e9 })), 'mixed');
  });

  test('is the median of the seconds of each path, which a start of workers does not change', () => {
    const usual = Array.from({ length: 20 }, (_, nth) => sampleOf(nth, { sendfile: 1e9 }));
    const start = { ...sampleOf(20, { sendfile: 2e7 }), cpuUser: 0.7 };
    const history = [...usual, start, sampleOf(21, { buffers: 1e9 })];
    assert.equal(medianCost(history, 'sendfile')?.toFixed(3), '0.090');
    assert.equal(medianCost(history, 'buffers')?.toFixed(3), '0.350');
    assert.equal(medianCost(history, 'memory'), undefined);
    assert.ok(usualCost(history) < 0.5);
    assert.equal(usualCost([]), 0);
  });

  test('and minute by minute, the newest first', () => {
    const minutes = byMinute(tenMinutes({ buffers: 6e8 }));
    assert.equal(minutes.length, 10);
    assert.ok(minutes[0].at > minutes[1].at);
    assert.equal(minutes[9].cost?.toFixed(3), '0.090');
    assert.deepEqual(byMinute([]), []);
  });
});

test('the scripts import one another, and nothing that the browser does not get', () => {
  const folder = new URL('../../src/console/page/', import.meta.url);
  const names = readdirSync(folder).filter(name => name.endsWith('.js'));
  assert.ok(names.includes('main.js'));
  for (const name of names) {
    const text = readFileSync(new URL(name, folder), 'utf8');
    for (const [, from] of text.matchAll(/ from '([^']*)'/g)) {
      assert.match(from, /^\.\/[a-z-]+\.js$/, `${name} imports ${from}`);
      assert.ok(names.includes(from.slice(2)), `${name} imports ${from}`);
    }
  }
});

describe('lists', () => {
  test('calls that move bytes come first, and no row changes its place', () => {
    assert.deepEqual(callOrder(['writev', 'epoll_pwait', 'accept4', 'sendfile']), [
      'sendfile',
      'pread64',
      'writev',
      'accept4',
      'epoll_pwait',
    ]);
  });

  test('requests of a path', () => {
    const all = [requestOf(2, 'buffers'), requestOf(1, 'sendfile')];
    assert.equal(filtered(all, ''), all);
    assert.deepEqual(filtered(all, 'sendfile'), [all[1]]);
    assert.equal(callsText(all[0]), 'sendfile 0 · pread 3200 · writev 1600 · EAGAIN 45');
  });
});

describe('looks', () => {
  test('each data path has its name and its colour', () => {
    assert.deepEqual(paths, dataPaths);
    for (const path of paths) {
      assert.notEqual(pathLooks[path].name, '');
      assert.match(styleSheet, new RegExp(`--path-${path}: `));
      assert.match(styleSheet, new RegExp(`\\.path-${path} \\{\\s*--own: var\\(--path-${path}\\)`));
    }
  });

  const themes = { light, dark };
  for (const [name, properties] of Object.entries(themes)) {
    const colours = Object.fromEntries(
      [...properties.matchAll(/--([\w-]+):(#\w+)/g)].map(([, key, value]) => [key, value]),
    );

    test(`${name}: the colours are those of the other pages`, () => {
      const [first, second] = styleSheet.split('@media (prefers-color-scheme: dark)');
      const own = name === 'light' ? first : second;
      for (const [key, value] of Object.entries(colours))
        assert.ok(own.includes(`--${key}: ${value};`), `${key} ${value}`);
    });

    test(`${name}: texts stand out from what they are on`, () => {
      for (const back of ['page', 'card']) {
        for (const text of ['ink', 'soft', 'sendfile', 'write', 'other']) {
          assert.ok(contrast(colours[text], colours[back]) >= 4.5, `${text} on ${back}`);
        }
      }
      for (const [text, back] of [
        ['good', 'good-back'],
        ['warn', 'warn-back'],
        ['bad', 'bad-back'],
        ['ink', 'good-back'],
        ['soft', 'good-back'],
        ['soft', 'warn-back'],
      ]) {
        assert.ok(contrast(colours[text], colours[back]) >= 4.5, `${text} on ${back}`);
      }
      // large letters
      for (const text of ['sendfile', 'write', 'other']) {
        for (const back of ['good-back', 'warn-back']) assert.ok(contrast(colours[text], colours[back]) >= 3, text);
      }
    });
  }
});
