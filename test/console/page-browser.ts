/** Chromium with the console's page in it, for the tests of the page. */
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { findProgram } from '../../src/tools/programs.js';

const program = findProgram('chromium');

/** Why there is no browser to look with; false where there is one. */
export const withoutBrowser = program === undefined ? 'chromium is not installed' : false;

/** @throws Error where there is no Chromium */
export async function openBrowser(): Promise<Browser> {
  if (program === undefined) throw new Error('chromium is not installed');
  return chromium.launch({
    executablePath: program,
    args: [
      ...['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
      ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
    ],
  });
}

/** A tab of its own with an address, and what went wrong in it. */
export interface Tab {
  readonly page: Page;
  /** Errors and warnings of the browser's console, and exceptions. */
  readonly complaints: readonly string[];
  close(): Promise<void>;
}

/** Opens an address in a context of its own: nothing is left over from another test. */
export async function openTab(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<Tab> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(5000);
  const complaints: string[] = [];
  page.on('console', message => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  page.on('pageerror', error => complaints.push(String(error)));
  await page.goto(url);
  return { page, complaints, close: () => context.close() };
}
