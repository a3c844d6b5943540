/** Bundles what runs in the HTML report: src/inspect/report/page/ becomes src/inspect/report/page-generated.ts. */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const REPORT = fileURLToPath(new URL('../src/inspect/report/', import.meta.url));

/** Where the page goes. */
export const GENERATED = path.join(REPORT, 'page-generated.ts');

if (process.argv[1] === fileURLToPath(import.meta.url)) fs.writeFileSync(GENERATED, await generatePage());

/** @returns {Promise<string>} the module that holds the page */
export async function generatePage() {
  const script = await bundle('client.ts');
  const style = await bundle('style.css');
  return `/** Made by scripts/build-report-page.mjs from page/; not to be edited. */
export const PAGE_SCRIPT = ${JSON.stringify(script)};
/** For the content security policy. */
export const PAGE_SCRIPT_HASH = '${hashOf(script)}';
export const PAGE_STYLE = ${JSON.stringify(style)};
export const PAGE_STYLE_HASH = '${hashOf(style)}';
`;
}

/** @param {string} name */
async function bundle(name) {
  const { outputFiles } = await build({
    entryPoints: [path.join(REPORT, 'page', name)],
    bundle: true,
    minify: true,
    write: false,
    format: 'iife',
    target: 'es2022',
    // What it would take from there says nothing about the page.
    tsconfigRaw: '{}',
    legalComments: 'none',
    logLevel: 'silent',
  });
  return /** @type {{ text: string }} */ (outputFiles[0]).text.trimEnd();
}

/** @param {string} text */
function hashOf(text) {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}
