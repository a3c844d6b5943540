import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ensureDataset, findDataset, inputOf, SPEED_SETS, stampDataset } from '../../bench/dataset.js';
import { aofCommands } from '../../bench/generate/aof.js';
import type { CommandSource } from '../../bench/generate/command.js';
import { lzfCommands } from '../../bench/generate/lzf.js';
import { mixedCommands } from '../../bench/generate/mixed.js';
import { stringCommands } from '../../bench/generate/strings.js';

let folder: string;

beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'rdb-inspect-dataset-'));
});
afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));

const MADE = { generation: 1, scale: 0.5, server: '7.0.15' };

function put(name: string, text: string): void {
  fs.writeFileSync(path.join(folder, name), text);
}

describe('a data set that is there', () => {
  beforeEach(() => {
    put('strings.rdb', 'REDIS0010');
    stampDataset('strings', folder, MADE, ['strings.rdb']);
  });

  it('is used while all that its stamp says still holds', () => {
    expect(findDataset('strings', folder, MADE)).toEqual([path.join(folder, 'strings.rdb')]);
    // Without a server there is nothing to hold its version against.
    expect(findDataset('strings', folder, { generation: 1, scale: 0.5 })).toHaveLength(1);
  });

  it.each([
    ['another generation', { ...MADE, generation: 2 }],
    ['another scale', { ...MADE, scale: 1 }],
    ['another server', { ...MADE, server: '8.0.2' }],
  ])('is not used for %s', (_what, wanted) => {
    expect(findDataset('strings', folder, wanted)).toBeUndefined();
  });

  it('is not used when a file is gone or of another size', () => {
    put('strings.rdb', 'REDIS');
    expect(findDataset('strings', folder, MADE)).toBeUndefined();
    fs.rmSync(path.join(folder, 'strings.rdb'));
    expect(findDataset('strings', folder, MADE)).toBeUndefined();
  });

  it('needs a server only when it is missing', async () => {
    const options = { directory: folder, scale: 0.5, server: undefined, log: () => {} };
    await expect(ensureDataset('strings', options)).resolves.toHaveLength(1);
    await expect(ensureDataset('mixed', options)).rejects.toThrow('REDIS_SERVER');
  });
});

/** Raise GENERATION in bench/dataset.ts together with these: files of an older generation are then made anew. */
const DIGESTS: readonly [string, CommandSource, string][] = [
  ['strings', stringCommands, '8e603d5eda6da39a'],
  ['mixed', mixedCommands, 'e914fe11c9fbf505'],
  ['lzf', lzfCommands, '88f37e2e78ba8867'],
  ['aof', aofCommands, 'f9c942c60188d73f'],
];

it.each(DIGESTS)('makes the same commands for %s everywhere', (_name, source, digest) => {
  const hash = createHash('sha256');
  for (const command of source(0.001))
    hash.update(`${command.length}\n${command.map((part) => `${part.length} ${part}`).join('')}`, 'latin1');
  expect(hash.digest('hex').slice(0, 16)).toBe(digest);
});

it('has dumps and one log', () => {
  expect(SPEED_SETS.map((set) => [set, inputOf(set)])).toEqual([
    ['strings', 'dump'],
    ['mixed', 'dump'],
    ['lzf', 'dump'],
    ['aof', 'log'],
  ]);
});
