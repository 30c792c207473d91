import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { markup, toAscii } from '../../src/tools/html/markup.js';
import { visible } from '../../src/tools/visible.js';
import { bufferSize, bytes, seconds } from '../../src/tools/words.js';
import { alignPhases, pairsOf } from '../../src/trace/html/folded-view.js';
import { htmlReport } from '../../src/trace/html/report.js';
import { marksOf, timelineOf } from '../../src/trace/html/spans.js';
import { style } from '../../src/trace/html/style.js';
import { firstSpans, niceStep } from '../../src/trace/html/timeline.js';
import type { Phase, PhaseName } from '../../src/trace/steps.js';
import { contrast } from '../tools/colours.js';
import { buffersSample, recordingOf, reportOf, traceOf, withTexts } from './html-support.js';
import { begin, download, end } from './samples.js';

const sendfile = (pieces: number) => [
  ...begin(),
  `writev(7, [{iov_base="HTTP/1.1 200 OK\\r\\n"..., iov_len=258}], 1) = 258`,
  ...Array.from({ length: pieces }, (_, at) => `sendfile(7, 12, [${at * 1000}] => [${(at + 1) * 1000}], 1000) = 1000`),
  ...end,
];

const off = recordingOf('sendfile off', traceOf(download(5, 3), { step: 0.001, duration: 0.0004 }));
const on = recordingOf('sendfile on', traceOf(sendfile(9), { step: 0.001, duration: 0.0004 }));

const occurrences = (text: string, part: string) => text.split(part).length - 1;
/** The part of a page from one heading of the second order to the next. */
const sectionOf = (page: string, id: string) => new RegExp(`<h2 id="${id}">.*?</section>`, 's').exec(page)?.[0] ?? '';

describe('words', () => {
  const cases: [string, string][] = [
    [bytes(0), '0 bytes'],
    [bytes(1), '1 byte'],
    [bytes(999), '999 bytes'],
    [bytes(1000), '1 kB'],
    [bytes(104_857_600), '104.9 MB'],
    [bytes(999_960), '1.0 MB'],
    [bufferSize(32_768), '32 KB'],
    [bufferSize(10_485_760), '10 MB'],
    [bufferSize(1000), '1,000 bytes'],
    [seconds(0), '0 s'],
    [seconds(12.34e-6), '12.3 µs'],
    [seconds(0.00405), '4.05 ms'],
    [seconds(0.9999), '1 s'],
    [seconds(1234), '1,234 s'],
  ];
  for (const [actual, expected] of cases) test(expected, () => assert.equal(actual, expected));
});

describe('markup', () => {
  test('strings are escaped, templates and lists of them are not', () => {
    const inner = markup`<b>${'<&"\''}</b>`;
    assert.equal(
      markup`<p title="${'"'}">${[inner, 1]}</p>`.html,
      '<p title="&quot;"><b>&lt;&amp;&quot;&#39;</b>1</p>',
    );
  });

  const seen: [string, string, string][] = [
    ['controls', 'a\0\x1b[1m\r\n\x9b', 'a\\x00\\x1b[1m\\x0d\\x0a\\x9b'],
    ['UTF-8 in a byte string', Buffer.from('파일').toString('latin1'), '파일'],
    ['a text that is none', '62 × read → write', '62 × read → write'],
    ['latin1 that is no UTF-8', 'a\xe9b', 'a\xe9b'],
    ['a change of direction', 'a\u202eb→', 'a\\u202eb→'],
    ['half of a pair', '→\ud800', '→\\ud800'],
    ['a whole pair', '→😀', '→😀'],
  ];
  for (const [name, text, expected] of seen) test(`visible: ${name}`, () => assert.equal(visible(text), expected));

  test('a page is in ASCII', () => assert.equal(toAscii('a×😀'), 'a&#215;&#128512;'));
});

