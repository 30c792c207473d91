import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { htmlReport } from '../../src/experiments/html/report.js';
import type { ExperimentReport, ExperimentResult } from '../../src/experiments/result.js';
import { figure } from '../../src/tools/words.js';
import { inspectWidths, withoutBrowser } from '../tools/page-inspection.js';
import { assertWellFormed } from '../tools/well-formed.js';
import { sampleReport, sampleTable2, sampleTable3 } from './sample-report.js';

const page = htmlReport(sampleReport);
/** What a reader sees of a page, without its plots: there is a blank between any two cells. */
const wordsOf = (html: string) =>
  html
    .replace(/<(style|svg).*?<\/\1>/gs, ' ')
    .replace(/<[^>]*>/g, ' ')
    .replaceAll('&#39;', "'")
    .replace(/\s+/g, ' ');

describe('the page of experiments', () => {
  test('is well formed, in ASCII, and needs nothing else', () => {
    assertWellFormed(page);
    assert.match(page, /^<!doctype html>\n<html lang="en">/);
    assert.match(page, /^[\n\x20-\x7e]*$/);
    assert.doesNotMatch(page, /<script|<link|<img|\bsrc=|\bhref="(?!#)|@import|https?:|url\((?!#)/);
    assert.match(page, /Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'"/);
  });

  test('headings are in order, names are unique, and links lead somewhere', () => {
    const levels = [...page.matchAll(/<h([1-6])/g)].map(([, level]) => Number(level));
    assert.equal(levels[0], 1);
    assert.equal(levels.filter(level => level === 1).length, 1);
    for (const [at, level] of levels.slice(1).entries()) assert.ok(level <= levels[at] + 1, `${levels}`);
    const ids = [...page.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id);
    assert.equal(new Set(ids).size, ids.length);
    const links = [...page.matchAll(/(?:href="#|aria-labelledby="|url\(#)([^")]*)/g)].flatMap(([, id]) =>
      id.split(' '),
    );
    assert.ok(links.length > 10);
    for (const id of links) assert.ok(ids.includes(id), id);
  });

  test('every figure is there, of every run too', () => {
    const words = ` ${wordsOf(page)} `;
    const has = (text: string) => assert.ok(words.includes(` ${text} `), text);
    for (const { cells, ratios } of sampleReport.results) {
      for (const { median, paper, peer, samples } of cells) {
        has(figure(median));
        if (paper !== undefined) has(figure(paper));
        if (peer !== undefined) has(`${peer.name} ${figure(peer.median)}`);
        for (const { gigabitsPerSecond, seconds, senderCpuPerGB, receiverCpuPerGB, callsPerGB } of samples) {
          const costs = [senderCpuPerGB, receiverCpuPerGB, callsPerGB.sender, callsPerGB.receiver];
          has([gigabitsPerSecond, seconds, ...costs].map(figure).join(' '));
        }
      }
      for (const { label, ours, paper } of ratios) {
        has(`${label} ${ours.toFixed(2)}${paper === undefined ? '' : ` ${paper.toFixed(2)}`}`);
      }
    }
  });

  test('machine, settings, page cache, notes, commands and interval lines are there', () => {
    const words = wordsOf(page);
    const { machine, fileSystem } = sampleReport;
    for (const text of [machine.cpu, machine.kernel, machine.node, machine.congestionControl, fileSystem]) {
      assert.ok(words.includes(text), text);
    }
    assert.match(words, / 24\.4 GiB .* page cache warm /);
    for (const { settings, notes, commands, title, about } of sampleReport.results) {
      for (const text of [title, about, ...Object.values(settings), ...notes, ...commands]) {
        assert.ok(words.includes(text), text);
      }
    }
    assert.match(page, /Bandwidth \(Gbps\)\n0\.00-1\.00 {20}5\.97 {14}51\.3\n/);
    assert.match(
      wordsOf(htmlReport({ ...sampleReport, pageCache: 'cold' })),
      /page cache cold \(the source's pages were dropped/,
    );
  });

  test('a wide spread is marked, and so is whose figures stand beside ours', () => {
    assert.match(page, /<b>44\.1<\/b> <span class="other noise">&#177; 18 %<\/span>/);
    assert.match(page, /<b>76\.2<\/b> <span class="other">&#177; 2\.5 %<\/span>/);
    assert.match(page, /<th scope="col">IBM<\/th>/);
    assert.match(page, /<td>IBM 3\.47<\/td>/);
  });

  test('one experiment is the page, without an overview', () => {
    const one = htmlReport({ ...sampleReport, results: [sampleTable2] });
    assertWellFormed(one);
    assert.match(one, /<title>Experiment table2, Zerocopy<\/title>/);
    assert.doesNotMatch(one, /<nav|id="ratios"/);
  });

  test('what an experiment does not have leaves no empty part', () => {
    const bare: ExperimentResult = {
      ...{ name: 'a', title: 'b', about: 'c', settings: {}, cells: [], ratios: [], plots: [], notes: [], commands: [] },
    };
    const empty = htmlReport({ ...sampleReport, results: [bare, sampleTable3] });
    assertWellFormed(empty);
    const section = /<section aria-labelledby="e0">.*?<\/section>/s.exec(empty)?.[0] ?? '';
    assert.doesNotMatch(section, /<table|<svg|<pre|<ul|<details|Notes|Settings/);
    assertWellFormed(htmlReport({ ...sampleReport, results: [] }));
  });

  test('hostile text stays text, wherever it comes from', () => {
    const hostile = `</script></title></style></pre>--><svg onload=alert(1)>"'&\0\x1b\x9b\xff\u202e\ud800]]>`;
    const [cell] = sampleTable2.cells;
    const { machine } = sampleReport;
    const result: ExperimentResult = {
      ...{ name: hostile, title: hostile, about: hostile, settings: { [hostile]: hostile } },
      cells: [
        {
          ...{ ...cell, label: hostile, row: hostile, column: hostile, unit: hostile },
          peer: { name: hostile, median: 1, ratio: 1 },
        },
      ],
      ratios: [{ label: hostile, ours: 1, paper: 1 }],
      listings: [{ title: hostile, lines: [hostile] }],
      plots: [
        {
          ...{ title: hostile, kind: 'bars', categories: [hostile], x: { label: hostile }, y: { label: hostile } },
          series: [{ name: hostile, points: [[0, 1]] }],
        },
      ],
      ...{ notes: [hostile], commands: [hostile] },
    };
    const report: ExperimentReport = {
      ...{ started: hostile, fileSystem: hostile, pageCache: 'warm', results: [result, result] },
      machine: { ...machine, cpu: hostile, kernel: hostile, node: hostile, congestionControl: hostile },
    };
    const dirty = htmlReport(report);
    assertWellFormed(dirty);
    assert.ok(dirty.split('&lt;svg onload=alert(1)&gt;').length > 30);
    assert.doesNotMatch(dirty, /<svg onload|<\/script|-->/);
    assert.match(dirty, /^[\n\x20-\x7e]*$/);
  });
});

describe('the page of experiments in Chromium', { skip: withoutBrowser }, () => {
  const long = 'aNameThatIsRatherLong'.repeat(8);
  const stretched: ExperimentReport = {
    ...sampleReport,
    fileSystem: long,
    results: [
      ...sampleReport.results,
      { ...sampleTable2, name: 'long', title: long, notes: [long], commands: [long], settings: { [long]: long } },
    ],
  };
  test('as wide as a phone, and as a screen', async () => {
    const widths = [390, 1280];
    const { seen, console } = await inspectWidths(htmlReport(stretched), widths, 'svg.plot');
    for (const [at, { width, scrollWidth, outside, overlaps, violations, sections }] of seen.entries()) {
      assert.equal(width, widths[at]);
      assert.ok(scrollWidth <= width, `${scrollWidth}`);
      assert.deepEqual(outside, []);
      assert.deepEqual(overlaps, []);
      assert.equal(violations, 0);
      assert.equal(sections, 6);
    }
    assert.deepEqual(console, []);
  });
});
