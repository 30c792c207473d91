/** The page in a browser: nothing stands out of it at the width of a phone, no text over another, no error. */
import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { htmlReport } from '../../src/trace/html/report.js';
import { buffersSample, recordingOf, reportOf, traceOf } from './html-support.js';
import { begin, download, end } from './samples.js';

const run = promisify(execFile);
const isInstalled = spawnSync('chromium', ['--version'], { stdio: 'ignore' }).status === 0;
const skip = isInstalled ? false : 'chromium is not installed';

let folder: string;
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'zerocopy-page-'));
});
after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));

/** What the page tells of itself; it comes to the frame around it as a message. */
interface Seen {
  readonly width: number;
  readonly scrollWidth: number;
  /** Elements that stand out of the page, and are in no box that scrolls. */
  readonly outside: readonly string[];
  /** Pairs of texts of a drawing or an axis that lie over one another. */
  readonly overlaps: readonly string[];
  readonly violations: number;
  readonly sections: number;
}

/** Runs in the page, in front of its policy. */
const inspection = `<script>
let violations = 0;
document.addEventListener('securitypolicyviolation', () => { violations += 1; });
addEventListener('load', () => {
  const boxOf = element => element.getBoundingClientRect();
  const nameOf = element => element.tagName + '.' + element.getAttribute('class') + ' ' + element.textContent.slice(0, 40);
  const all = [...document.body.querySelectorAll('*')];
  const outside = all.filter(each => boxOf(each).right > innerWidth + 0.5 && !each.closest('pre,.scroll,.unseen')).map(nameOf);
  const overlaps = [];
  for (const group of document.querySelectorAll('.copies svg, .axis div')) {
    const texts = [...group.querySelectorAll('text, span')].filter(each => boxOf(each).width > 0);
    for (const [at, a] of texts.entries()) for (const b of texts.slice(at + 1)) {
      const [one, other] = [boxOf(a), boxOf(b)];
      const isApart = one.right <= other.left || other.right <= one.left || one.bottom <= other.top + 2 || other.bottom <= one.top + 2;
      if (!isApart) overlaps.push(nameOf(a) + ' / ' + nameOf(b));
    }
  }
  const sections = document.querySelectorAll('section').length;
  const seen = { width: innerWidth, scrollWidth: document.documentElement.scrollWidth, outside, overlaps, violations, sections };
  parent.postMessage(JSON.stringify(seen), '*');
});
</script>`;

/** Opens a page in a frame of a width: the window of a browser without a screen is not as narrow as a phone. */
async function inspect(page: string, width: number): Promise<{ seen: Seen; log: string }> {
  writeFileSync(join(folder, 'page.html'), page.replace('<head>', `<head>${inspection}`));
  const listener = `onmessage = event => { document.getElementById('seen').textContent = event.data; };`;
  const frame = `<iframe src="page.html" style="width:${width}px;height:900px;border:0"></iframe>`;
  writeFileSync(join(folder, 'frame.html'), `<!doctype html><pre id="seen"></pre><script>${listener}</script>${frame}`);
  const { stdout, stderr } = await run(
    'chromium',
    [
      ...['--headless', '--no-sandbox', '--disable-gpu', '--no-first-run', `--user-data-dir=${folder}/profile`],
      ...['--enable-logging=stderr', '--window-size=1400,900', '--virtual-time-budget=5000', '--dump-dom'],
      `file://${folder}/frame.html`,
    ],
    { maxBuffer: 64 * 1024 * 1024 },
  );
  const text = /<pre id="seen">(.*?)<\/pre>/s.exec(stdout)?.[1] ?? '';
  assert.notEqual(text, '', stderr);
  return {
    seen: JSON.parse(text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&')),
    log: stderr,
  };
}

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

describe('the page in Chromium', { skip }, () => {
  for (const width of [390, 1280]) {
    test(`${width} pixels wide`, async () => {
      const { seen, log } = await inspect(fullReport(), width);
      assert.equal(seen.width, width);
      assert.ok(seen.scrollWidth <= width, `${seen.scrollWidth}`);
      assert.deepEqual(seen.outside, []);
      assert.deepEqual(seen.overlaps, []);
      assert.equal(seen.violations, 0);
      assert.equal(seen.sections, 9);
      assert.deepEqual(
        log.split('\n').filter(line => line.includes('CONSOLE')),
        [],
      );
    });
  }
});