describe('timeline', () => {
  test('times count from the first call of the request, and waits before it are left out', () => {
    const { unit, spans, total } = timelineOf([off, on]);
    assert.equal(unit, 'time');
    assert.equal(spans[0][0].step.name, 'accept4');
    assert.equal(spans[0][0].from, 0);
    const last = spans[0].at(-1);
    assert.equal(last?.step.name, 'close');
    assert.ok(Math.abs(total - (last?.to ?? 0)) < 1e-9);
    assert.equal(spans[0].filter(span => span.isFull).length, 3);
    assert.deepEqual([...new Set(spans[1].map(span => span.lane))].sort(), ['other', 'sendfile', 'wait', 'write']);
  });

  test('one trace without times puts all on an axis of order', () => {
    const { unit, spans, total } = timelineOf([off, recordingOf('a file', traceOf(sendfile(2)))]);
    assert.equal(unit, 'order');
    assert.deepEqual([spans[1][3].from, spans[1][3].to], [3, 4]);
    assert.equal(total, spans[0].length);
  });

  test('a wait whose length is not recorded lasts until the next call', () => {
    const trace = traceOf(download(1), { step: 0.5, duration: 0.1 });
    const events = trace.events.map(event => (event.kind === 'call' ? { ...event, duration: -1 } : event));
    const [spans] = timelineOf([recordingOf('a', { ...trace, events })]).spans;
    const wait = spans.find(span => span.lane === 'wait');
    assert.ok(wait !== undefined && Math.abs(wait.to - wait.from - 0.5) < 1e-5);
    assert.ok(spans.filter(span => span.lane === 'read').every(span => span.from === span.to));
  });

  test('marks: never more than cells, and nothing is lost', () => {
    const [spans] = timelineOf([recordingOf('a', traceOf(download(2000), { step: 0.001, duration: 0.0005 }))]).spans;
    const reads = spans.filter(span => span.lane === 'read');
    const marks = marksOf(reads, { from: 0, to: 7 }, 100);
    assert.ok(marks.length > 50 && marks.length <= 100, `${marks.length}`);
    assert.equal(
      marks.reduce((sum, mark) => sum + mark.calls, 0),
      4000,
    );
    assert.equal(
      marks.reduce((sum, mark) => sum + mark.bytes, 0),
      4000 * 32_768,
    );
    for (const { x, width, share } of marks) {
      assert.ok(x >= 0 && width >= 1 && x + width <= 100 && share > 0.2 && share < 0.6, `${x} ${width} ${share}`);
    }
  });

  test('a mark is as long as its call', () => {
    const [spans] = timelineOf([on]).spans;
    const [first] = marksOf(spans, { from: 0, to: 0.01 }, 1000);
    assert.deepEqual([Math.round(first.x), Math.round(first.width), Math.round(first.share)], [0, 40, 1]);
  });

  test('the close-up ends before a wait that would take all the room', () => {
    const [spans] = timelineOf([off]).spans;
    assert.equal(firstSpans(spans).length, 30);
    const slow = spans.map((span, at) => (at === 15 ? { ...span, lane: 'wait' as const, to: span.from + 9 } : span));
    assert.equal(firstSpans(slow).length, 15);
  });

  for (const [least, expected] of [
    [0.7, 1],
    [1, 1],
    [1.1, 2],
    [30, 50],
    [0.00021, 0.0005],
    [600, 1000],
  ]) {
    test(`a tick of at least ${least} is ${expected}`, () =>
      assert.ok(Math.abs(niceStep(least) / expected - 1) < 1e-9));
  }
});

describe('phases', () => {
  const phase = (name: PhaseName): Phase => ({ name, title: name, sentence: '', items: [], calls: 1, bytes: 0 });
  const named = (...names: PhaseName[]) => names.map(phase);

  test('the same phases stand beside one another, and both ways of the file do', () => {
    const rows = alignPhases(
      named('accept', 'head', 'move by copy', 'socket full', 'close'),
      named('accept', 'open the file', 'head', 'move by sendfile', 'close'),
    );
    assert.deepEqual(
      rows.map(([a, b]) => [a?.name ?? '', b?.name ?? '']),
      [
        ['accept', 'accept'],
        ['', 'open the file'],
        ['head', 'head'],
        ['move by copy', 'move by sendfile'],
        ['socket full', ''],
        ['close', 'close'],
      ],
    );
  });

  test('what was compared is a pair; of the rest, two by two', () => {
    const report = reportOf([off, on]);
    const [pair] = report.comparisons;
    const four = { ...report, recordings: [off, on, off, on, off], comparisons: [{ ...pair, a: 0, b: 3 }] };
    assert.deepEqual(pairsOf(four), [[0, 3], [1, 2], [4]]);
  });
});

