import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { MemoryUse } from '../support/engine-memory.js';

const PROGRAM = fileURLToPath(new URL('../support/engine-memory.ts', import.meta.url));
const MB = 1_000_000;

describe('memory of an engine', () => {
  it.each([
    ['strings', 1_000_000, 130, 250],
    ['hashes', 100_000, 65, 130],
  ])('%s: %i keys are held in %i MB, and take %i MB on the way', (kind, keys, held, resident) => {
    const use = measure(kind, keys);
    expect(use.keys).toBe(keys);
    expect(use.held / MB).toBeLessThan(held);
    expect(use.resident / MB).toBeLessThan(resident);
  });
});

function measure(kind: string, keys: number): MemoryUse {
  const args = ['--expose-gc', '--import', 'tsx', PROGRAM, kind, String(keys)];
  return JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' })) as MemoryUse;
}
