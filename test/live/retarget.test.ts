/**
 * What a server holds, saved, converted for every server whose files it loads, and loaded again: to the server it is the
 * same dataset, but for what the loss report names. The dataset is none of the fixtures.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LossEntry, LossKind } from '../../src/convert/loss.js';
import type { KeyEntry } from '../../src/rdb/model.js';
import { readRdbSync } from '../../src/rdb/read.js';
import { TARGETS, type Target, targetOfHeader } from '../../src/rdb/versions.js';
import { type Converted, convert, keyName, keysOf } from '../support/converting.js';
import { hashDigest, marksFieldExpiry, toggledExpiry } from '../support/digests.js';
import { checkRdb, type LiveServer, startServer } from '../support/live-server.js';
import { DATABASES, fillServer } from '../support/workload.js';

const SEED = 20261201;
const ARGS = ['--databases', String(DATABASES), '--sanitize-dump-payload', 'yes'];

/** Losses that the digest of a key does not show; the others change it. */
const UNSEEN: readonly LossKind[] = [
  'expiry-fraction',
  'stream-activity',
  'stream-counters',
  'stream-idempotency',
  'stream-nacks',
];

const LAST_SHARED_VERSION = 11;

let server: LiveServer;
let own: Target;
let dump: Uint8Array;
let keys: KeyEntry[];
/** DEBUG DIGEST of everything, and what DEBUG DIGEST-VALUE says of every key. */
let digest: string;
let digests: Map<string, string>;

beforeAll(async () => {
  server = await startServer({ args: ARGS });
  await fillServer(server.send, SEED);
  await deleteNegativeZeros();
  digest = String(await server.send('DEBUG', 'DIGEST'));
  dump = await save();
  const entries = [...readRdbSync(dump)];
  const [header] = entries;
  if (header?.kind !== 'header') throw new Error('a dump without a header');
  own = targetOfHeader(header.magic, header.version);
  keys = keysOf(entries);
  digests = await digestsOf(server, keys);
}, 60_000);

afterAll(async () => await server?.stop());

describe.each(TARGETS)(`a dataset of every type (seed ${SEED}) for $name`, (target) => {
  it('is the same when it is loaded again, or refused by a server that is older', { timeout: 120_000 }, async () => {
    const converted = await convert(dump, { target, onUnsupported: 'convert', nowMs: Date.now() });
    if (!loads(own, target)) {
      await expect(startServer({ args: ARGS, rdb: converted.bytes })).rejects.toThrow(/RDB|version/);
      return;
    }
    const other = await startServer({ args: ARGS, rdb: converted.bytes });
    try {
      const { ok, output } = await checkRdb(join(other.dir, 'dump.rdb'));
      expect(ok, output).toBe(true);
      if (converted.losses.every(({ what, policy }) => policy === 'convert' && UNSEEN.includes(what)))
        expect(String(await other.send('DEBUG', 'DIGEST'))).toBe(digest);
      await compareKeys(other, converted);
    } finally {
      await other.stop();
    }
  });
});

async function save(): Promise<Uint8Array> {
  await server.send('SAVE');
  return new Uint8Array(readFileSync(join(server.dir, 'dump.rdb')));
}

/**
 * Since 7.0 a sorted set keeps the sign of zero only as long as it is not packed, and a load packs it where it is small
 * enough: such keys have another digest after a reload of the server's own file already.
 */
async function deleteNegativeZeros(): Promise<void> {
  const all = keysOf([...readRdbSync(await save())]);
  const odd = all.filter(
    ({ value }) => value.type === 'zset' && value.members.some(({ score }) => Object.is(score, -0)),
  );
  expect(odd.length).toBeLessThan(all.length / 100);
  for (const { db, key } of odd) {
    await server.send('SELECT', db);
    await server.send('DEL', key);
  }
}

async function compareKeys(other: LiveServer, { keys: kept, losses }: Converted): Promise<void> {
  const dropped = new Set(losses.flatMap((loss) => (loss.policy === 'drop' ? nameOfLoss(loss) : [])));
  const wanted = keys.map(keyName).filter((name) => !dropped.has(name));
  expect(kept.map(keyName)).toEqual(wanted);
  const lost = losses.filter(({ what }) => !UNSEEN.includes(what)).flatMap(nameOfLoss);
  const altered = new Set(lost);
  const found = await digestsOf(other, kept);
  expect(found.size).toBe(wanted.length);
  const differing = kept.filter((entry) => {
    const name = keyName(entry);
    return found.get(name) !== (altered.has(name) ? alteredDigest(entry) : digests.get(name));
  });
  expect(differing.map(keyName)).toEqual([]);
}

/** Of a key that lost its own expiry or those of its fields: the digest says of an expiry only whether there is one. */
function alteredDigest(entry: KeyEntry): string {
  if (entry.value.type === 'hash') return hashDigest(entry, marksFieldExpiry(own));
  const before = digests.get(keyName(entry))!;
  return entry.expireAtMs === undefined ? toggledExpiry(before) : before;
}

/** DEBUG DIGEST-VALUE of every key. Keys that are not there have a digest too: their number is compared beside. */
async function digestsOf(from: LiveServer, entries: readonly KeyEntry[]): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const db of new Set(entries.map((entry) => entry.db))) {
    const here = entries.filter((entry) => entry.db === db);
    await from.send('SELECT', db);
    expect(await from.send('DBSIZE')).toBe(here.length);
    const texts = (await from.send('DEBUG', 'DIGEST-VALUE', ...here.map(({ key }) => key))) as string[];
    here.forEach((entry, index) => void found.set(keyName(entry), String(texts[index])));
  }
  return found;
}

function nameOfLoss({ db, key }: LossEntry): string[] {
  return db === undefined || key === undefined ? [] : [keyName({ db, key })];
}

/** Servers refuse what is newer than they are. Valkey also takes the files of Redis up to 7.2, Redis none of Valkey 9. */
function loads(by: Target, target: Target): boolean {
  if (by.magic === target.magic) return target.version <= by.version;
  return by.magic === 'VALKEY' && target.version <= LAST_SHARED_VERSION;
}
