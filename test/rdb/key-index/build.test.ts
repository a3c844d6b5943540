/** Making the index: what it may not lose, in which order it is written, and what ends it. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildKeyIndex, openKeyIndex } from '../../../src/rdb/key-index/index.js';
import { bytesOf, int64Le, keyRecord, len, type Piece, rdbFile, str } from '../../support/file-builder.js';
import { MemoryFiles } from '../../support/memory-files.js';

const EXPIRY = bytesOf(0xfc, int64Le(1_700_000_000_123n));
const EXPIRY_SECONDS = bytesOf(0xfd, 0x00, 0xf1, 0x53, 0x65);
const IDLE = bytesOf(0xf8, len(700));
const FREQ = bytesOf(0xf9, 7);
const DATABASE = bytesOf(0xfe, 1);

let directory = '';
beforeAll(() => {
  directory = fs.mkdtempSync(path.join(os.tmpdir(), 'rdb-inspect-index-build-'));
});
afterAll(() => fs.rmSync(directory, { recursive: true, force: true }));

function memoryOf(...records: readonly Piece[]): MemoryFiles {
  const files = new MemoryFiles();
  files.nodes.set('d', undefined);
  files.nodes.set('d/dump.rdb', rdbFile('REDIS0011', ...records));
  return files;
}

describe('a record', () => {
  it.each([
    ['without attributes', [DATABASE, keyRecord(0, 'k', str('v'))], false],
    ['with an expiry', [keyRecord(0, 'k', str('v'), EXPIRY)], false],
    ['with all of them', [keyRecord(0, 'k', str('v'), [EXPIRY, IDLE, FREQ])], false],
    ['with seconds', [keyRecord(0, 'k', str('v'), [EXPIRY_SECONDS, FREQ])], false],
    ['with an opcode in front of its key', [EXPIRY, DATABASE, keyRecord(0, 'k', str('v'))], true],
    ['with an opcode among its attributes', [EXPIRY, DATABASE, keyRecord(0, 'k', str('v'), FREQ)], true],
    ['with an opcode among all of them', [IDLE, FREQ, DATABASE, keyRecord(0, 'k', str('v'), EXPIRY)], true],
  ] as const)('%s is alone, or is not', async (_, records, isDependent) => {
    const files = memoryOf(...records);
    await buildKeyIndex('d/dump.rdb', { files });
    const index = (await openKeyIndex('d/dump.rdb', { files }))!;
    expect(index.find(bytesOf('k'))).toMatchObject([{ isDependent }]);
    index.close();
  });

  it('keeps its expiry, below zero too', async () => {
    const files = memoryOf(keyRecord(0, 'k', str('v'), [0xfc, int64Le(-5n)]), keyRecord(0, 'n', str('v')));
    await buildKeyIndex('d/dump.rdb', { files });
    const index = (await openKeyIndex('d/dump.rdb', { files }))!;
    expect(index.find(bytesOf('k'))).toMatchObject([{ expireAtMs: -5n }]);
    expect(index.find(bytesOf('n'))).toMatchObject([{ expireAtMs: undefined, rdbType: 0, db: 0 }]);
    index.close();
  });
});

describe('the file', () => {
  const records = Array.from({ length: 40 }, (_, index) => keyRecord(0, `key:${index}`, str('v')));

  it('is whole and on disk before it gets its name', async () => {
    const files = memoryOf(records);
    await buildKeyIndex('d/dump.rdb', { files, maxHeldEntries: 8 });
    const steps = files.steps.map((step) => step.replaceAll(/\.rdbx\.[a-z0-9]+\./g, '.rdbx.X.'));
    const at = (step: string): number => steps.indexOf(step);
    expect(at('create d/dump.rdb.rdbx.X.tmp')).toBe(0);
    expect(at('sync d/dump.rdb.rdbx.X.tmp')).toBeGreaterThan(
      steps.findLastIndex((step) => step.startsWith('write d/dump.rdb.rdbx.X.tmp')),
    );
    expect(at('rename d/dump.rdb.rdbx.X.tmp d/dump.rdb.rdbx')).toBe(at('sync d/dump.rdb.rdbx.X.tmp') + 1);
    expect(at('syncdir d')).toBe(at('rename d/dump.rdb.rdbx.X.tmp d/dump.rdb.rdbx') + 1);
    expect([...files.nodes.keys()]).toEqual(['d', 'd/dump.rdb', 'd/dump.rdb.rdbx']);
  });

  it('is made or it is not, whichever step fails; the dump stays as it is', async () => {
    const whole = memoryOf(records);
    await buildKeyIndex('d/dump.rdb', { files: whole, maxHeldEntries: 8 });
    const renamed = whole.steps.findIndex((step) => step.startsWith('rename'));
    for (let failAt = 0; failAt <= renamed; failAt++) {
      const files = memoryOf(records);
      const dump = files.nodes.get('d/dump.rdb');
      files.failAt = failAt;
      await expect(buildKeyIndex('d/dump.rdb', { files, maxHeldEntries: 8 })).rejects.toMatchObject({ code: 'EIO' });
      expect([...files.nodes.keys()]).toEqual(['d', 'd/dump.rdb']);
      expect(files.nodes.get('d/dump.rdb')).toBe(dump);
    }
  });

  it('is not made where a signal says so meanwhile', async () => {
    const file = path.join(directory, 'many.rdb');
    const many = Array.from({ length: 70_000 }, (_, index) => keyRecord(0, `key:${index}`, str('v')));
    fs.writeFileSync(file, rdbFile('REDIS0011', many));
    const controller = new AbortController();
    setTimeout(() => controller.abort(new Error('enough')));
    await expect(buildKeyIndex(file, { signal: controller.signal })).rejects.toThrow('enough');
    expect(fs.readdirSync(directory)).toEqual(['many.rdb']);
    fs.rmSync(file);
  });

  it.each([undefined, 10_000])('is not made where one key comes too often; held: %s', async (maxHeldEntries) => {
    const file = path.join(directory, 'alike.rdb');
    const one = keyRecord(0, 'k', str('v'));
    const times = async (count: number): Promise<void> => {
      fs.writeFileSync(
        file,
        Buffer.concat([bytesOf('REDIS0003'), ...Array<Uint8Array>(count).fill(one), bytesOf(0xff)]),
      );
      await buildKeyIndex(file, { maxHeldEntries });
    };
    await times(65_536);
    const index = (await openKeyIndex(file))!;
    expect(index.find(bytesOf('k'))).toHaveLength(65_536);
    index.close();
    fs.rmSync(`${file}.rdbx`);
    for (const count of [65_537, 300_000]) {
      await expect(times(count)).rejects.toMatchObject({ code: 'UNSUPPORTED_INPUT' });
      expect(fs.readdirSync(directory).filter((name) => name.startsWith('alike'))).toEqual(['alike.rdb']);
    }
    fs.rmSync(file);
  });

  it('is of a dump to the nanosecond', async () => {
    const file = path.join(directory, 'time.rdb');
    fs.writeFileSync(file, rdbFile('REDIS0011', records));
    await buildKeyIndex(file);
    const bytes = fs.readFileSync(`${file}.rdbx`);
    const { mtimeNs } = fs.statSync(file, { bigint: true });
    expect(new DataView(bytes.buffer, bytes.byteOffset).getBigInt64(16, true)).toBe(mtimeNs);
    fs.rmSync(file);
    fs.rmSync(`${file}.rdbx`);
  });

  it.runIf(process.platform !== 'win32')('may be read by whoever may read the dump', async () => {
    const file = path.join(directory, 'private.rdb');
    fs.writeFileSync(file, rdbFile('REDIS0011', records), { mode: 0o600 });
    await buildKeyIndex(file);
    expect(fs.statSync(`${file}.rdbx`).mode & 0o777).toBe(0o600);
    fs.rmSync(file);
    fs.rmSync(`${file}.rdbx`);
  });
});