describe('colours', () => {
  const [light, dark, paper] = [...style.html.matchAll(/:root\{([^}]*)\}/g)].map(
    ([, text]) => new Map([...text.matchAll(/--([\w-]+):(#\w+)/g)].map(([, name, colour]) => [name, colour])),
  );
  const themes = Object.entries({ light, dark, paper });
  const texts = ['ink', 'soft', 'good', 'bad', 'warn'].flatMap(name => [
    [name, 'page'],
    [name, 'card'],
  ]);
  const badges = ['good', 'bad', 'warn'].map(name => [name, `${name}-back`]);
  const marks = ['read', 'write', 'sendfile', 'wait', 'other', 'full', 'focus'].map(name => [name, 'card']);

  for (const [theme, colours] of themes) {
    test(`${theme}: text and marks stand out (AA)`, () => {
      const check = (pairs: string[][], least: number) => {
        for (const [a, b] of pairs) {
          const value = contrast(colours.get(a) ?? '', colours.get(b) ?? '');
          assert.ok(value >= least, `${a} on ${b}: ${value}`);
        }
      };
      check([...texts, ...badges], 4.5);
      check(marks, 3);
    });
  }
});

describe('page', () => {
  const page = htmlReport(reportOf([off, on]));

  test('is whole, in ASCII, and needs nothing else', () => {
    assert.match(page, /^<!doctype html>\n<html lang="en">/);
    assert.match(page, /^[\n\x20-\x7e]*$/);
    assert.doesNotMatch(page, /<script|<link|<img|\bsrc=|\bhref=|@import|https?:|url\((?!#)/);
  });

  test('headings are in order, and names are unique', () => {
    const levels = [...page.matchAll(/<h([1-6])/g)].map(([, level]) => Number(level));
    assert.equal(levels[0], 1);
    assert.equal(levels.filter(level => level === 1).length, 1);
    // a table's columns carry the names of the recordings there, so that h4 may come below h2
    for (const [at, level] of levels.slice(1).entries()) assert.ok(level <= levels[at] + 2, `${levels}`);
    const ids = [...page.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id);
    assert.equal(new Set(ids).size, ids.length);
    assert.equal(occurrences(page, '<th>') + occurrences(page, '<th '), occurrences(page, ' scope="'));
  });

  test('every lane says in words what it shows', () => {
    const lanes = sectionOf(page, 'timelines');
    assert.match(lanes, /<title>file reads: 28 calls \(pread64\), 917.5 kB<\/title>/);
    assert.match(lanes, /<title>sendfile: 9 calls \(sendfile\), 9 kB<\/title>/);
    assert.match(lanes, /<title>waiting: [^<]*; a write found the socket full 3 times<\/title>/);
    assert.match(lanes, /<title>file reads: no call<\/title>/);
  });

  test('the diagram names what was counted, and greys what was not used', () => {
    const [, first = '', second = ''] = sectionOf(page, 'copies').split('<figure');
    assert.match(first, /Page cache to user space: 917.5 kB in 28 calls of pread64\./);
    assert.match(first, /kernel: not used\. /);
    assert.equal(occurrences(first, 'class="arrow unused"'), 1);
    assert.match(second, /Page cache to socket buffer within the kernel: 9 kB in 9 calls of sendfile\./);
    assert.match(second, /258 bytes were copied into or out of the process; 9 kB went/);
    assert.equal(occurrences(second, 'class="arrow unused"'), 1);
    assert.equal(occurrences(second, 'stroke-dasharray'), 2);
  });

  test('the diagram takes the count of the scenario where there is one', () => {
    const hop = { bytes: 5000, by: '', calls: 0, counted: true } as const;
    const hops = [
      { ...hop, from: 'disk', to: 'page cache', how: 'fetched by the device' },
      { ...hop, from: 'page cache', to: 'socket', by: 'sendfile', calls: 3, how: 'passed by reference' },
    ] as const;
    const copies = [{ recording: 1, hops, copiedByProcessor: 0, calls: 3 }];
    const [, , second = ''] = sectionOf(htmlReport(reportOf([off, on], { copies })), 'copies').split('<figure');
    assert.match(second, /No byte was copied/);
    assert.match(second, /Disk to page cache: 5 kB\. Page cache to user space: not used\./);
    assert.match(second, /in 3 calls of sendfile/);
    assert.equal(occurrences(second, 'stroke-dasharray'), 0);
  });

  test('the verdict comes first, with the checks that failed', () => {
    const checks = [
      { name: 'one', ok: true, detail: '' },
      { name: 'two', ok: false, detail: 'line 3' },
    ];
    const failed = htmlReport(reportOf([off], { checks }));
    assert.match(failed, /<h1>A download<\/h1>\s*<div class="verdict bad"><p>1 of 2 checks failed: two\.<\/p>/);
    assert.match(sectionOf(failed, 'checks'), /failed<\/span> <b>two<\/b><p>line 3<\/p>/);
    assert.match(page, /<div class="verdict good"><p>The check passed\.<\/p><p>/);
  });

  test('steps of the sequence that are missing are said to be', () => {
    const sequence = sectionOf(htmlReport(reportOf([recordingOf('cut', traceOf(download(3)))])), 'sequence');
    assert.match(sequence, /cut: steps are missing/);
    assert.match(sequence, /missing<\/span> writev: EAGAIN/);
    assert.match(sequence, /found<\/span> pread64 of 32768 bytes, twice/);
    assert.equal(sectionOf(htmlReport(reportOf([on])), 'sequence'), '');
  });

  test('differences carry their weight in words', () => {
    const differences = sectionOf(page, 'differences');
    assert.match(differences, /<span class="badge warn">matters<\/span>/);
    assert.match(differences, /path of the data:/);
  });

  test('figures that are not known are said to be, and calls of both are beside one another', () => {
    const figures = sectionOf(page, 'figures');
    assert.match(figures, /Processor time of the server<\/th><td>not known<\/td><td>not known<\/td>/);
    assert.match(figures, /<code>sendfile<\/code><\/th><td>0<\/td><td>9<\/td>/);
    assert.match(figures, /<code>pread64<\/code><\/th><td>28<\/td><td>0<\/td>/);
  });

  test('a report without recordings, and one with buffers', () => {
    const table = htmlReport(reportOf([], { buffers: buffersSample, notes: ['strace is missing'] }));
    assert.match(sectionOf(table, 'buffers'), /<title>memory: 1050 MB<\/title><rect class="read" width="400"/);
    assert.match(sectionOf(table, 'buffers'), /<th scope="row">2 &#215; 32 KB<\/th><td>7.9 MB<\/td>/);
    assert.match(sectionOf(table, 'notes'), /<li>strace is missing<\/li>/);
    assert.equal(sectionOf(table, 'timelines') + sectionOf(table, 'figures'), '');
  });

  test('hostile text stays text, wherever it comes from', () => {
    const hostile = `</script></title></style></pre>--><svg onload=alert(1)>"'&\0\x1b\x9b\xff\u202e\ud800]]>`;
    const trace = withTexts(traceOf(download(3, 2), { step: 0.001, duration: 0.0001 }), hostile);
    const answers = [{ method: hostile, target: hostile, status: 200, bytes: 1 }];
    const changes = { answers, errorLog: [hostile] };
    const recordings = [recordingOf(hostile, trace, changes), recordingOf(`${hostile}2`, trace, changes)];
    recordings[0] = { ...recordings[0], figures: { ...recordings[0].figures, calls: { [hostile]: 3 } } };
    const dirty = htmlReport(
      reportOf(recordings, {
        scenario: { name: hostile, title: hostile, about: hostile },
        commandLine: hostile,
        date: hostile,
        servers: { [hostile]: hostile },
        checks: [{ name: hostile, ok: false, detail: hostile }],
        notes: [hostile],
      }),
    );
    assert.ok(occurrences(dirty, '&lt;svg onload=alert(1)&gt;') > 30);
    assert.doesNotMatch(dirty, /<svg onload|<\/script|-->/);
    assert.match(dirty, /^[\n\x20-\x7e]*$/);
    for (const tag of ['title', 'style', 'pre', 'svg', 'table']) {
      assert.equal(occurrences(dirty, `</${tag}>`), [...dirty.matchAll(new RegExp(`<${tag}[ >]`, 'g'))].length, tag);
    }
  });

  test('a long trace gives a small page', () => {
    const long = recordingOf('long', traceOf(download(15_000), { step: 0.00003, duration: 0.00002 }));
    assert.ok(long.normal.steps.length > 45_000);
    const { length } = htmlReport(reportOf([long, long]));
    assert.ok(length < 1_000_000, `${length} bytes`);
  });
});
