/** Chromium with the console's page in it, for the tests of the page. */
import { type Browser, chromium, type Page } from 'playwright-core';
import { findProgram } from '../../src/tools/programs.js';
import { patience } from '../server/client.js';

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

/** A tab, and what went wrong in it. */
export interface Tab {
  readonly page: Page;
  /** Errors and warnings of the browser's console, and exceptions; a test may empty it. */
  readonly complaints: string[];
}

/** A new tab; it takes a browser longer than a page. */
export async function openTab(browser: Browser): Promise<Tab> {
  const page = await browser.newPage();
  page.setDefaultTimeout(5000);
  const complaints: string[] = [];
  page.on('console', message => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  page.on('pageerror', error => complaints.push(String(error)));
  return { page, complaints };
}

/** Waits for a text, and says what is there where it does not come. The browser is what looks: to ask it again and again keeps both busy. */
export async function hasText(page: Page, selector: string, text: string | RegExp): Promise<void> {
  const locator = page.locator(selector).first();
  const hasText = typeof text === 'string' ? new RegExp(text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')) : text;
  await locator
    .filter({ hasText })
    .waitFor({ state: 'attached', timeout: patience })
    .catch(async error => {
      throw new Error(`${error.message}; ${selector} holds: ${await locator.textContent()}`);
    });
}
