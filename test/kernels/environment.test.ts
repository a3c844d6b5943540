/** Compiled kernels run where code must not be made from strings, and nowhere when they are switched off. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { fixturePath } from '../support/fixtures.js';

const FILE = fixturePath('redis-7.0/types');
const SOURCE = fileURLToPath(new URL('../../src/', import.meta.url));

/** A deep check and an export, and what of it compiled code did. */
const PROGRAM = `
  import { createHash } from 'node:crypto';
  import fs from 'node:fs';
  import { Window } from '${SOURCE}bytes/window.ts';
  import { openWorkspace } from '${SOURCE}kernels/workspace.ts';
  import { checkRdb } from '${SOURCE}inspect/check.ts';
  import { NdjsonHandler } from '${SOURCE}convert/json/ndjson-handler.ts';
  import { RdbDriver } from '${SOURCE}rdb/driver.ts';
  let isRefused = false;
  try {
    new Function('return 1');
  } catch {
    isRefused = true;
  }
  const { ok, keys, checksum } = await checkRdb(process.argv[1], { deep: true });
  const window = Window.for(undefined);
  const bytes = fs.readFileSync(process.argv[1]);
  window.room(bytes.length);
  window.append(bytes, 0);
  window.ended = true;
  const digest = createHash('sha256');
  let size = 0;
  const write = (piece, from, to) => {
    digest.update(piece.subarray(from, to));
    size += to - from;
  };
  const handler = new NdjsonHandler({ write });
  const driver = new RdbDriver(window, handler);
  handler.driver = driver;
  while (driver.advance() !== 'done');
  handler.finish();
  const isCompiled = openWorkspace() !== undefined && window.kernels !== undefined;
  const lines = { size, sha256: digest.digest('hex') };
  console.log(JSON.stringify({ isRefused, isCompiled, check: { ok, keys, checksum }, lines }));
`;

interface Outcome {
  readonly isRefused: boolean;
  readonly isCompiled: boolean;
  readonly check: { readonly ok: boolean; readonly keys: number; readonly checksum: string };
  readonly lines: { readonly size: number; readonly sha256: string };
}

function run(flags: readonly string[], kernel: string): Outcome {
  const args = [...flags, '--import', 'tsx', '--input-type=module', '-e', PROGRAM, FILE];
  const env = { ...process.env, RDB_INSPECT_KERNEL: kernel };
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', env });
  expect(status, stderr).toBe(0);
  return JSON.parse(stdout) as Outcome;
}

describe('the environment', () => {
  const twins = run([], 'ts');

  it('switches the kernels off', () => {
    expect(twins.isCompiled).toBe(false);
    expect(twins.check).toMatchObject({ ok: true, checksum: 'ok' });
    expect(twins.check.keys).toBeGreaterThan(20);
    expect(twins.lines.size).toBeGreaterThan(1000);
  });

  it.each([
    ['as usual', [], false],
    ['where no code may be made from strings', ['--disallow-code-generation-from-strings'], true],
  ])('leaves them on %s, with the same outcome', (_, flags, isRefused) => {
    const compiled = run(flags, '');
    expect(compiled).toEqual({ ...twins, isRefused, isCompiled: true });
  });
});
