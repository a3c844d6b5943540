/** The committed bytes are what the sources compile to, and they are few. */
import fs from 'node:fs';
import { expect, it } from 'vitest';
import { compileKernels } from '../../scripts/build-kernels.mjs';

const committed = fs.readFileSync(new URL('../../src/kernels/wasm-generated.ts', import.meta.url), 'utf8');

it('are compiled from the sources that lie beside them (npm run build:kernels)', async () => {
  expect(await compileKernels()).toBe(committed);
}, 120_000);

it('take at most 24 KB', () => {
  expect(committed.length).toBeLessThanOrEqual(24 * 1024);
});
