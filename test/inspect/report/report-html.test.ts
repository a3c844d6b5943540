/** The file: one page, its data, nothing from outside, and no name that gets out of its quotes. */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { describe, expect, it } from 'vitest';
import { GENERATED, generatePage } from '../../../scripts/build-report-page.mjs';
import { formatReportHtml } from '../../../src/inspect/report/report-html.js';
import { fixturePath } from '../../support/fixtures.js';
import { hostileDump, reportOf } from './report-files.js';

const scripts = (html: string): string[] =>
  [...html.matchAll(/<script(?:\s[^>]*)?>([\s\S]*?)<\/script>/g)].map(([, text]) => text!);
const hashOf = (text: string): string => createHash('sha256').update(text).digest('base64');

it('holds the page that its sources make', async () => {
  expect(fs.readFileSync(GENERATED, 'utf8'), 'run npm run build:report').toBe(await generatePage());
});

describe('a report', () => {
  it('holds its data', async () => {
    const report = await reportOf([fixturePath('redis-7.0/types')]);
    const [data, ...code] = scripts(formatReportHtml(report));
    expect(JSON.parse(data!)).toEqual(JSON.parse(JSON.stringify(report)));
    expect(code).toHaveLength(1);
  });

  it('lets nothing run or load but what it holds', async () => {
    const html = formatReportHtml(await reportOf([fixturePath('redis-7.0/types')]));
    const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(html)![1]!;
    const style = /<style>([\s\S]*?)<\/style>/.exec(html)![1]!;
    expect(policy.split('; ')).toEqual([
      "default-src 'none'",
      `script-src 'sha256-${hashOf(scripts(html)[1]!)}'`,
      `style-src 'sha256-${hashOf(style)}'`,
      'img-src data:',
      "base-uri 'none'",
      "form-action 'none'",
    ]);
    expect(html.replaceAll(/<script type[\s\S]*?<\/script>/g, '')).not.toMatch(/https?:|\bsrc=|@import|url\(/);
  });

  it('has room for any names', async () => {
    const html = formatReportHtml(await reportOf([hostileDump(9000, 10)], { topKeys: 1000 }, '</title><b>"&'));
    // Most of it is what `<` has become.
    expect(Buffer.byteLength(html)).toBeGreaterThan(3 * 1024 * 1024);
    expect(Buffer.byteLength(html)).toBeLessThan(10 * 1024 * 1024);
    expect(scripts(html)).toHaveLength(2);
    expect(scripts(html)[0]).not.toContain('<');
    expect(html).toContain('<title>&lt;/title&gt;&lt;b&gt;&quot;&amp;</title>');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: none of them may be left
    expect(html).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/);
  });
});
