/** A live server takes what was split and merged, and a diff of what it saves names the commands that were sent between. */
import fs from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { RewoundSource } from '../../src/bytes/rewound-source.js';
import { RdbMerge } from '../../src/convert/merge.js';
import { equalSlotOwners } from '../../src/convert/split-rules.js';
import { openRdbSource } from '../../src/rdb/open.js';
import { runSplit } from '../convert/split-run.js';
import { runDiff } from '../inspect/diff/diff-run.js';
import { readFixture } from '../support/fixtures.js';
import { checkRdb, startServer } from '../support/live-server.js';

async function merged(parts: readonly Uint8Array[]): Promise<Uint8Array> {
  const inputs = await Promise.all(
    parts.map(async (part) => {
      const source = await openRdbSource(part);
      return { source, rewind: RewoundSource.rewinder(source)! };
    }),
  );
  const chunks: Buffer[] = [];
  await new RdbMerge(inputs).run((bytes, start, end) => void chunks.push(Buffer.from(bytes.slice(start, end))));
  return new Uint8Array(Buffer.concat(chunks));
}

async function digestOf(rdb: Uint8Array): Promise<string> {
  const server = await startServer({ rdb, args: ['--sanitize-dump-payload', 'yes', '--databases', '256'] });
  try {
    return String(await server.send('DEBUG', 'DIGEST'));
  } finally {
    await server.stop();
  }
}

it.each(['redis-7.0/types', 'redis-7.0/streams', 'redis-6.2/lists', 'redis-4.0/types'])(
  '%s, split and merged, is the same to a server; every part is sound',
  async (name) => {
    const bytes = readFixture(name);
    const parts = [...runSplit(bytes, { kind: 'slot', owners: equalSlotOwners(3) }).files.values()];
    const server = await startServer({ args: ['--databases', '256'] });
    try {
      for (const [index, part] of parts.entries()) {
        const file = path.join(server.dir, `part-${index}.rdb`);
        fs.writeFileSync(file, part);
        expect(await checkRdb(file)).toMatchObject({ ok: true });
      }
    } finally {
      await server.stop();
    }
    expect(await digestOf(await merged(parts))).toBe(await digestOf(bytes));
  },
);

it('a diff names what was done between two saves', async () => {
  const server = await startServer({ rdb: readFixture('redis-7.0/types'), args: ['--databases', '256'] });
  const save = async (): Promise<Uint8Array> => {
    await server.send('SAVE');
    return new Uint8Array(fs.readFileSync(path.join(server.dir, 'dump.rdb')));
  };
  try {
    await server.send('SELECT', 9);
    await server.send('RPUSH', 'list', 'a', 'b', 'c');
    await server.send('HSET', 'hash', 'f', '1', 'g', '2');
    await server.send('SADD', 'set', ...Array.from({ length: 600 }, (_, index) => `member:${index}`));
    await server.send('XADD', 'stream', '1-1', 'k', 'v');
    const before = await save();
    await server.send('LPUSH', 'list', 'new');
    await server.send('HSET', 'hash', 'f', 'x');
    await server.send('SMOVE', 'set', 'other', 'member:7');
    await server.send('XADD', 'stream', '2-1', 'k', 'w');
    await server.send('PEXPIREAT', 'hash', 4102444800000);
    const after = await save();
    expect((await runDiff(before, after)).found.sort()).toEqual(
      [
        '~ 9 list value list',
        '  + item 0: new',
        '~ 9 hash value expiry hash never->4102444800000',
        '  ~ field f: 1 -> x',
        '~ 9 set value set',
        '  - member member:7: ',
        '+ 9 set other',
        '~ 9 stream value stream',
        '  + entry 2-1: k w',
        '  ~ fact entries-added: 1 -> 2',
        '  ~ fact last-id: 1-1 -> 2-1',
      ].sort(),
    );
    expect((await runDiff(after, await save())).found).toEqual([]);
  } finally {
    await server.stop();
  }
});
