/** A page, looked at in Chromium: what stands out of it, what lies over what, what the console says. */
import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const isInstalled = spawnSync('chromium', ['--version'], { stdio: 'ignore' }).status === 0;

/** Why there is no browser to look with; false where there is one. */
export const withoutBrowser = isInstalled ? false : 'chromium is not installed';

/** What the page tells of itself; it comes to the frame around it as a message. */
export interface Seen {
  readonly width: number;
  readonly scrollWidth: number;
  /** Elements that stand out of the page, and are in no box that scrolls. */
  readonly outside: readonly string[];
  /** Texts that lie over one another, in twos, or stand out of their drawing. */
  readonly overlaps: readonly string[];
  readonly violations: number;
  readonly sections: number;
}

export interface Inspection {
  readonly seen: Seen;
  /** What the page wrote to the console. */
  readonly console: readonly string[];
}

/** Runs in the page, in front of its policy. @param groups selects what holds texts that must not touch one another */
const script = (groups: string) => `<script>
let violations = 0;
document.addEventListener('securitypolicyviolation', () => { violations += 1; });
addEventListener('load', () => {
  const boxOf = element => element.getBoundingClientRect();
  const nameOf = element => element.tagName + '.' + element.getAttribute('class') + ' ' + element.textContent.slice(0, 40);
  const all = [...document.body.querySelectorAll('*')];
  const outside = all.filter(each => boxOf(each).right > innerWidth + 0.5 && !each.closest('pre,.scroll,.unseen')).map(nameOf);
  const overlaps = [];
  for (const group of document.querySelectorAll(${JSON.stringify(groups)})) {
    const texts = [...group.querySelectorAll('text, span')].filter(each => boxOf(each).width > 0);
    const around = boxOf(group);
    for (const [at, a] of texts.entries()) {
      const one = boxOf(a);
      if (a.tagName === 'text' && (one.left < around.left - 2 || one.right > around.right + 2 || one.top < around.top - 2 || one.bottom > around.bottom + 2)) overlaps.push(nameOf(a) + ' / the end of its drawing');
      for (const b of texts.slice(at + 1)) {
        const other = boxOf(b);
        const isApart = one.right <= other.left || other.right <= one.left || one.bottom <= other.top + 2 || other.bottom <= one.top + 2;
        if (!isApart) overlaps.push(nameOf(a) + ' / ' + nameOf(b));
      }
    }
  }
  const sections = document.querySelectorAll('section').length;
  const seen = { width: innerWidth, scrollWidth: document.documentElement.scrollWidth, outside, overlaps, violations, sections };
  parent.postMessage(seen, '*');
});
</script>`;

/** Opens a page in a frame of a width: the window of a browser without a screen is not as narrow as a phone. */
export async function inspectPage(page: string, width: number, groups: string): Promise<Inspection> {
  const { seen, console } = await inspectWidths(page, [width], groups);
  return { seen: seen[0], console };
}

/** The same in frames of several widths, one beside the other: a browser that starts takes longer than a page. */
export async function inspectWidths(
  page: string,
  widths: readonly number[],
  groups: string,
): Promise<{ readonly seen: readonly Seen[]; readonly console: readonly string[] }> {
  const folder = mkdtempSync(join(tmpdir(), 'zerocopy-page-'));
  try {
    writeFileSync(join(folder, 'page.html'), page.replace('<head>', `<head>${script(groups)}`));
    const listener = `const all = {};
onmessage = ({ data }) => { all[data.width] = data; document.getElementById('seen').textContent = JSON.stringify(all); };`;
    const frames = widths.map(
      width => `<iframe src="page.html" style="width:${width}px;height:900px;border:0"></iframe>`,
    );
    writeFileSync(
      join(folder, 'frame.html'),
      `<!doctype html><pre id="seen"></pre><script>${listener}</script>${frames.join('')}`,
    );
    const { stdout, stderr } = await run('chromium', flags(folder), { maxBuffer: 64 * 1024 * 1024 });
    const text = /<pre id="seen">(.*?)<\/pre>/s.exec(stdout)?.[1] ?? '';
    assert.notEqual(text, '', stderr);
    const told = text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
    const all = JSON.parse(told) as Record<number, Seen | undefined>;
    return {
      seen: widths.map(width => {
        const seen = all[width];
        assert.ok(seen, `the frame of ${width} pixels tells nothing`);
        return seen;
      }),
      console: stderr.split('\n').filter(line => line.includes('CONSOLE')),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

function flags(folder: string): string[] {
  return [
    ...['--headless', '--no-sandbox', '--disable-gpu', '--no-first-run', `--user-data-dir=${folder}/profile`],
    ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
    ...['--enable-logging=stderr', '--window-size=1400,900', '--virtual-time-budget=5000', '--dump-dom'],
    `file://${folder}/frame.html`,
  ];
}
