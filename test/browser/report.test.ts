/** The HTML report as people see and use it, in headless Chromium. */
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import type { ReportData } from '../../src/inspect/report/report-data.js';
import { readRdbSync } from '../../src/rdb/read.js';
import { hostileDump, reportOf } from '../inspect/report/report-files.js';
import { int64Le, keyRecord, len, rdbFile, str } from '../support/file-builder.js';
import { fixturePath, listFixtures } from '../support/fixtures.js';
import { brokenForm, brokenRules, paleTexts } from './page-rules.js';
import { cardsOf, column, reportBrowser } from './report-page.js';

const { open } = reportBrowser();

/** 60 users of three keys each, 30 sessions that expire, 20 queues, and one large cache entry. */
function shopDump(): Uint8Array {
  const list = (items: number): Uint8Array =>
    Uint8Array.of(...len(items), ...Array.from({ length: items }, () => [...str('item')]).flat());
  const users = Array.from({ length: 60 }, (_, user) =>
    ['cart', 'name', 'visits'].map((field) => keyRecord(0, `user:${user}:${field}`, str(field.repeat(10)))),
  );
  const sessions = Array.from({ length: 30 }, (_, session) =>
    keyRecord(0, `session:${session}`, str('token'), [0xfc, int64Le(BigInt(2_000_000_000_000 + 60_000 * session))]),
  );
  const queues = Array.from({ length: 20 }, (_, queue) => keyRecord(1, `queue:${queue}`, list(queue + 1)));
  return rdbFile('REDIS0010', [
    users,
    sessions,
    keyRecord(0, 'cache:home', str('<p>'.repeat(1000))),
    [0xfe, 1],
    queues,
  ]);
}

let shop: ReportData;
beforeAll(async () => {
  shop = await reportOf([shopDump()], {}, 'Shop');
});

const cell = (page: Page, name: string) => page.locator('.icicle').getByRole('button', { name: `${name}, ` });
const crumbs = async (page: Page): Promise<string[]> => page.locator('.crumbs li').allTextContents();
const PREFIXES = 'Prefixes in all keys';
const KEYS = 'Largest keys';

describe('shows the true numbers', () => {
  it.each(listFixtures().filter(({ case: name }) => name === 'types'))('of $name', async ({ path }) => {
    const keys = [...readRdbSync(path)].filter((entry) => entry.kind === 'key');
    const page = await open(await reportOf([path]));
    const cards = await cardsOf(page);
    expect(cards.Keys).toBe(keys.length.toLocaleString('en-US'));
    expect(cards['With TTL']).toBe(
      shareText(keys.filter(({ expireAtMs }) => expireAtMs !== undefined).length / keys.length),
    );
    const types = await column(page, 'Types and encodings', 1);
    const counts = await column(page, 'Types and encodings', 3);
    for (const type of new Set(keys.map(({ value }) => value.type))) {
      const shown = counts.filter((_, index) => types[index] === type).map((text) => Number(text.replaceAll(',', '')));
      expect(shown.reduce((sum, count) => sum + count)).toBe(keys.filter(({ value }) => value.type === type).length);
    }
    expect(await page.getByRole('status').textContent()).toBe(
      `${Math.min(200, keys.length)} of ${Math.min(200, keys.length)} keys`,
    );
  });

  it('of a data set', async () => {
    const page = await open(shop);
    expect(await page.title()).toBe('Shop');
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('Shop');
    expect(await cardsOf(page)).toMatchObject({ Keys: '231', Elements: '421', 'With TTL': '13 %', Expired: '0' });
    expect(await column(page, PREFIXES, 1)).toEqual(['user:', 'cache:', 'queue:', 'session:']);
    expect(await column(page, PREFIXES, 2)).toEqual(['180', '1', '20', '30']);
    expect(await column(page, PREFIXES, 6)).toEqual(['100 %', '100 %', '100 %', '0 %']);
    expect(await column(page, 'Databases', 2)).toEqual(['211', '20']);
    expect(await column(page, 'Keys by the life that they have left', 2)).toEqual([
      '0',
      '1',
      '29',
      '0',
      '0',
      '0',
      '0',
      '0',
      '201',
    ]);
  });

  it('of memory, where that was measured', async () => {
    const report = await reportOf([shopDump()], { memory: true });
    const page = await open(report);
    expect(await cardsOf(page)).toMatchObject({ Memory: '150 KB', 'In the file': '13 KB' });
    expect(await page.locator('.choice label').allTextContents()).toEqual(['Memory', 'In file', 'Keys']);
    expect(await column(page, PREFIXES, 3)).toEqual(['34 KB', '6.0 KB', '4.0 KB', '3.3 KB']);
    expect((await column(page, KEYS, 4)).slice(0, 2)).toEqual(['6.0 KB', '302 B']);
    expect(await page.locator('footer').textContent()).toContain('MEMORY USAGE would say on a test server');
  });

  it('of sizes, as a picture and as a table', async () => {
    const page = await open(shop);
    await page.getByText('Sizes as a table').click();
    const counts = (await column(page, 'Sizes', 2)).map(Number);
    expect(counts).toEqual(shop.sizes.map(({ keys }) => keys));
    const heights = await page
      .locator('.plot')
      .first()
      .locator('.column > span')
      .evaluateAll((bars) => bars.map((bar) => bar.getBoundingClientRect().height));
    expect(heights.indexOf(Math.max(...heights))).toBe(counts.indexOf(Math.max(...counts)));
    await page
      .locator('.plot')
      .first()
      .locator('.column')
      .nth(counts.indexOf(Math.max(...counts)))
      .hover();
    expect(await page.locator('section', { hasText: 'Sizes' }).locator('.readout').first().textContent()).toContain(
      `${Math.max(...counts)} keys`,
    );
  });
});

