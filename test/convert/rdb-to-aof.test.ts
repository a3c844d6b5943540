/** Dumps as logs. That servers load them: test/live/aof-directory.test.ts. */
import { describe, expect, it } from 'vitest';
import { openAofLog } from '../../src/aof/directory/directory.js';
import { describeLog } from '../../src/aof/directory/info.js';
import { convertRdb } from '../../src/convert/convert.js';
import { parseExpiryAction } from '../../src/convert/expiry-action.js';
import { convertToAof, convertToAofDirectory, hasLogDirectories } from '../../src/convert/rdb-to-aof.js';
import { exportCommands } from '../../src/convert/rdb-to-commands/export.js';
import { findTarget, TARGETS } from '../../src/rdb/versions.js';
import { fixturePath, listFixtures, readFixture } from '../support/fixtures.js';
import { MemoryFiles } from '../support/memory-files.js';

const collected = (): { parts: Uint8Array[]; write: (bytes: Uint8Array) => void; bytes: () => Buffer } => {
  const parts: Uint8Array[] = [];
  return { parts, write: (bytes) => void parts.push(bytes.slice()), bytes: () => Buffer.concat(parts) };
};

async function exported(input: Uint8Array): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of exportCommands(input, { onUnsupported: 'convert', nowMs: 0 })) parts.push(part);
  return Buffer.concat(parts);
}

describe('convertToAof', () => {
  it.each(listFixtures().filter(({ case: name }) => name !== 'module'))(
    'writes the commands of the converted dump: $name',
    async ({ name }) => {
      const file = readFixture(name);
      const options = { onUnsupported: 'convert', nowMs: 0 } as const;
      const [log, dump] = [collected(), collected()];
      const summary = await convertToAof(file, log.write, options);
      await convertRdb(file, dump.write, options);
      expect(log.bytes().equals(await exported(new Uint8Array(dump.bytes())))).toBe(true);
      expect(summary.bytesWritten).toBe(log.bytes().length);
    },
  );

  it('does what a conversion can do, and waits for whoever takes it', async () => {
    let inHand = 0;
    const log = collected();
    const options = { dbMap: new Map([[0, 9]]), setTtl: parseExpiryAction('strip') };
    const summary = await convertToAof(
      readFixture('redis-7.0/types'),
      async (bytes) => {
        log.write(bytes);
        inHand++;
        await new Promise((resolve) => setTimeout(resolve, 1));
        inHand--;
      },
      options,
    );
    expect(inHand).toBe(0);
    const text = log.bytes().toString('latin1');
    expect(text.includes('SELECT\r\n$1\r\n9\r\n')).toBe(true);
    expect(text.includes('PEXPIREAT')).toBe(false);
    expect(summary.keysWritten).toBe(238);
  });

  it('throws for what commands cannot say, and reports it where that is allowed', async () => {
    const file = readFixture('redis-8.6/vset');
    await expect(convertToAof(file, () => undefined)).rejects.toMatchObject({ code: 'CANNOT_ENCODE' });
    const summary = await convertToAof(file, () => undefined, { onUnsupported: 'drop' });
    expect(summary.lost.map(({ what }) => what)).toContain('vector-set');
  });

  it('throws what reading the dump throws', async () => {
    const file = readFixture('redis-7.0/types');
    await expect(convertToAof(file.subarray(0, 5000), () => undefined)).rejects.toMatchObject({ code: 'TRUNCATED' });
  });
});

describe('convertToAofDirectory', () => {
  it.each(['rdb', 'aof'] as const)('makes a base of form %s, an empty increment and a manifest', async (base) => {
    const files = new MemoryFiles();
    await convertToAofDirectory(fixturePath('redis-7.0/types'), 'aof', files, { base, fileName: 'f' });
    const log = openAofLog('aof', files);
    const infos = await describeLog(log);
    expect(infos.map(({ role, form }) => [role, form])).toEqual([
      ['base', base === 'rdb' ? 'rdb' : 'resp'],
      ['incr', 'empty'],
    ]);
    expect(log.files[0]!.path).toBe(`aof/f.1.base.${base}`);
    if (base === 'rdb') expect(infos[0]!.rdbKeys).toBe(238);
  });

  it('leaves nothing where the conversion fails', async () => {
    const files = new MemoryFiles();
    const file = readFixture('redis-7.0/types').subarray(0, 5000);
    await expect(convertToAofDirectory(file, 'aof', files)).rejects.toMatchObject({ code: 'TRUNCATED' });
    expect([...files.nodes.keys()]).toEqual([]);
  });
});

it('hasLogDirectories', () => {
  const without = TARGETS.filter((target) => !hasLogDirectories(target)).map(({ name }) => name);
  expect(without).toEqual(expect.arrayContaining(['redis:6.2', 'keydb:6', 'redis:2.2']));
  expect(without.every((name) => /^redis:[2-6]|^keydb/.test(name))).toBe(true);
  expect(hasLogDirectories(findTarget('redis:7.0')!)).toBe(true);
});
