/**
 * Vector sets: the engine answers as the server does and keeps the same vectors, and what it writes is a vector set to the
 * server, in whose graph everything is found. The links of a graph are chance, on the server too.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openAofLog } from '../../src/aof/directory/directory.js';
import { nodeFiles } from '../../src/bytes/files-node.js';
import { convertLogToRdb } from '../../src/convert/commands-to-rdb.js';
import { digestEngine, digestStored } from '../../src/engine/digest.js';
import { replayLog } from '../../src/engine/replay-log.js';
import { toRdb } from '../../src/engine/snapshot.js';
import { OpaqueObject } from '../../src/engine/values/opaque-object.js';
import { decodeDump, encodeDump } from '../../src/rdb/dump.js';
import type { ModuleValue, RdbValue } from '../../src/rdb/model.js';
import { decodeVectorSetLayout } from '../../src/rdb/vectorset-layout.js';
import { findTarget, type Target } from '../../src/rdb/versions.js';
import { compareWithServer } from '../support/engine-differential.js';
import { type TestEngine, testEngine } from '../support/engine-run.js';
import { type LiveServer, startServer } from '../support/live-server.js';
import { random } from '../support/random.js';
import { flatReply } from '../support/truth.js';
import { vectorCommands } from '../support/vector-commands.js';

const COMMANDS = 3500;
const QUANTIZATIONS = ['NOQUANT', 'Q8', 'BIN'] as const;
type Command = readonly (string | number)[];

let server: LiveServer;
let target: Target;
let hasVectorSets = false;

beforeAll(async () => {
  server = await startServer();
  target = findTarget(`redis:${server.version}`)!;
  hasVectorSets = ((await server.send('COMMAND', 'INFO', 'VADD')) as unknown[])[0] !== null;
});

beforeEach(async ({ skip }) => {
  skip(!hasVectorSets, 'the server has no vector sets');
  await server.send('FLUSHALL');
});

afterAll(async () => await server?.stop());

/** Everything but levels and links, and ranges where they mean nothing: servers leave chance bytes there. */
function comparable(value: RdbValue): unknown {
  if (value.type !== 'module') return { ...value, encoding: undefined };
  const { nodes, projection, ...shape } = decodeVectorSetLayout(value.items)!;
  return {
    ...shape,
    nodes: nodes.map(({ level: _level, range, attribute, vector, ...node }) => ({
      ...node,
      attribute: attribute ?? new Uint8Array(0),
      vector: Buffer.from(vector).toString('hex'),
      range: shape.quantization === 'int8' ? range : 0,
    })),
    projection,
  };
}

describe('vector sets on a server', () => {
  it.each([
    [1, 2],
    [2, 2],
    [3, 3],
  ] as const)(
    'with seed %i, RESP%i',
    async (seed, protocol) => {
      const options = { seed, commands: COMMANDS, generate: vectorCommands, comparable, protocol };
      const result = await compareWithServer(options);
      expect(result.replies).toBe(COMMANDS);
      expect(result.encodings.get('vectorset raw')).toBeGreaterThan(100);
      const errors = [...result.errors.keys()].join('\n');
      for (const text of ['WRONGTYPE', 'specification', 'asked M', 'quantization', 'got', 'projection', 'option', 'EF'])
        expect(errors).toContain(text);
    },
    120_000,
  );
});

describe('a vector set of the engine', () => {
  const shapes = QUANTIZATIONS.flatMap((quantization) => [
    { quantization, dim: 20, reduced: undefined, m: 4, count: 700 },
    { quantization, dim: 33, reduced: 12, m: 16, count: 300 },
    { quantization, dim: 3, reduced: undefined, m: 64, count: 2 },
  ]);

  it.each(shapes)(
    'is the same set once a server has loaded it: %o',
    async ({ quantization, dim, reduced, m, count }) => {
      const engine = testEngine({ target });
      const next = random(dim * count);
      const reduce = reduced === undefined ? [] : ['REDUCE', reduced];
      const add = (element: string): Command => {
        const vector = Array.from({ length: dim }, () => (next() * 2 - 1).toFixed(6));
        return ['VADD', 'v', ...reduce, 'VALUES', dim, ...vector, element, quantization, 'M', m];
      };
      const elements = Array.from({ length: count }, (_, at) => `element-${at}`);
      for (const element of elements) await both(engine, add(element));
      for (const element of elements.slice(1, count / 10)) await both(engine, ['VREM', 'v', element]);
      for (const element of elements.slice(-count / 10))
        await both(engine, ['VSETATTR', 'v', element, `{"of":"${element}"}`]);
      for (const element of elements.slice(-count / 20)) await both(engine, add(element));
      await server.send('RESTORE', 'copy', 0, encodeDump(stored(engine), { target }));
      await checkSame('v', 'copy', elements);
      await checkFound('copy', elements.length);
      expect(await server.send('DEBUG', 'DIGEST-VALUE', 'v')).toEqual([
        digestStored(engine.engine, engine.engine.database(0).get('v')!, false),
      ]);
      await server.send('DEBUG', 'RELOAD');
      await checkSame('v', 'copy', elements);
    },
  );

  it.each(QUANTIZATIONS)('may have come from a dump: %s', async (quantization) => {
    const next = random(5);
    const vector = (): string[] => Array.from({ length: 10 }, () => String(next() - 0.5));
    const elements = Array.from({ length: 200 }, (_, at) => `e${at}`);
    const add = (element: string): Command => [
      'VADD',
      'v',
      'REDUCE',
      6,
      'VALUES',
      10,
      ...vector(),
      element,
      quantization,
    ];
    for (const element of elements.slice(0, 150)) await server.send(...(add(element) as [string]));
    const dump = new Uint8Array((await server.send('DUMP', 'v')) as Buffer);
    await server.send('DEL', 'v');
    await server.send('RESTORE', 'v', 0, dump);
    const engine = testEngine({ target });
    engine.engine.database(0).set('v', new OpaqueObject(decodeDump(dump).value as ModuleValue));
    await both(engine, ['VREM', 'v', 'none']);
    expect(stored(engine)).toEqual(decodeDump(dump).value);
    for (const element of elements.slice(140)) await both(engine, add(element));
    for (const element of elements.slice(0, 50)) await both(engine, ['VREM', 'v', element]);
    await server.send('RESTORE', 'copy', 0, encodeDump(stored(engine), { target }));
    await checkSame('v', 'copy', elements);
    await checkFound('copy', 150);
  });
});

