/**
 * A seeded dataset for a real server: every data type in every encoding that the server has, in several databases.
 * Nothing in it depends on the clock but idempotent stream entries.
 */
import type { Argument, Reply } from './resp-client.js';
import { fillArrays, fillFunctions, fillVectorSets } from './workload-extras.js';
import { newerCommands, Pipeline, type Send } from './workload-pipeline.js';
import { fillStreams } from './workload-streams.js';
import { fillHashes, fillLists, fillSets, fillStrings, fillZsets } from './workload-types.js';
import { Values } from './workload-values.js';

/** How many databases a server must have: numbers in one and in two bytes. */
export const DATABASES = 300;
/** Default thresholds, low ones, high ones, lists in nodes of their own, odd names. */
export const DB = { plain: 0, low: 1, high: 2, nodes: 70, names: 299 } as const;

const FAR_MS = 4_102_444_800_000; // 2100-01-01

/** Fills an empty server that was started with at least {@link DATABASES} databases. */
export async function fillServer(send: Send, seed: number): Promise<void> {
  const pipe = new Pipeline(send, await newerCommands(send));
  const values = new Values(seed);
  await send('SELECT', DB.plain);
  await fillTypes(pipe, values, [1, 3, 40, 160, 700], 130);
  await fillVectorSets(pipe, values);
  await fillArrays(pipe);
  await fillFunctions(pipe, values);
  await withConfig(send, LOW, async () => {
    await send('SELECT', DB.low);
    await fillTypes(pipe, values, [1, 5, 40], 60);
  });
  await withConfig(send, HIGH, async () => {
    await send('SELECT', DB.high);
    await fillTypes(pipe, values, [700, 2000], 300);
  });
  await fillNodes(pipe, values);
  await fillNames(pipe, values);
}

/** Small values only, unpacked and packed: a file of some kilobytes that a damaged byte is likely to hurt. */
export async function fillSmall(send: Send, seed: number): Promise<void> {
  const pipe = new Pipeline(send, await newerCommands(send));
  const values = new Values(seed);
  for (const [db, config] of [
    [0, {}],
    [3, LOW],
  ] as const) {
    await send('SELECT', db);
    await withConfig(send, config, async () => {
      await fillHashes(pipe, values, [6]);
      await fillLists(pipe, values, [8]);
      await fillSets(pipe, values, [6]);
      await fillZsets(pipe, values, [6]);
      await fillStreams(pipe, values, 8);
    });
    pipe.add('SET', 'text', values.text(120));
    pipe.add('SET', 'number', 70_000, 'PXAT', FAR_MS);
    await pipe.flush();
  }
}

type Config = Readonly<Record<string, string>>;

const LOW: Config = {
  'hash-max-listpack-entries': '4',
  'hash-max-listpack-value': '16',
  'set-max-intset-entries': '4',
  'set-max-listpack-entries': '4',
  'set-max-listpack-value': '16',
  'zset-max-listpack-entries': '4',
  'zset-max-listpack-value': '16',
  'list-max-listpack-size': '3',
  'stream-node-max-entries': '5',
};

const HIGH: Config = {
  'hash-max-listpack-entries': '100000',
  'hash-max-listpack-value': '100000',
  'set-max-intset-entries': '100000',
  'set-max-listpack-entries': '100000',
  'set-max-listpack-value': '100000',
  'zset-max-listpack-entries': '100000',
  'zset-max-listpack-value': '100000',
  'list-max-listpack-size': '-5',
  'list-compress-depth': '1',
  'stream-node-max-entries': '0',
  'stream-node-max-bytes': '0',
};

/** Names that the server does not have are left alone. */
async function withConfig(send: Send, config: Config, work: () => Promise<void>): Promise<void> {
  const before: [string, Reply][] = [];
  for (const [name, value] of Object.entries(config)) {
    const [, old] = (await send('CONFIG', 'GET', name)) as Reply[];
    if (old === undefined) continue;
    before.push([name, old]);
    await send('CONFIG', 'SET', name, value);
  }
  await work();
  for (const [name, value] of before) await send('CONFIG', 'SET', name, value as Buffer);
}

async function fillTypes(pipe: Pipeline, values: Values, counts: readonly number[], entries: number): Promise<void> {
  await fillStrings(pipe, values);
  await fillLists(pipe, values, counts);
  await fillSets(pipe, values, counts);
  await fillZsets(pipe, values, counts);
  await fillHashes(pipe, values, counts);
  await fillStreams(pipe, values, entries);
  await expireSome(pipe, values);
}

async function expireSome(pipe: Pipeline, values: Values): Promise<void> {
  const keys = ((await pipe.send('KEYS', '*')) as Buffer[]).sort(Buffer.compare);
  for (const key of keys) if (values.chance(0.25)) pipe.add('PEXPIREAT', key, FAR_MS + values.below(2 ** 40));
  pipe.add('SET', 'expiry:farthest', 'x', 'PXAT', Number.MAX_SAFE_INTEGER);
  await pipe.flush();
}

/** Lists cut into nodes by every rule: by bytes, by count, compressed inside, with elements in nodes of their own. */
async function fillNodes(pipe: Pipeline, values: Values): Promise<void> {
  await pipe.send('SELECT', DB.nodes);
  for (const size of ['-1', '-2', '-5', '1', '128'])
    for (const depth of ['0', '1', '2'])
      await withConfig(pipe.send, { 'list-max-listpack-size': size, 'list-compress-depth': depth }, async () => {
        pipe.add('RPUSH', `list:${size}:${depth}`, ...values.list(250, () => values.text(40 + values.below(80))));
        await pipe.flush();
      });
  // 7.0 makes nodes of single elements from 1 GiB on, newer servers from the size of a node on.
  await pipe.send('DEBUG', 'QUICKLIST-PACKED-THRESHOLD', '100b').catch(() => undefined);
  pipe.add('RPUSH', 'list:plain', values.noise(20_000), 'small', values.text(30_000), values.noise(300), 'x', 5);
  pipe.add('RPUSH', 'list:plain:only', values.noise(9000));
  await pipe.flush();
  await pipe.send('DEBUG', 'QUICKLIST-PACKED-THRESHOLD', '0').catch(() => undefined);
}

async function fillNames(pipe: Pipeline, values: Values): Promise<void> {
  await pipe.send('SELECT', DB.names);
  const names: Argument[] = ['', Uint8Array.of(0, 1, 2, 255), 'new\r\nline', 'ключ:日本語:😀', 'k'.repeat(300)];
  names.push(values.noise(200), '12345', '-1', '2147483648', '9223372036854775807', '"quoted"', '__proto__');
  names.push(values.text(17_000), 'tab\tkey', '{tag}:1', Uint8Array.of(0xc3, 0x28), '*');
  names.forEach((name, index) => void pipe.add('SET', name, `value ${index}`));
  await pipe.flush();
}