describe('prefixes', () => {
  it('open with a click, and close', async () => {
    const page = await open(shop);
    await cell(page, 'user:').click();
    expect(await crumbs(page)).toEqual(['all keys', 'user:']);
    expect(await column(page, 'Prefixes in user:', 1)).toEqual(['user:*:']);
    await cell(page, 'user:*:').click();
    expect((await column(page, 'Prefixes in user:*:', 1)).sort()).toEqual([
      'user:*:cart',
      'user:*:name',
      'user:*:visits',
    ]);
    expect(await column(page, 'Prefixes in user:*:', 2)).toEqual(['60', '60', '60']);
    await page.locator('.crumbs').getByRole('button', { name: 'all keys' }).click();
    expect(await crumbs(page)).toEqual(['all keys']);
    await page.getByRole('button', { name: 'queue:', exact: true }).click();
    expect(await crumbs(page)).toEqual(['all keys', 'queue:']);
    await cell(page, 'queue:').click();
    expect(await crumbs(page)).toEqual(['all keys']);
  });

  it('are as wide as their share', async () => {
    const page = await open(shop);
    const widthOf = async (name: string): Promise<number> => (await cell(page, name).boundingBox())!.width;
    const whole = await widthOf('all keys');
    for (const metric of ['bytes', 'keys'] as const) {
      await page.locator(`input[value=${metric}]`).check();
      for (const { name, [metric]: part } of shop.prefixes.children) {
        const share = part / shop.prefixes[metric];
        // What is too narrow to be seen stands in the table alone.
        if (share < 0.01) expect(await cell(page, name).count()).toBe(0);
        else expect(await widthOf(name)).toBeCloseTo(whole * share, -1);
      }
    }
  });

  it('come a page at a time', async () => {
    const report = await reportOf([hostileDump(300, 0)]);
    const page = await open(report);
    const [cells, map] = await Promise.all([page.locator('.cell').all(), page.locator('.icicle').boundingBox()]);
    for (const part of cells) {
      const { y, height } = (await part.boundingBox())!;
      expect(y + height).toBeLessThanOrEqual(map!.y + map!.height);
    }
    const count = report.prefixes.children.length;
    expect(await column(page, PREFIXES, 1)).toHaveLength(26);
    await page.getByRole('button', { name: `Show ${count - 25} more prefixes` }).click();
    const counts = await column(page, PREFIXES, 2);
    expect(counts.length).toBeGreaterThanOrEqual(count);
    expect(counts.reduce((sum, keys) => sum + Number(keys), 0)).toBe(report.totals.keys);
  });

  it('are reached by the keyboard', async () => {
    const page = await open(shop);
    const focused = async (): Promise<string> =>
      (await page.locator(':focus').getAttribute('aria-label'))!.split(', ')[0]!;
    const press = async (...keys: string[]): Promise<string> => {
      for (const key of keys) await page.keyboard.press(key);
      return await focused();
    };
    await page.locator('.icicle [tabindex="0"]').focus();
    expect(await focused()).toBe('all keys');
    expect(await press('ArrowDown')).toBe('user:');
    expect(await press('ArrowRight')).toBe('cache:');
    expect(await press('End')).toBe('session:');
    expect(await press('Home', 'ArrowLeft')).toBe('user:');
    expect(await press('Enter')).toBe('user:');
    expect(await crumbs(page)).toEqual(['all keys', 'user:']);
    expect(await press('ArrowDown', 'ArrowDown', 'ArrowUp')).toBe('user:*:');
    expect(await press('Escape')).toBe('user:');
    expect(await crumbs(page)).toEqual(['all keys']);
    expect(await press('ArrowUp')).toBe('all keys');
    expect(await page.locator('.icicle [tabindex="0"]').count()).toBe(1);
  });
});