describe('a log with vector sets', () => {
  it('is loaded by a server as by the engine, and as the dump that it is made into', async () => {
    const logging = await startServer({ args: ['--appendonly', 'yes', '--auto-aof-rewrite-percentage', '0'] });
    const next = random(9);
    const add = (at: number, ...options: Command): Promise<unknown> => {
      const vector = Array.from({ length: 5 }, () => String(next() - 0.5));
      const quantization = QUANTIZATIONS[at % 3]!;
      return logging.send('VADD', quantization, 'VALUES', 5, ...vector, `e${at}`, quantization, ...options);
    };
    for (let at = 0; at < 150; at++) await add(at, ...(at % 5 === 0 ? ['SETATTR', `{"at":${at}}`] : ['CAS', 'EF', 10]));
    await logging.send('BGREWRITEAOF');
    while (/aof_rewrite_(in_progress|scheduled):1/.test(String(await logging.send('INFO', 'persistence'))))
      await new Promise((resolve) => setTimeout(resolve, 20));
    for (let at = 100; at < 200; at++) await add(at, 'SETATTR', 'x');
    for (let at = 0; at < 50; at++) await logging.send('VREM', QUANTIZATIONS[at % 3]!, `e${at}`);
    await logging.send('VSETATTR', 'Q8', 'e199', '{}');
    // What takes the place of another vector is not logged: what counts is what the server itself loads.
    await logging.send('DEBUG', 'LOADAOF');
    const digest = String(await logging.send('DEBUG', 'DIGEST'));
    const log = openAofLog(logging.dir, nodeFiles);
    const { engine, counts } = await replayLog(log, { target });
    expect(counts.refused).toBe(0);
    expect(digestEngine(engine).digest).toBe(digest);
    const parts: Uint8Array[] = [];
    await convertLogToRdb(log, (bytes) => void parts.push(bytes));
    const loading = await startServer({ rdb: Buffer.concat(parts) });
    expect(String(await loading.send('DEBUG', 'DIGEST'))).toBe(digest);
    await loading.stop();
    await logging.stop();
  });
});

async function both({ run }: TestEngine, command: Command): Promise<void> {
  const reply = await server.send(...(command as [string]));
  expect([command, run(...command)]).toEqual([command, reply]);
}

function stored({ engine }: TestEngine): RdbValue {
  return toRdb(engine.database(0).get('v')!, engine.settings);
}

/** Levels, and which set it is, are chance. */
async function factsOf(key: string, elements: readonly string[]): Promise<unknown> {
  const info = flatReply(await server.send('VINFO', key));
  const ask = (...command: [string, ...string[]]): Promise<unknown> => server.send(...command);
  return {
    info: { ...info, 'vset-uid': 0, 'max-level': 0 },
    count: await ask('VCARD', key),
    dim: await ask('VDIM', key),
    vectors: await Promise.all(elements.map((element) => ask('VEMB', key, element))),
    attributes: await Promise.all(elements.map((element) => ask('VGETATTR', key, element))),
    digest: await ask('DEBUG', 'DIGEST-VALUE', key),
  };
}

async function checkSame(one: string, other: string, elements: readonly string[]): Promise<void> {
  expect(await factsOf(other, elements)).toEqual(await factsOf(one, elements));
}

/** All elements can be reached through links, and each is the nearest to itself, or as near. */
async function checkFound(key: string, count: number): Promise<void> {
  const links = new Map<string, string[]>();
  const all = [...decodeVectorSetLayout((decodeDump(await dumpOf(key)).value as ModuleValue).items)!.nodes];
  const names = all.map(({ element }) => Buffer.from(element).toString());
  for (const name of names) {
    const layers = (await server.send('VLINKS', key, name)) as Buffer[][];
    links.set(name, layers.at(-1)!.map(String));
  }
  const reached = new Set([names[0]!]);
  for (const name of reached) for (const other of links.get(name)!) reached.add(other);
  expect(reached.size).toBe(names.length);
  expect(names.length).toBeLessThanOrEqual(count);
  for (const name of names.filter((_, at) => at % 7 === 0)) {
    const near = (await server.send('VSIM', key, 'ELE', name, 'COUNT', 10, 'WITHSCORES')) as Buffer[];
    const scores = near.filter((_, at) => at % 2 === 1).map(Number);
    expect(scores[0]).toBeCloseTo(1, 2);
    const truth = (await server.send('VSIM', key, 'ELE', name, 'COUNT', 10, 'WITHSCORES', 'TRUTH')) as Buffer[];
    expect(near.length).toBe(truth.length);
    expect(scores.at(-1)).toBeGreaterThan(Number(truth.at(-1)) - 0.1);
  }
}

async function dumpOf(key: string): Promise<Uint8Array> {
  return new Uint8Array((await server.send('DUMP', key)) as Buffer);
}
