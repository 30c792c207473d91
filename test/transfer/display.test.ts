import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { intervalHeader } from '../../src/tools/interval-lines.js';
import { Display, type DisplayOptions } from '../../src/transfer/display.js';
import { type Progress, progressLine } from '../../src/transfer/progress-line.js';

const progress: Progress = { name: 'scan.vdif', done: 4.5e9, total: 10e9, rate: 6.4125e9, elapsed: 1.2 };

describe('progress line', () => {
  const cases: [what: string, columns: number, change: Partial<Progress>, line: string][] = [
    ['80 columns', 79, {}, 'scan.vdif  [======>        ]   45 %    4.5 GB of 10 GB   51.3 Gbit/s  0:01 left'],
    [
      'wide',
      140,
      {},
      'scan.vdif  [==================>                     ]   45 %    4.5 GB of 10 GB   51.3 Gbit/s  0:01 left',
    ],
    [
      'begin',
      79,
      { done: 0, rate: null },
      'scan.vdif  [>              ]    0 %   0 bytes of 10 GB                -:-- left',
    ],
    ['end', 79, { done: 10e9 }, 'scan.vdif  [===============]  100 %     10 GB of 10 GB   51.3 Gbit/s  0:00 left'],
    [
      'nearly the end',
      79,
      { done: 9_999_999_999 },
      'scan.vdif  [==============>]   99 %   10.0 GB of 10 GB   51.3 Gbit/s  0:00 left',
    ],
    [
      'nothing to do',
      79,
      { done: 0, total: 0, rate: 0 },
      'scan.vdif  [=============]  100 %   0 bytes of 0 bytes       0 bit/s  0:00 left',
    ],
    [
      'more than was said',
      79,
      { done: 11e9 },
      'scan.vdif  [===============]  100 %     11 GB of 10 GB   51.3 Gbit/s  0:00 left',
    ],
    ['total unknown', 70, { total: null }, 'scan.vdif  [    <=>                    ]    4.5 GB   51.3 Gbit/s  0:01'],
    [
      'a long name',
      79,
      { name: 'a'.repeat(99) },
      `${'a'.repeat(11)}...  [====>     ]   45 %    4.5 GB of 10 GB   51.3 Gbit/s  0:01 left`,
    ],
    ['no room for a bar', 64, {}, 'scan.vdif   45 %    4.5 GB of 10 GB   51.3 Gbit/s  0:01 left'],
    ['40 columns', 40, {}, 'scan.vdif   45 %    4.5 GB of 10 GB'],
    ['16 columns', 16, {}, 'scan.vdif   45 %'],
    ['4 columns', 4, {}, ' 45 '],
    ['none', -1, {}, ''],
  ];
  for (const [what, columns, change, line] of cases) {
    test(what, () => assert.equal(progressLine({ ...progress, ...change }, columns), line));
  }

  test('never wider than the terminal, whatever the name', () => {
    for (const name of ['', 'scan.vdif', 'a'.repeat(99), '파일'.repeat(20)]) {
      for (const total of [null, 0, 10e9, 9.7e14]) {
        for (let columns = 0; columns < 130; columns++) {
          const line = progressLine({ ...progress, name, total }, columns);
          const wide = [...line].filter(char => char > '\u1100').length;
          assert.ok(line.length + wide <= columns, `${columns}: ${line}`);
        }
      }
    }
  });

  test('the mark of an unknown end stays within its brackets', () => {
    for (let elapsed = 0; elapsed < 60; elapsed += 0.13) {
      assert.match(progressLine({ ...progress, total: null, elapsed }, 60), /\[ *<=> *\]/);
    }
  });
});

/** A display, the terminal that shows both of its streams, and a clock that is set by hand. */
function shown(options: Partial<DisplayOptions> = {}, columns = 80) {
  const time = { now: 1000 };
  const written = { output: '', error: '', both: '' };
  const write = (stream: 'output' | 'error') => (text: string) => {
    written[stream] += text;
    written.both += text;
  };
  const display = new Display(
    { json: false, intervals: true, bar: true, ...options },
    { output: write('output'), error: write('error'), columns: () => columns, now: () => time.now },
  );
  return { display, written, time };
}

/** What a terminal of one stream of text shows in the end: `\r` goes back, `\x1b[K` clears to the line's end. */
function screenOf(text: string): string[] {
  return text.split('\n').map(line => {
    let shownLine = '';
    for (const part of line.split('\r')) {
      shownLine = part.startsWith('\x1b[K') ? part.slice(3) : part + shownLine.slice(part.length);
    }
    return shownLine;
  });
}

const second = (start: number) => ({ start, end: start + 1, bytes: 2 ** 30 });

