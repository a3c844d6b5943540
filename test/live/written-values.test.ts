/**
 * Written values, held against a real server: what it builds from single commands has our bytes, and it restores what
 * we write, in its own forms and in those of older servers, with every rule of the format checked.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { crc64 } from '../../src/bytes/crc64.js';
import { chooseType } from '../../src/rdb/choose-encoding.js';
import { decodeDump } from '../../src/rdb/dump.js';
import type { RdbValue } from '../../src/rdb/model.js';
import { findTarget, TARGETS, type Target } from '../../src/rdb/versions.js';
import { listFixtures } from '../support/fixtures.js';
import { type LiveServer, startServer } from '../support/live-server.js';
import { latin1, toHex } from '../support/packed.js';
import { random } from '../support/random.js';
import type { Argument } from '../support/resp-client.js';
import { decodeValue, encodeValue, storedValues } from '../support/written-values.js';

const SEED = 20_240_607;

let server: LiveServer;
let target: Target;

beforeAll(async () => {
  server = await startServer({ args: ['--rdbcompression', 'no'] });
  const info = String(await server.send('INFO', 'server'));
  const [, name, version] = /(valkey)_version:(\S+)/.exec(info) ?? /(redis)_version:(\S+)/.exec(info) ?? [];
  target = findTarget(`${name}:${version}`)!;
  // Valkey 9 checks everything anyway and has no such setting.
  if (target.dialect === 'redis') await server.send('CONFIG', 'SET', 'sanitize-dump-payload', 'yes');
});

afterAll(async () => await server?.stop());

/** A DUMP payload. */
function payload(value: RdbValue, rdbType: number, written: Target): Uint8Array {
  const bytes = encodeValue(value, rdbType, written);
  const out = new Uint8Array(1 + bytes.length + 10);
  out[0] = rdbType;
  out.set(bytes, 1);
  const view = new DataView(out.buffer);
  view.setUint16(out.length - 10, written.version, true);
  view.setBigUint64(out.length - 8, crc64(out, 0, out.length - 8), true);
  return out;
}

async function dump(key: string): Promise<Uint8Array> {
  return new Uint8Array((await server.send('DUMP', key)) as Buffer);
}

/** Order is the server's own where it has a hash table. */
function content(value: RdbValue): string[] {
  switch (value.type) {
    case 'string':
      return [latin1(value.value)];
    case 'list':
      return value.items.map(latin1);
    case 'set':
      return value.members.map(latin1).sort();
    case 'zset':
      return value.members.map(({ member, score }) => `${latin1(member)}=${score}`).sort();
    case 'hash':
      return value.fields.map((field) => `${latin1(field.field)}=${latin1(field.value)}`).sort();
    default:
      return [];
  }
}

describe('a value built by the server has our bytes', () => {
  const next = random(SEED);
  const below = (limit: number): number => Math.floor(next() * limit);
  const text = (): string => {
    const kind = below(4);
    if (kind === 0) return String(below(10) === 0 ? below(2 ** 40) - 2 ** 39 : below(2000) - 1000);
    return `${below(100_000)}${'abcdefgh'.repeat(kind === 1 ? below(60) : below(6))}`;
  };

  async function compare(key: string): Promise<void> {
    const found = await dump(key);
    const { rdbType, value } = decodeDump(found, { deep: true });
    expect(toHex(encodeValue(value, rdbType, target, false)), `seed ${SEED}, type ${rdbType}`).toBe(
      toHex(found.subarray(1, -10)),
    );
    if (rdbType !== 2 && rdbType !== 4) expect(chooseType(value, target)).toBe(rdbType);
    await server.send('DEL', key);
  }

  it.each([-2, -1, -5, 1, 3, 128])('list-max-listpack-size %i', async (fill) => {
    const plain = target;
    await server.send('CONFIG', 'SET', 'list-max-listpack-size', fill);
    target = { ...target, settings: { ...target.settings, listMaxNodeSize: fill } };
    for (const count of [1, 40, 600, 1500]) {
      const pushes: Argument[][] = Array.from({ length: count }, () => ['RPUSH', 'k', text()]);
      pushes.splice(below(count), 0, ['RPUSH', 'k', 'x'.repeat(8000 + below(400))]);
      for (const command of pushes) await server.send(...command);
      await compare('k');
    }
    target = plain;
    await server.send('CONFIG', 'SET', 'list-max-listpack-size', -2);
  });

  it.each([1, 5, 100, 129, 600])('sets, sorted sets and hashes of %i', async (count) => {
    for (let round = 0; round < 5; round++) {
      for (let index = 0; index < count; index++) {
        const score =
          below(3) === 0
            ? below(1e6) / 100
            : below(3) === 0
              ? next() * 10 ** (below(60) - 30)
              : below(2 ** 40) * 2 ** below(30);
        await server.send('ZADD', 'z', below(50) === 0 ? '-inf' : String(below(2) === 0 ? score : -score), text());
        await server.send('SADD', 's', text());
        await server.send('SADD', 'i', below(2 ** below(45)) - below(1000));
        await server.send('HSET', 'h', text(), text());
      }
      for (const key of ['z', 's', 'i', 'h']) await compare(key);
    }
  });
});

describe('the server restores', () => {
  const fixtures = listFixtures().filter(
    ({ server: writer, case: name }) => writer !== 'redis-7.4rc1' && ['types', 'compact', 'lists'].includes(name),
  );

  it.each(fixtures)('$name in every form it loads', async (fixture) => {
    const older = TARGETS.filter(
      ({ family, version }) => family === 'redis' && version < 11 && version <= target.version,
    );
    for (const stored of storedValues(fixture)) {
      const value = withoutExpiry(decodeValue(stored.rdbType, stored.bytes, stored.version));
      if (content(value).length === 0) continue;
      for (const form of formsOf(value, [target, ...older])) {
        await server.send('RESTORE', 'k', 0, payload(value, form.rdbType, form.target), 'REPLACE');
        const back = decodeDump(await dump('k'), { deep: true }).value;
        expect(content(back), `${stored.key} as type ${form.rdbType} of ${form.target.name}`).toEqual(content(value));
      }
    }
  });

  function withoutExpiry(value: RdbValue): RdbValue {
    return value.type === 'hash'
      ? { ...value, fields: value.fields.map(({ field, value: text }) => ({ field, value: text })) }
      : value;
  }

  /** One form for each type byte that these targets choose. */
  function formsOf(value: RdbValue, targets: readonly Target[]): { rdbType: number; target: Target }[] {
    const forms = new Map<number, { rdbType: number; target: Target }>();
    if (content(value).length === 0) return [];
    for (const one of targets) {
      const rdbType = chooseType(value, one);
      if (!forms.has(rdbType)) forms.set(rdbType, { rdbType, target: one });
    }
    return [...forms.values()];
  }
});
