/** A report in a real browser, which is given nothing to talk to. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { type BrowserContext, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { obtainChromium } from '../../scripts/chromium.mjs';
import type { ReportData } from '../../src/inspect/report/report-data.js';
import { formatReportHtml } from '../../src/inspect/report/report-html.js';

export const CHROMIUM_FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export interface Appearance {
  readonly width?: number;
  readonly colorScheme?: 'light' | 'dark';
}

/** Opens reports for the tests of one file. Behind each test: nothing was asked of a network, and nothing went wrong. */
export function reportBrowser(): { open: (report: ReportData, appearance?: Appearance) => Promise<Page> } {
  let folder = '';
  let browser: BrowserContext;
  let requests: string[] = [];
  let complaints: string[] = [];
  let pages: Page[] = [];

  beforeAll(async () => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'rdb-inspect-browser-'));
    const found = await obtainChromium();
    if ('why' in found) throw new Error(found.why);
    const profile = path.join(folder, 'profile');
    browser = await chromium.launchPersistentContext(profile, { executablePath: found.chromium, args: CHROMIUM_FLAGS });
  });
  afterEach(async () => {
    for (const page of pages) await page.close();
    pages = [];
    expect(requests.filter((url) => !url.startsWith(pathToFileURL(folder).href))).toEqual([]);
    expect(complaints).toEqual([]);
    requests = [];
    complaints = [];
  });
  afterAll(async () => {
    await browser?.close();
    fs.rmSync(folder, { recursive: true, force: true });
  });

  return {
    open: async (report, { width = 1280, colorScheme = 'light' } = {}) => {
      const file = path.join(folder, 'report.html');
      fs.writeFileSync(file, formatReportHtml(report));
      const page = await browser.newPage();
      pages.push(page);
      page.on('request', (request) => requests.push(request.url()));
      page.on('console', (message) => complaints.push(message.text()));
      page.on('pageerror', (error) => complaints.push(error.message));
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 900 });
      await page.goto(pathToFileURL(file).href);
      return page;
    },
  };
}

/** Texts of a column of a table, from 1 on. */
export async function column(page: Page, label: string, number: number): Promise<string[]> {
  const cells = page.getByRole('group', { name: label, exact: true }).locator(`tbody tr > :nth-child(${number})`);
  return (await cells.allTextContents()).map((text) => text.trim());
}

/** Names and values of the cards. */
export async function cardsOf(page: Page): Promise<Record<string, string>> {
  const names = await page.locator('.card dt').allTextContents();
  const values = await page.locator('.card dd:not(.remark)').allTextContents();
  return Object.fromEntries(names.map((name, index) => [name, values[index]!]));
}