describe('largest keys', () => {
  it('are filtered', async () => {
    const page = await open(await reportOf([shopDump()], { topKeys: 1000 }));
    await page.getByLabel('Key contains').fill('SESSION:1');
    expect(await page.getByRole('status').textContent()).toBe('11 of 231 keys');
    expect((await column(page, KEYS, 1)).every((key) => key.startsWith('session:1'))).toBe(true);
    await page.getByLabel('Key contains').fill('');
    await page.getByLabel('Type', { exact: true }).selectOption('list');
    expect(await column(page, KEYS, 2)).toEqual(Array.from({ length: 20 }, () => 'list'));
    await page.getByLabel('Key contains').fill('nothing');
    expect(await column(page, KEYS, 1)).toEqual([]);
  });

  it('are sorted', async () => {
    const report = await reportOf([shopDump()], { topKeys: 1000 });
    const page = await open(report);
    const sorted = (name: string) => page.locator('th', { has: page.getByRole('button', { name, exact: true }) });
    expect(await column(page, KEYS, 1)).toEqual(report.topKeys.slice(0, 50).map(({ key }) => key));
    expect(await sorted('In file').getAttribute('aria-sort')).toBe('descending');
    await page.getByLabel('Type', { exact: true }).selectOption('list');
    await page.getByRole('button', { name: 'Elements', exact: true }).click();
    const elements = await column(page, KEYS, 5);
    expect(elements).toEqual(Array.from({ length: 20 }, (_, index) => String(20 - index)));
    await page.getByRole('button', { name: 'Elements', exact: true }).press('Enter');
    expect(await column(page, KEYS, 5)).toEqual(elements.toReversed());
    expect(await sorted('Elements').getAttribute('aria-sort')).toBe('ascending');
    expect(await sorted('In file').getAttribute('aria-sort')).toBe('none');
    await page.getByRole('button', { name: 'Key', exact: true }).click();
    expect(await column(page, KEYS, 1)).toEqual((await column(page, KEYS, 1)).toSorted());
  });

  it('come a page at a time', async () => {
    const page = await open(shop);
    for (const rows of [50, 100, 150, 200]) {
      expect(await column(page, KEYS, 1)).toHaveLength(rows);
      if (rows < 200) await page.getByRole('button', { name: 'Show more' }).click();
    }
    expect(await page.getByRole('button', { name: 'Show more' }).isVisible()).toBe(false);
  });
});

describe.each(['light', 'dark'] as const)('in the %s', (colorScheme) => {
  it.each([360, 768, 1280])('is readable and reachable, %i pixels wide', async (width) => {
    const page = await open(await reportOf([fixturePath('redis-7.0/types')]), { width, colorScheme });
    await page.getByText('Sizes as a table').click();
    await drawn(page);
    expect(await page.evaluate(brokenRules)).toEqual([]);
    expect(await page.evaluate(brokenForm)).toEqual([]);
    expect(await page.evaluate(paleTexts)).toEqual([]);
    await page.keyboard.press('Tab');
    await page.getByRole('button', { name: 'Theme' }).focus();
    await page.keyboard.press('Tab');
    expect(await page.locator(':focus').evaluate((element) => getComputedStyle(element).outlineStyle)).toBe('solid');
  });
});

it('is as dark as the system, or as is asked for', async () => {
  const page = await open(shop, { colorScheme: 'dark' });
  const isDark = async (): Promise<boolean> =>
    await page.evaluate(() => Number(/\d+/.exec(getComputedStyle(document.body).backgroundColor)![0]) < 128);
  const theme = page.getByRole('button', { name: 'Theme' });
  expect([await isDark(), await theme.textContent()]).toEqual([true, 'Theme: auto']);
  await theme.click();
  expect([await isDark(), await theme.textContent()]).toEqual([false, 'Theme: light']);
  await page.emulateMedia({ colorScheme: 'light' });
  await theme.click();
  expect([await isDark(), await theme.textContent()]).toEqual([true, 'Theme: dark']);
  await theme.click();
  expect([await isDark(), await theme.textContent()]).toEqual([false, 'Theme: auto']);
});

it('shows names that want out of it as text', async () => {
  const report = await reportOf([hostileDump(300, 0)], { topKeys: 1000 }, '<img src=x onerror=alert(1)>');
  const page = await open(report, { width: 360 });
  expect(await page.evaluate('globalThis.hacked')).toBeUndefined();
  expect(await page.locator('img, script').count()).toBe(2);
  expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('<img src=x onerror=alert(1)>');
  await page.getByLabel('Key contains').fill('</script>');
  expect((await column(page, KEYS, 1)).some((key) => key.startsWith('</script><script>globalThis.hacked = true'))).toBe(
    true,
  );
  expect(await page.evaluate(brokenRules)).toEqual([]);
});

it('shows an empty dump', async () => {
  const page = await open(await reportOf([rdbFile('REDIS0010')]));
  expect(await cardsOf(page)).toMatchObject({ Keys: '0', 'In the file': '0 B' });
  expect(await page.evaluate(brokenRules)).toEqual([]);
});

/** What watches sizes has seen them. */
async function drawn(page: Page): Promise<void> {
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => setTimeout(done))));
}

function shareText(share: number): string {
  const percent = 100 * share;
  return percent > 0 && percent < 9.95 ? `${percent.toFixed(1)} %` : `${Math.round(percent)} %`;
}
