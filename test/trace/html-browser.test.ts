/** The page in a browser: nothing stands out of it at the width of a phone, no text over another, no error. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { htmlReport } from '../../src/trace/html/report.js';
import { inspectWidths, withoutBrowser } from '../tools/page-inspection.js';
import { buffersSample, recordingOf, reportOf, traceOf } from './html-support.js';
import { begin, download, end } from './samples.js';

/** A report with all that a page may hold, and words that are long. */
function fullReport(): string {
  const long = 'aNameOfAFileThatIsRatherLong'.repeat(6);
  const times = { step: 0.0003, duration: 0.0002 };
  const sendfile = Array.from(
    { length: 40 },
    (_, at) => `sendfile(7, 12, [${at * 9000}] => [${(at + 1) * 9000}], 9000) = 9000`,
  );
  const answers = [{ method: 'GET', target: `/${long}`, status: 200, bytes: 104_857_600 }];
  const changes = { answers, errorLog: [`2026/11/20 12:00:00 [error] open() "/${long}" failed`] };
  const off = recordingOf('sendfile off', traceOf(download(400, 5), times), changes);
  const on = recordingOf(`nginx, ${long}`, traceOf([...begin(), ...sendfile, ...end], times), changes);
  return htmlReport(
    reportOf([off, on], {
      commandLine: `zerocopy trace --read /${long}`,
      checks: [{ name: long, ok: false, detail: long }],
      notes: [long],
      buffers: buffersSample,
    }),
  );
}

describe('the page in Chromium', { skip: withoutBrowser }, () => {
  test('as wide as a phone, and as a screen', async () => {
    const widths = [390, 1280];
    const { seen, console } = await inspectWidths(fullReport(), widths, '.copies svg, .axis div');
    for (const [at, { width, scrollWidth, outside, overlaps, violations, sections }] of seen.entries()) {
      assert.equal(width, widths[at]);
      assert.ok(scrollWidth <= width, `${scrollWidth}`);
      assert.deepEqual(outside, []);
      assert.deepEqual(overlaps, []);
      assert.equal(violations, 0);
      assert.equal(sections, 9);
    }
    assert.deepEqual(console, []);
  });
});
