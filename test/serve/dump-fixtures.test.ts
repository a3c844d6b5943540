/** What a dump says that is read where it lies, against what it says once it has been loaded. */
import { afterAll, describe, expect, it } from 'vitest';
import { canonicalLines } from '../../src/engine/canonical.js';
import { digestEngine } from '../../src/engine/digest.js';
import { Engine } from '../../src/engine/engine.js';
import { loadKey } from '../../src/engine/load.js';
import { CommandError, Status } from '../../src/engine/reply.js';
import { Session } from '../../src/engine/session.js';
import { snapshot } from '../../src/engine/snapshot.js';
import { readRdbSync } from '../../src/rdb/read.js';
import { type OpenedDump, openDump } from '../../src/serve/dump/open-dump.js';
import { fixturePath, listFixtures, readFixture } from '../support/fixtures.js';

const NOW_MS = Date.UTC(2030, 0);
const DATABASES = 16;
/** What is asked of every key, beside its dump. */
const QUESTIONS = [
  ['TYPE'],
  ['EXISTS'],
  ['TTL'],
  ['PTTL'],
  ['PEXPIRETIME'],
  ['OBJECT', 'ENCODING'],
  ['OBJECT', 'REFCOUNT'],
  ['OBJECT', 'IDLETIME'],
  ['MEMORY', 'USAGE'],
  ['DEBUG', 'OBJECT'],
  ['DUMP'],
];

let inPlace = 0;
let loaded = 0;

describe.each(listFixtures())('$name', ({ name }) => {
  it('has what is there once it has been loaded', async () => {
    const dump = await openDump(fixturePath(name), { clock: () => NOW_MS });
    const reference = loadedFrom(name, dump.engine);
    if (dump.loadedBecause === undefined) inPlace++;
    else loaded++;
    expect(sizes(dump.engine)).toEqual(sizes(reference));
    expect(digestEngine(dump.engine)).toEqual(digestEngine(reference));
    expect(await canonicalLines(snapshot(dump.engine))).toEqual(await canonicalLines(snapshot(reference)));
    expect([...dump.engine.functions]).toEqual([...reference.functions]);
    await dump.close();
  });

  it('answers as a server that has loaded it', async () => {
    const dump = await openDump(fixturePath(name), { clock: () => NOW_MS, maxValueBytes: 1 });
    const reference = loadedFrom(name, dump.engine);
    for (const db of [...reference.inUse()]) {
      const names = [...db.keys.keys()];
      expect([...dump.engine.database(db.index).keys.keys()].sort()).toEqual(names.toSorted());
      // Not in the order of the file, and through a cache that holds one value.
      for (const question of QUESTIONS)
        for (const key of names.toReversed())
          expect(answer(dump.engine, db.index, [...question, key]), `${question} ${key}`).toEqual(
            answer(reference, db.index, [...question, key]),
          );
    }
    expect(valuesKept(dump)).toBeLessThan(2);
    await dump.close();
  });
});

afterAll(() => {
  expect(inPlace).toBeGreaterThan(90);
  expect(loaded).toBeLessThan(inPlace / 10);
});

/** By the loader that an engine has anyway; expired keys and fields are kept, as where a file is looked at. */
function loadedFrom(name: string, { settings }: Engine): Engine {
  const engine = new Engine({ target: settings.target, databases: settings.databases, clock: () => NOW_MS });
  engine.isLoading = true;
  for (const entry of readRdbSync(readFixture(name))) {
    if (entry.kind === 'key') loadKey(engine, entry);
    if (entry.kind === 'function') {
      const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');
      const library = { name: entry.name ?? '', engine: entry.engine ?? '', code: text(entry.code) };
      engine.functions.set(library.name, library);
    }
  }
  engine.isLoading = false;
  engine.isReadOnly = true;
  return engine;
}

function sizes(engine: Engine): unknown {
  return Array.from(engine.inUse(), ({ index, size, keys }) => [index, size, keys.expiring]);
}

function answer(engine: Engine, db: number, args: readonly string[]): unknown {
  const session = new Session(engine);
  if (db < DATABASES) session.execute(['SELECT', String(db)]);
  else session.runner.select(db);
  const reply = session.execute(args);
  if (reply instanceof CommandError) return `-${reply.message}`;
  return reply instanceof Status ? `+${reply.text}` : reply;
}

function valuesKept({ values }: OpenedDump): number {
  return values?.count ?? 0;
}
