/** The console's page in Chromium, on a scripted console: what it shows, what it sends, and what it does when the server goes. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import type { Snapshot } from '../../src/console/snapshot.js';
import { waitFor } from '../server/client.js';
import { hasText, openBrowser, openTab, type Tab, withoutBrowser } from './page-browser.js';
import { placeOf, requestOf, sampleOf, snapshotOf, tenMinutes } from './page-samples.js';
import { ScriptedConsole } from './scripted-console.js';

let browser: Browser;
let tab: Tab;

interface Scene {
  readonly server: ScriptedConsole;
  readonly page: Page;
  readonly complaints: readonly string[];
}

interface Setting {
  readonly width?: number;
  readonly reducedMotion?: 'reduce';
  readonly prepare?: (server: ScriptedConsole) => void;
}

/** The page anew, on a console of its own; the play begins when it is live, or polls, and shows what it has heard. */
async function withPage(snapshot: Snapshot, setting: Setting, play: (scene: Scene) => Promise<void>): Promise<void> {
  const server = new ScriptedConsole(snapshot);
  setting.prepare?.(server);
  await server.start();
  const { page, complaints } = tab;
  try {
    await page.setViewportSize({ width: setting.width ?? 1280, height: 850 });
    await page.emulateMedia({ reducedMotion: setting.reducedMotion ?? 'no-preference' });
    // where the test before has left it, it may leave a plot that comes to lie under it: the plot then forgets its second
    await page.mouse.move(0, 0);
    await page.goto(server.url, { waitUntil: 'commit' });
    complaints.length = 0;
    await page.locator('[data-state=live], [data-state=polling]').waitFor();
    await hasText(page, '#server-version', `${snapshot.server.pid}`);
    await play({ server, page, complaints });
  } finally {
    // before the server goes: a page that loses it complains
    await page.goto('about:blank');
    await server.stop();
  }
}

const leg = (path: string, nth = 0) => `#picture .leg.path-${path} >> nth=${nth}`;

async function isIdle(page: Page, path: string): Promise<boolean> {
  return ((await page.locator(leg(path)).getAttribute('class')) ?? '').split(' ').includes('idle');
}

/** How many of the picture's ways have bytes that move: watched for a fifth of a second, in the page. */
const running = `new Promise(resolve => {
  const offsets = () => [...document.querySelectorAll('#picture .bytes')].map(each => each.style.strokeDashoffset);
  const before = offsets();
  setTimeout(() => resolve(offsets().filter((each, at) => each !== before[at]).length), 200);
})`;

