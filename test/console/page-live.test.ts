/** The console's page on a real server: its numbers move with a download, and a switch changes the path of the next one. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { findProgram, run } from '../../src/tools/programs.js';
import { waitFor } from '../server/client.js';
import { noise } from '../server/harness.js';
import { hasText, openBrowser, openTab, withoutBrowser } from './page-browser.js';
import { type ConsoleClient, startWithConsole } from './support.js';

const curl = findProgram('curl');
const skip = withoutBrowser || (curl === undefined && 'curl is not installed');
const size = 60_000_000;

/** Opens the page of a server, and ends both. */
async function withServer(
  browser: Browser,
  console: string,
  play: (client: ConsoleClient, page: Page, complaints: readonly string[]) => Promise<void>,
): Promise<void> {
  const client = await startWithConsole({ main: { console }, http: { sendfile: 'on' } }, { 'test.dat': noise(size) });
  const { page, complaints } = await openTab(browser);
  try {
    await page.goto(`http://127.0.0.1:${client.port}/`);
    await hasText(page, '#connection', 'Live');
    await play(client, page, complaints);
  } finally {
    await page.close();
    await client.server.stop();
  }
}

/** Downloads as fast as the page can be looked at: two seconds. */
function download({ server }: ConsoleClient): Promise<string> {
  const args = ['-s', '-o', '/dev/null', '--limit-rate', '30M', '-w', '%{size_download}'];
  return run(curl ?? '', [...args, `http://127.0.0.1:${server.port}/test.dat`], 20_000, new AbortController().signal);
}

describe('the live page on a real server', { skip }, () => {
  let browser: Browser;
  before(async () => {
    browser = await openBrowser();
  });
  after(() => browser.close());

  test('shows a download on its path, and a switch changes the path of the next one', async () => {
    await withServer(browser, '127.0.0.1:{port2}', async (client, page, complaints) => {
      const first = download(client);
      await hasText(page, '#headline', /MB\/s by sendfile: inside the kernel/);
      await hasText(page, '#calls tr >> nth=0', /^sendfile[1-9]/);
      assert.equal(Number(await first), size);
      await hasText(page, '#requests tr >> nth=0', /GET \/test\.dat HTTP\/1\.1.*sendfile [1-9]\d* · pread 0/);

      const control = page.getByRole('switch').first();
      await control.click();
      await waitFor('the switch is off', async () => (await control.getAttribute('aria-checked')) === 'false');
      await hasText(page, '#places tr >> nth=0', 'changed here');

      const second = download(client);
      await hasText(page, '#headline', /MB\/s by output buffers: copied up by pread64/);
      await hasText(page, '#calls tr >> nth=1', /^pread64[1-9]/);
      assert.equal(Number(await second), size);
      await hasText(page, '#requests tr >> nth=0', /sendfile 0 · pread [1-9]\d* · writev [1-9]/);
      await hasText(page, '#errors', '"sendfile" off');
      assert.deepEqual(complaints, []);
    });
  });

  test('open to the network without a password, it shows all and changes nothing', async () => {
    await withServer(browser, '*:{port2}', async (client, page) => {
      await hasText(page, '#places-note', 'console_auth');
      assert.equal(await page.locator('#places button:enabled, #places input:enabled').count(), 0);
      const { status } = await client.post(JSON.stringify({ place: '0', sendfile: 'off' }));
      assert.equal(status, 403);
      assert.equal((await client.status()).places[0].sendfile, true);
    });
  });
});