describe('display', () => {
  test('lines and the bar on one terminal do not garble one another', () => {
    const { display, written, time } = shown();
    display.begin('scan.vdif', 4 * 2 ** 30);
    for (const start of [0, 1]) {
      for (let tenth = 1; tenth <= 10; tenth++) {
        time.now += 100;
        display.progress((start + tenth / 10) * 2 ** 30);
      }
      display.interval(second(start));
    }
    display.note('the peer is slow');
    const screen = screenOf(written.both);
    assert.deepEqual(screen.slice(0, 4), [
      intervalHeader,
      '0.00-1.00                    1.00               8.6',
      '1.00-2.00                    1.00               8.6',
      'the peer is slow',
    ]);
    assert.match(screen[4], /^scan\.vdif {2}\[=+> +\] {3}50 % {4}2\.1 GB of 4\.3 GB {4}8\.6 Gbit\/s {2}0:02 left$/);
    display.end();
    assert.equal(screenOf(written.both)[4], '');
    assert.doesNotMatch(written.output, /\x1b|\r/);
  });

  test('the header comes once for a transfer, and again for the next one', () => {
    const { display, written } = shown({ bar: false });
    for (const _ of [1, 2]) {
      display.begin('a', null);
      display.interval(second(0));
      display.interval(second(1));
      display.end();
    }
    assert.equal(written.output.split(intervalHeader).length, 3);
    assert.equal(written.error, '');
  });

  test('the end shows the interval that no tick has shown', () => {
    const { display, written } = shown({ bar: false });
    const last = { start: 1, end: 1.66, bytes: 1 };
    display.begin('a', null);
    display.interval(second(0));
    display.end([second(0), last]);
    assert.match(written.output, /\n1\.00-1\.66 .*\n$/);
    display.begin('b', null);
    display.interval(second(0));
    const before = written.output;
    display.end([{ ...second(0), end: 1.004 }]);
    assert.equal(written.output, before);
  });

  test('an interval of no length is no line', () => {
    const { display, written } = shown();
    display.interval({ start: 1, end: 1, bytes: 0 });
    assert.equal(written.both, '');
  });

  test('with --json, standard output is left alone, and only notes are written', () => {
    const { display, written, time } = shown({ json: true });
    display.begin('a', 100);
    time.now += 1000;
    display.progress(50);
    display.interval(second(0));
    display.note('resumed at 40 bytes');
    display.end([second(1)]);
    assert.equal(written.both, 'resumed at 40 bytes\n');
  });

  test('without --interval there are no lines, without a terminal no bar', () => {
    const { display, written } = shown({ intervals: false, bar: false });
    display.begin('a', 100);
    display.interval(second(0));
    display.progress(50);
    display.end();
    assert.equal(written.both, '');
  });

  test('bytes that were there count as done, and not in the rate', () => {
    const { display, written, time } = shown({ intervals: false }, 100);
    display.begin('a', 10e9, 9e9);
    assert.match(screenOf(written.both)[0], / 90 % {6}9 GB of 10 GB/);
    time.now += 1000;
    display.progress(9.125e9);
    assert.match(screenOf(written.both)[0], / 91 % .* 1\.0 Gbit\/s {2}0:07 left$/);
  });

  test('the rate is smoothed, and follows', () => {
    const { display, written, time } = shown({ intervals: false });
    let done = 0;
    const rateAfter = (bytes: number) => {
      time.now += 1000;
      done += bytes;
      display.progress(done);
      return Number(/([\d.]+) Gbit\/s/.exec(screenOf(written.both)[0])?.[1]);
    };
    display.begin('a', 1e12);
    assert.equal(rateAfter(1e9), 8);
    const afterStall = rateAfter(0.125e9);
    assert.ok(afterStall > 4 && afterStall < 7, `${afterStall}`);
    for (let at = 0; at < 20; at++) rateAfter(0.125e9);
    assert.equal(rateAfter(0.125e9), 1);
  });

  test('bytes that turned out to be wrong make no rate below zero', () => {
    const { display, written, time } = shown({ intervals: false });
    display.begin('a', 1000, 500);
    time.now += 200;
    display.progress(100);
    assert.match(screenOf(written.both)[0], / 10 % .* 0 bit\/s {2}-:-- left$/);
  });

  test('the bar is drawn ten times a second at most', () => {
    const { display, written, time } = shown({ intervals: false });
    display.begin('a', 1e6);
    for (let ms = 0; ms < 1000; ms++) {
      time.now += 1;
      display.progress(ms);
    }
    assert.equal(written.error.split('\r').length - 1, 11);
  });

  test('names are shown as they are meant, and cannot move the cursor', () => {
    const { display, written } = shown({ intervals: false }, 120);
    display.begin(Buffer.from('파일\x1b[2J').toString('latin1'), 100);
    display.note('\x1b]0;owned\x07');
    assert.match(written.error, /파일\\x1b\[2J/);
    assert.match(written.error, /\\x1b\]0;owned\\x07\n/);
  });
});
