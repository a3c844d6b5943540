/** Finding commands by what stands in them. */
import { describe, expect, it } from 'vitest';
import { type FindQuery, type FoundCommand, findCommands } from '../../src/aof/find.js';
import { joined, logged, text } from '../support/aof-files.js';
import { memoryLog } from '../support/memory-log.js';
import { random } from '../support/random.js';

const BASE = joined(logged('SELECT', '0'), logged('SET', 'user:1', 'Alice Smith'), logged('SET', 'user:2', 'Bob'));
const INCR = joined(
  logged('SELECT', '3'),
  text('#TS:1700000000\r\n'),
  logged('MULTI'),
  logged('HSET', 'h', 'alice', 'x', 'mail', 'alice@example.com'),
  logged('EXEC'),
  logged('FLUSHDB'),
);

async function find(query: FindQuery, files: readonly Uint8Array[] = [BASE, INCR]): Promise<FoundCommand[]> {
  const found: FoundCommand[] = [];
  const { count, failure } = await findCommands(memoryLog(files), query, (batch) => void found.push(...batch));
  expect(count).toBe(found.length);
  expect(failure).toBeUndefined();
  return found;
}

function line({ place, db, args, found }: FoundCommand): string {
  return `${place.file}:${place.offset} [${db}] ${args.map(({ bytes }) => Buffer.from(bytes)).join(' ')} @${found}`;
}

const HSET = `1:${logged('SELECT', '3').length + 16 + logged('MULTI').length} [3] HSET h alice x mail alice@example.com`;

describe('queries', () => {
  it.each<[FindQuery, string[]]>([
    [{ contains: 'alice' }, [`${HSET} @2,5`]],
    [{ contains: 'ALICE', ignoreCase: true }, [`0:23 [0] SET user:1 Alice Smith @2`, `${HSET} @2,5`]],
    [{ contains: 'SET' }, []],
    [{ contains: 'user:', commands: ['set'], limit: 1 }, [`0:23 [0] SET user:1 Alice Smith @1`]],
    [{ argument: 'alice*' }, [`${HSET} @2,5`]],
    [{ argument: 'alice', contains: 'lic' }, [`${HSET} @2`]],
    [{ match: ['user:2'] }, [expect.stringMatching(/user:2 Bob @$/)]],
    [{ dbs: [3], commands: ['flushdb'] }, [expect.stringMatching(/\[3\] FLUSHDB @$/)]],
    [{ sinceSeconds: 1700000000, contains: 'example' }, [`${HSET} @5`]],
    [{ untilSeconds: 1600000000, contains: 'example' }, []],
    [{ contains: Uint8Array.of(0x40) }, [`${HSET} @5`]],
  ])('%j', async (query, expected) => {
    expect((await find(query)).map(line)).toEqual(expected);
  });

  it('refuses to search for nothing', async () => {
    await expect(find({ contains: '' })).rejects.toThrow(RangeError);
  });
});

it('says where a command stands', async () => {
  const [found] = await find({ contains: 'example' });
  expect(found).toMatchObject({ timeSeconds: 1700000000, argc: 6, sizeBytes: 73 });
  expect(found!.multiOffset).toBe(found!.place.offset - logged('MULTI').length);
});

it('searches large values whole, and shows their beginning', async () => {
  const value = `${'x'.repeat(3_000_000)}needle${'y'.repeat(100)}`;
  const [found] = await find({ contains: 'needle' }, [joined(BASE, logged('SET', 'large', value), INCR)]);
  expect(found!.args.map(({ bytes, sizeBytes }) => [bytes.length, sizeBytes])).toEqual([
    [3, 3],
    [5, 5],
    [120, value.length],
  ]);
});

it('reports what is wrong behind what it found', async () => {
  const found: FoundCommand[] = [];
  const log = memoryLog([joined(BASE, text('oops'))]);
  const result = await findCommands(log, { contains: 'Bob' }, (batch) => void found.push(...batch));
  expect(found).toHaveLength(1);
  expect(result).toMatchObject({ count: 1, failure: { error: { code: 'BAD_COMMAND', offset: BASE.length } } });
});

it('waits for whoever takes the batches', async () => {
  const log = memoryLog([joined(...Array.from({ length: 2000 }, (_, at) => logged('INCR', `k${at}`)))]);
  let waiting = 0;
  let most = 0;
  const { count } = await findCommands(log, { argument: 'k*' }, async (batch) => {
    waiting++;
    most = Math.max(most, waiting, batch.length > 256 ? Infinity : 0);
    await new Promise((resolve) => setImmediate(resolve));
    waiting--;
  });
  expect([count, most]).toEqual([2000, 1]);
});

it('finds what a search by hand finds', async () => {
  const next = random(7);
  const letters = (size: number): string => Array.from({ length: size }, () => 'abA'[Math.floor(next() * 3)]).join('');
  for (let round = 0; round < 200; round++) {
    const values = Array.from({ length: 20 }, () => letters(Math.floor(next() * 30)));
    const needle = letters(1 + Math.floor(next() * 5));
    const ignoreCase = next() < 0.5;
    const fold = (value: string): string => (ignoreCase ? value.toLowerCase() : value);
    const log = [joined(...values.map((value, at) => logged('SET', `${at}`, value)))];
    const found = await find({ contains: needle, ignoreCase }, log);
    const expected = values.flatMap((value, at) => (fold(value).includes(fold(needle)) ? [`${at}`] : []));
    expect(found.map(({ args }) => Buffer.from(args[1]!.bytes).toString())).toEqual(expected);
  }
});
