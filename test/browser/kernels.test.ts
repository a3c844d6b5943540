/** The compiled kernels in a real browser: the same lines and verdicts as here, from code bundled for it. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { type BrowserContext, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { obtainChromium } from '../../scripts/chromium.mjs';
import { exportRun } from '../convert/export-run.js';
import { readFixture } from '../support/fixtures.js';
import { CHROMIUM_FLAGS } from './report-page.js';

/** Files of 64 KiB and more: smaller ones are read without the kernels. */
const FIXTURES = ['redis-7.0/types', 'redis-8.6/types', 'valkey-9.1/types', 'redis-2.4/types'];
const ENTRY = `
  import { compiledKernels } from './src/kernels/workspace.ts';
  import { exportJson } from './src/convert/json/export.ts';
  import { checkRdb } from './src/inspect/check.ts';
  globalThis.run = async (base64) => {
    const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
    const decoder = new TextDecoder();
    let text = '';
    for await (const piece of exportJson(bytes)) text += decoder.decode(piece, { stream: true });
    const { ok, keys, checksum } = await checkRdb(bytes, { deep: true });
    return { text, ok, keys, checksum, isCompiled: compiledKernels() !== undefined };
  };
`;

let folder = '';
let browser: BrowserContext;
let page: Page;

beforeAll(async () => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'rdb-inspect-browser-'));
  const root = fileURLToPath(new URL('../..', import.meta.url));
  await build({
    stdin: { contents: ENTRY, resolveDir: root, loader: 'ts' },
    bundle: true,
    format: 'iife',
    platform: 'browser',
    // Files, streams and threads are Node's; bytes need none of them.
    external: ['node:*'],
    outfile: path.join(folder, 'bundle.js'),
  });
  fs.writeFileSync(
    path.join(folder, 'index.html'),
    '<!doctype html><meta charset="utf-8"><script src="bundle.js"></script>',
  );
  const found = await obtainChromium();
  if ('why' in found) throw new Error(found.why);
  browser = await chromium.launchPersistentContext(path.join(folder, 'profile'), {
    executablePath: found.chromium,
    args: CHROMIUM_FLAGS,
  });
  page = await browser.newPage();
  await page.goto(pathToFileURL(path.join(folder, 'index.html')).href);
}, 120_000);

afterAll(async () => {
  await browser?.close();
  fs.rmSync(folder, { recursive: true, force: true });
});

it.each(FIXTURES)('%s', async (name) => {
  const file = readFixture(name);
  const base64 = Buffer.from(file).toString('base64');
  const result = await page.evaluate(
    (text) => (globalThis as unknown as { run: (base64: string) => Promise<unknown> }).run(text),
    base64,
  );
  const { text } = exportRun(file, {});
  expect(result).toMatchObject({ ok: true, isCompiled: true });
  expect((result as { text: string }).text).toBe(text);
});