describe('the live page in Chromium', { skip: withoutBrowser }, () => {
  before(async () => {
    browser = await openBrowser();
    tab = await openTab(browser);
  });
  after(() => browser.close());

  test('shows the server and its state, and follows it', async () => {
    await withPage(snapshotOf({ history: [sampleOf(1, {})] }), {}, async ({ server, page, complaints }) => {
      await hasText(page, '#connection', 'Live');
      await hasText(page, '#server-version', 'zerocopy 0.1.0, Node 20.19.5, master 4711');
      await hasText(page, '#server-configuration', 'conf/nginx.conf, 1 reload');
      await hasText(page, '#headline', 'No bytes are on their way');
      const totals = { ...server.snapshot.totals, requests: 5311 };
      server.news(
        { totals, requests: [requestOf(1, 'sendfile')] },
        sampleOf(2, { sendfile: 1.31e9, memory: 4200 }, 45e6),
      );
      await hasText(page, '#headline', '1.31 GB/s by sendfile');
      await hasText(page, '.card >> nth=0', '10.5 Gbit/s');
      await hasText(page, '.card >> nth=1', '5,311');
      await hasText(page, '#calls tr >> nth=0', /sendfile2,787/);
      await hasText(page, '#workers tr >> nth=0', /0, pid 4712serving4 %31 %59\.0 MB3/);
      await hasText(page, '#requests tr >> nth=0', 'sendfile 223 · pread 0 · writev 0 · EAGAIN 45');
      await hasText(page, '#picture-text', 'From the disk into the page cache: 45.0 MB/s');
      assert.equal(await page.locator('#elsewhere').isVisible(), false);
      assert.deepEqual(complaints, []);
    });
  });

  test('the bytes run where they really went', async () => {
    await withPage(snapshotOf({ history: [sampleOf(1, {})] }), {}, async ({ server, page }) => {
      assert.equal(await page.evaluate(running), 0);
      server.news({}, sampleOf(2, { sendfile: 1.3e9 }));
      await hasText(page, leg('sendfile'), '1.30 GB/s2,766 calls/sno copy');
      assert.equal(await isIdle(page, 'sendfile'), false);
      assert.equal(await isIdle(page, 'buffers'), true);
      assert.equal(await page.evaluate(running), 2);
      server.news({}, sampleOf(3, { buffers: 655_360_000 }));
      await hasText(page, leg('buffers'), 'pread64655 MB/s20,000 calls/s1st copy');
      await hasText(page, leg('buffers', 1), 'writev655 MB/s10,000 calls/s2nd copy');
      assert.equal(await isIdle(page, 'sendfile'), true);
      assert.equal(await page.evaluate(running), 3);
      await hasText(page, '#spoken', 'Bytes now go by output buffers');
    });
  });

  test('with reduced motion nothing moves, and all is said', async () => {
    const snapshot = snapshotOf({ history: [sampleOf(1, { sendfile: 1.3e9 })] });
    await withPage(snapshot, { reducedMotion: 'reduce' }, async ({ page }) => {
      await hasText(page, leg('sendfile'), '1.30 GB/s');
      assert.equal(await page.evaluate(running), 0);
      assert.ok(Number(await page.locator(`${leg('sendfile')} >> .bytes`).getAttribute('stroke-width')) > 15);
    });
  });

  test('a switch sends the change with its token, and is busy until it has come', async () => {
    await withPage(snapshotOf(), {}, async ({ server, page, complaints }) => {
      let agree = () => {};
      server.answer = () =>
        new Promise(resolve => {
          agree = () => resolve([200, { ok: true }]);
        });
      const control = page.getByRole('switch', { name: 'sendfile of server localhost on *:8080' });
      assert.equal(await control.getAttribute('aria-checked'), 'true');
      await control.click();
      await waitFor('a wish', () => server.wishes.length === 1);
      assert.deepEqual(server.wishes, [
        { token: 'a-token', contentType: 'application/json', request: { place: '0', sendfile: 'off' } },
      ]);
      const row = page.locator('#places tr >> nth=0');
      assert.equal(await row.getAttribute('aria-busy'), 'true');
      await control.click();
      agree();
      server.news({ places: [placeOf('0', { sendfile: false, changed: ['sendfile'] }), placeOf('0/0')] });
      await waitFor('the switch is off', async () => (await control.getAttribute('aria-checked')) === 'false');
      await waitFor('the row is idle', async () => (await row.getAttribute('aria-busy')) === 'false');
      assert.equal(server.wishes.length, 1, 'a click while it was busy');
      await hasText(page, '#spoken', 'sendfile of localhost on *:8080: off.');
      server.answer = () => [200, { ok: true }];
      await page.getByRole('button', { name: 'sendfile of localhost on *:8080: back to what the file has' }).click();
      await waitFor('the way back', () => server.wishes.length === 2);
      assert.deepEqual(server.wishes[1].request, { place: '0', sendfile: null });
      assert.deepEqual(complaints, []);
    });
  });

  test('output buffers: what is typed stays until it is set', async () => {
    await withPage(snapshotOf(), {}, async ({ server, page }) => {
      const form = page.getByRole('form', { name: 'output_buffers of location /recordings/' });
      await form.getByLabel('number of buffers').fill('4');
      await form.getByLabel(/size of each/).fill('1M');
      server.news({}, sampleOf(1, { memory: 9 }));
      await hasText(page, '#headline', '9 B/s by memory');
      assert.equal(await form.getByLabel('number of buffers').inputValue(), '4');
      await form.getByLabel(/size of each/).press('Enter');
      await waitFor('a wish', () => server.wishes.length === 1);
      assert.deepEqual(server.wishes[0].request, { place: '0/0', output_buffers: '4 1M' });
      const changed = { bufferNumber: 4, bufferSize: 1_048_576, changed: ['output_buffers'] as const };
      server.news({ places: [placeOf('0'), placeOf('0/0', changed)] });
      await waitFor(
        'the size as the server has it',
        async () => (await form.getByLabel(/size of each/).inputValue()) === '1m',
      );
      await form.getByLabel(/size of each/).fill('nonsense');
      await form.getByRole('button', { name: 'Set' }).click();
      await form.getByLabel(/size of each/).press('Escape');
      assert.equal(await form.getByLabel(/size of each/).inputValue(), '1m');
      assert.equal(server.wishes.length, 1);
    });
  });

  test('a refusal is shown beside its switch, and spoken', async () => {
    await withPage(snapshotOf(), {}, async ({ server, page }) => {
      server.answer = () => [409, { ok: false, reason: 'a reload is under way' }];
      await page.getByRole('switch').nth(1).click();
      await hasText(page, '#places tr >> nth=1 >> .refusal', 'Not changed: a reload is under way');
      await hasText(page, '#spoken', 'sendfile of /recordings/ was not changed: a reload is under way');
      assert.equal(await page.getByRole('switch').nth(1).getAttribute('aria-checked'), 'true');
    });
  });

  test('an old token is renewed', async () => {
    await withPage(snapshotOf(), {}, async ({ server, page }) => {
      server.token = 'a-newer-token';
      server.answer = ({ token }) =>
        token === server.token ? [200, { ok: true }] : [403, { ok: false, reason: 'a wrong token' }];
      await page.getByRole('switch').first().click();
      await hasText(page, '.refusal', 'a wrong token');
      await page.getByRole('switch').first().click();
      await waitFor('two wishes', () => server.wishes.length === 2);
      assert.equal(server.wishes[1].token, 'a-newer-token');
    });
  });

  test('without the right, all switches are closed, with the reason', async () => {
    const control = { allowed: false, reason: 'the console is not on the loopback' };
    await withPage(snapshotOf({ control }), {}, async ({ page, server }) => {
      await hasText(page, '#connection', 'Live');
      await hasText(page, '#places-note', 'the console is not on the loopback');
      assert.equal(await page.locator('#places button:enabled, #places input:enabled').count(), 0);
      assert.ok((await page.locator('#places button:disabled').count()) > 0);
      await page.getByRole('switch').first().click({ force: true });
      assert.equal(server.wishes.length, 0);
    });
  });

  test('what clients send is text, whatever it is', async () => {
    const line = 'GET /<img src=x onerror=alert(1)><script>document.title="gone"</script> HTTP/1.1';
    const snapshot = snapshotOf({
      requests: [requestOf(1, 'memory', { line, client: '<b>client</b>', status: 0, complete: false })],
      errors: [{ serial: 1, text: '<svg onload=alert(1)>' }],
      places: [placeOf('0', { name: '"><script>alert(1)</script>' })],
    });
    await withPage(snapshot, {}, async ({ page, complaints }) => {
      await hasText(page, '#requests tr', line);
      await hasText(page, '#requests tr', 'none, cut');
      await hasText(page, '#errors li', '<svg onload=alert(1)>');
      await hasText(page, '#places tr', '"><script>alert(1)</script>');
      assert.equal(
        await page.locator('#requests img, #requests script, #requests b, #errors svg, #places script').count(),
        0,
      );
      assert.equal(await page.title(), 'Zerocopy, live');
      assert.deepEqual(complaints, []);
    });
  });

  test('requests can be filtered and held', async () => {
    const requests = [requestOf(3, 'buffers'), requestOf(2, 'sendfile'), requestOf(1, 'sendfile')];
    await withPage(snapshotOf({ requests }), {}, async ({ server, page }) => {
      await hasText(page, '#requests-note', '3 shown');
      await page.getByLabel('Path', { exact: true }).selectOption('buffers');
      await hasText(page, '#requests-note', '1 of 3 shown');
      assert.equal(await page.locator('#requests tr:visible').count(), 1);
      await page.getByLabel('Path', { exact: true }).selectOption('');
      await page.getByRole('button', { name: 'Pause' }).click();
      server.news({ requests: [requestOf(4, 'memory')] });
      await hasText(page, '#requests-note', 'Paused: 3 shown, 1 newer one');
      assert.equal(await page.locator('#requests tr:visible').count(), 3);
      await page.getByRole('button', { name: 'Pause' }).click();
      await hasText(page, '#requests tr', 'memory');
      assert.equal(await page.locator('#requests tr:visible').count(), 4);
    });
  });

  test('a lost server is told of, and found again', async () => {
    await withPage(snapshotOf({ history: [sampleOf(1, { sendfile: 1e9 })] }), {}, async ({ server, page }) => {
      await hasText(page, leg('sendfile'), '1.00 GB/s');
      await server.stop();
      await hasText(page, '#connection', 'Connection lost, trying again in');
      await hasText(page, '#spoken', 'Connection lost');
      assert.equal(await page.evaluate(running), 0);
      assert.equal(await page.getByRole('switch').first().getAttribute('aria-disabled'), 'true');
      server.snapshot = snapshotOf({ server: { ...server.snapshot.server, pid: 9000 } });
      server.token = 'the token of another server';
      await server.start();
      await hasText(page, '#connection', 'Live');
      await hasText(page, '#server-version', 'master 9000');
      await page.getByRole('switch').first().click();
      await waitFor('a wish', () => server.wishes.length === 1);
      assert.equal(server.wishes[0].token, 'the token of another server');
    });
  });

  test('without a WebSocket it polls, and fetches at once what it has changed', async () => {
    const prepare = (server: ScriptedConsole) => {
      server.hasSocket = false;
    };
    await withPage(snapshotOf(), { prepare }, async ({ server, page }) => {
      await hasText(page, '#connection', 'Polling once a second');
      server.snapshot = snapshotOf({ history: [sampleOf(5, { buffers: 3e8 })] });
      await hasText(page, '#headline', '300 MB/s by output buffers');
      server.answer = () => {
        server.snapshot = { ...server.snapshot, places: [placeOf('0', { sendfile: false, changed: ['sendfile'] })] };
        return [200, { ok: true }];
      };
      await page.getByRole('switch').first().click();
      await hasText(page, '#places tr', 'changed here');
      await server.stop();
      await hasText(page, '#connection', 'Connection lost');
      server.hasSocket = true;
      await server.start();
      await hasText(page, '#connection', 'Live');
    });
  });

  test('while it polls, it looks for a WebSocket now and then', async () => {
    const server = new ScriptedConsole(snapshotOf());
    server.hasSocket = false;
    await server.start();
    // its clock is put forward, which the other tests must not see
    const { page } = await openTab(browser);
    try {
      await page.clock.install();
      await page.goto(server.url);
      await hasText(page, '#connection', 'Polling');
      server.hasSocket = true;
      await page.clock.fastForward(20_000);
      await waitFor('another poll', () => server.asked.filter(path => path === '/status').length > 1);
      assert.equal(server.listeners, 0);
      await page.clock.fastForward(20_000);
      await hasText(page, '#connection', 'Live');
      assert.equal(server.listeners, 1);
    } finally {
      await page.close();
      await server.stop();
    }
  });

  test('from a file server it says where the page is', async () => {
    const server = new ScriptedConsole(snapshotOf());
    server.hasScripts = false;
    await server.start();
    try {
      await tab.page.goto(server.url);
      await tab.page.getByRole('link', { name: 'http://127.0.0.1:8081/' }).waitFor();
      assert.equal(await tab.page.locator('#page').isVisible(), false);
    } finally {
      await tab.page.goto('about:blank');
      await server.stop();
    }
  });

  test('a plot is read with the arrow keys, and as a table', async () => {
    await withPage(snapshotOf({ history: tenMinutes({ buffers: 5e8 }) }), {}, async ({ server, page }) => {
      const plot = page.getByRole('slider', { name: 'Throughput by path' });
      await plot.focus();
      await hasText(page, '#throughput-plot .readout', /\(now\): sendfile 0 B\/s, output buffers 500 MB\/s/);
      await page.keyboard.press('ArrowLeft');
      await hasText(page, '#throughput-plot .readout', '(1 s ago)');
      await page.keyboard.press('Home');
      await hasText(page, '#throughput-plot .readout', '(9 min 59 s ago): sendfile 1.3');
      assert.match((await plot.getAttribute('aria-valuetext')) ?? '', /9 min 59 s ago/);
      assert.equal(await plot.getAttribute('aria-valuenow'), '-599');
      // the second that was picked goes on to be shown while it moves away
      await page.keyboard.press('PageUp');
      server.news({}, sampleOf(600, { buffers: 5e8 }));
      await hasText(page, '#throughput-plot .readout', '(9 min 0 s ago)');
      await page.keyboard.press('Escape');
      await hasText(page, '#throughput-plot .readout', '(now)');
      await hasText(page, '#cost-medians', 'sendfile 0.090 s, output buffers 0.350 s');
      await page.getByText('The ten minutes as a table').click();
      // the table is filled when its opening is told of, which is after the click
      await hasText(page, '#minutes tr >> nth=9', /GB\/s.*0\.090 s/);
      assert.equal(await page.locator('#minutes tr').count(), 10);
    });
  });

  test('all can be reached by keyboard, the picture first', async () => {
    await withPage(snapshotOf({ requests: [requestOf(1, 'sendfile')] }), {}, async ({ server, page }) => {
      await page.keyboard.press('Tab');
      assert.equal(await page.evaluate('document.activeElement.textContent'), 'Skip to the picture');
      await page.keyboard.press('Enter');
      await page.keyboard.press('Tab');
      const name = 'document.activeElement.getAttribute("aria-label")';
      assert.equal(await page.evaluate(name), 'sendfile of server localhost on *:8080');
      assert.match(String(await page.evaluate('getComputedStyle(document.activeElement).outlineStyle')), /solid/);
      await page.keyboard.press('Space');
      await waitFor('a wish', () => server.wishes.length === 1);
      server.news({ places: [placeOf('0', { sendfile: false }), placeOf('0/0')] });
      await waitFor(
        'off',
        async () => (await page.getByRole('switch').first().getAttribute('aria-checked')) === 'false',
      );
      assert.equal(await page.evaluate(name), 'sendfile of server localhost on *:8080', 'the focus stays');
      const seen = new Set<string>();
      for (let presses = 0; presses < 30; presses++) {
        await page.keyboard.press('Tab');
        seen.add(
          String(
            await page.evaluate(
              'document.activeElement.id || document.activeElement.getAttribute("role") || document.activeElement.tagName',
            ),
          ),
        );
      }
      for (const each of ['requests-filter', 'requests-pause', 'slider', 'SUMMARY']) assert.ok(seen.has(each), each);
    });
  });

  for (const width of [390, 1280]) {
    test(`nothing stands out at ${width} pixels, and nothing jumps`, async () => {
      const long = 'aNameThatIsRatherLong'.repeat(9);
      const snapshot = snapshotOf({
        history: tenMinutes({ sendfile: 7e8, buffers: 3e8, memory: 4000 }),
        requests: [requestOf(1, 'buffers', { line: `GET /${long} HTTP/1.1` })],
        errors: [{ serial: 1, text: long }],
        places: [
          placeOf('0', { name: long, changed: ['sendfile', 'output_buffers'] }),
          placeOf('0/1/2', { where: long }),
        ],
        control: { allowed: false, reason: long },
      });
      await withPage(snapshot, { width }, async ({ server, page, complaints }) => {
        await hasText(page, '#headline', 'Side by side');
        assert.equal(await page.evaluate('document.documentElement.scrollWidth'), width);
        assert.deepEqual(await page.evaluate(overlaps), []);
        const places = `[...document.querySelectorAll('h2')].map(each => each.getBoundingClientRect().top)`;
        const before = await page.evaluate(places);
        server.news({}, sampleOf(600, { sendfile: 12, buffers: 9_999_999_999, memory: 999 }, 1e9));
        await hasText(page, '#headline', '10.0 GB/s');
        assert.deepEqual(await page.evaluate(places), before);
        assert.deepEqual(await page.evaluate(overlaps), []);
        assert.deepEqual(complaints, []);
      });
    });
  }
});

/** Texts of the picture that lie over one another or stand out of it. */
const overlaps = `(() => {
  const around = document.querySelector('#picture').getBoundingClientRect();
  const texts = [...document.querySelectorAll('#picture .leg tspan, #picture .station text, #picture .zone-title')];
  const boxes = texts.map(each => ({ text: each.textContent, box: each.getBoundingClientRect() }));
  const found = boxes.filter(({ box }) => box.left < around.left || box.right > around.right || box.bottom > around.bottom).map(({ text }) => text);
  for (const [at, one] of boxes.entries()) for (const other of boxes.slice(at + 1)) {
    const isApart = one.box.right <= other.box.left || other.box.right <= one.box.left || one.box.bottom <= other.box.top + 4 || other.box.bottom <= one.box.top + 4;
    if (!isApart) found.push(one.text + ' / ' + other.text);
  }
  return found;
})()`;
