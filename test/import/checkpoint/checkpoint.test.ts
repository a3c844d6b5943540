/** What an import that was cut off at any moment leaves to the next one. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Checkpoint, type CheckpointFacts } from '../../../src/import/checkpoint/checkpoint.js';
import { settingsText } from '../../../src/import/checkpoint/settings-text.js';
import { CheckpointError } from '../../../src/import/checkpoint/state-file.js';
import type { ImportCounts, ImportOptions } from '../../../src/import/model.js';
import { ForgetfulFiles } from '../../support/forgetful-files.js';
import { MemoryFiles } from '../../support/memory-files.js';
import { ascii } from '../../support/packed.js';

const PATH = 'd/state';
const FACTS: CheckpointFacts = {
  fingerprint: 'f',
  settings: 's',
  nowMs: 1_700_000_000_000,
  skipExpiredBeforeMs: undefined,
};
const counts = (sent: number): ImportCounts => ({
  keys: sent,
  sent,
  skipped: 0,
  replaced: 0,
  failed: 0,
  expired: 0,
  functions: 0,
});
const openAt = (files: MemoryFiles, id = 'id'): Checkpoint => Checkpoint.open({ path: PATH, files }, FACTS, id);
const progress = (checkpoint: Checkpoint, units: number): string[] =>
  Array.from({ length: units }, (_, unit) => checkpoint.progressOf(unit));

it('knows what is in flight and what is done', () => {
  const files = new MemoryFiles();
  const first = openAt(files, 'first');
  expect(first.isResumed).toBe(false);
  first.claim(0, 2, 0, []);
  first.claim(2, 5, 0, []);
  first.finish(0, 2, counts(2));
  expect(progress(first, 6)).toEqual(['done', 'done', 'inFlight', 'inFlight', 'inFlight', 'none']);
  // What is done is written when the next batch goes out.
  expect(progress(openAt(files), 3)).toEqual(['inFlight', 'inFlight', 'inFlight']);
  first.claim(5, 6, 0, []);
  const next = openAt(files, 'next');
  expect(next.isResumed).toBe(true);
  expect(next.state).toMatchObject({ id: 'first', counts: counts(2), isFinished: false });
  expect(progress(next, 7)).toEqual([...progress(first, 6), 'none']);
});

it('keeps the time of the first import', () => {
  const files = new MemoryFiles();
  openAt(files).claim(0, 1, 0, []);
  const later = { ...FACTS, nowMs: FACTS.nowMs + 1000, skipExpiredBeforeMs: 7 };
  const { state } = Checkpoint.open({ path: PATH, files }, later, 'other');
  expect(state).toMatchObject({ id: 'id', nowMs: FACTS.nowMs });
  expect(state.skipExpiredBeforeMs).toBeUndefined();
});

describe('keys that the target had', () => {
  const raw = Uint8Array.from({ length: 256 }, (_, byte) => byte);

  it('are kept while their units are in flight, whatever their bytes', () => {
    const files = new MemoryFiles();
    const first = openAt(files);
    const keys = [ascii(''), ascii('1:2'), raw, ascii('"}')];
    first.claim(
      0,
      4,
      3,
      keys.map((key, unit) => ({ key, unit })),
    );
    const next = openAt(files);
    for (const key of keys) expect([next.hadBefore(3, key), next.hadBefore(0, key)]).toEqual([true, false]);
    expect(next.hadBefore(3, raw.subarray(1))).toBe(false);
    next.finish(0, 2, counts(2));
    expect(keys.map((key) => next.hadBefore(3, key))).toEqual([false, false, true, true]);
    next.write(false);
    expect(keys.map((key) => openAt(files).hadBefore(3, key))).toEqual([false, false, true, true]);
  });
});

const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ what: fc.constant('claim' as const), size: fc.integer({ min: 1, max: 4 }) }) },
  { weight: 2, arbitrary: fc.record({ what: fc.constant('finish' as const), which: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('cut' as const), which: fc.nat() }) },
);

/** Units that a batch has, and those that are under way. */
interface Under {
  readonly from: number;
  readonly to: number;
}

it('never takes for done what is not, nor forgets what was sent, whenever the power goes', () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 25 }), (steps) => {
      let files = new ForgetfulFiles();
      let checkpoint = openAt(files);
      let under: Under[] = [];
      let next = 0;
      const finished = new Set<number>();
      for (const one of steps) {
        if (one.what === 'claim') {
          const batch = { from: next, to: next + one.size };
          checkpoint.claim(batch.from, batch.to, 0, []);
          under.push(batch);
          next = batch.to;
        } else if (one.what === 'finish' && under.length > 0) {
          const [batch] = under.splice(one.which % under.length, 1) as [Under];
          checkpoint.finish(batch.from, batch.to, counts(finished.size));
          for (let unit = batch.from; unit < batch.to; unit++) finished.add(unit);
        } else if (one.what === 'cut') {
          const survivors = files.survivors();
          const left = survivors[one.which % survivors.length]!;
          files = withContentOf(left);
          checkpoint = openAt(files);
          for (let unit = 0; unit < next; unit++) {
            const found = checkpoint.progressOf(unit);
            if (finished.has(unit)) expect(['done', 'inFlight']).toContain(found);
            else expect(found).toBe('inFlight');
            if (found !== 'done') finished.delete(unit);
          }
          expect(checkpoint.progressOf(next)).toBe('none');
          under = Array.from({ length: next }, (_, from) => ({ from, to: from + 1 })).filter(
            ({ from }) => !finished.has(from),
          );
        }
      }
    }),
    { numRuns: 300 },
  );
});

it('fails before anything is sent where the state cannot be written', () => {
  for (let failAt = 0; failAt < 5; failAt++) {
    const files = new ForgetfulFiles();
    const checkpoint = openAt(files);
    files.failAt = failAt;
    expect(() => checkpoint.claim(0, 1, 0, [])).toThrow('EIO');
  }
});

it('belongs to one source and to options that mean the same keys', () => {
  const files = new MemoryFiles();
  openAt(files).claim(0, 1, 0, []);
  for (const other of [{ fingerprint: 'g' }, { settings: 't' }])
    expect(() => Checkpoint.open({ path: PATH, files }, { ...FACTS, ...other }, 'id')).toThrow(CheckpointError);
});

describe('settings', () => {
  const plain = settingsText({}, undefined);

  it.each<[string, ImportOptions]>([
    ['a filter', { filter: { match: 'a*' } }],
    ['a filter by bytes', { filter: { match: Uint8Array.of(1, 2) } }],
    ['a filter by an expression', { filter: { keyRegex: /a/ } }],
    ['another expression', { filter: { keyRegex: /a/i } }],
    ['another database', { dbMap: new Map([[0, 1]]) }],
    ['a rename', { rename: [{ pattern: /a/, replacement: 'b' }] }],
    ['another rename', { rename: [{ pattern: /a/, replacement: 'c' }] }],
    ['expiries', { setTtl: { action: 'strip' } }],
    ['expired keys left out', { skipExpiredBeforeMs: 1 }],
    ['modules left out', { dropModules: true }],
    ['a function', { transform: (entry) => entry }],
    ['what becomes of keys that exist', { onExists: 'replace' }],
  ])('%s makes others', (_, options) => {
    expect(settingsText(options, undefined)).not.toBe(plain);
    expect(settingsText(options, undefined)).toBe(settingsText(options, undefined));
  });

  it('are told apart', () => {
    const texts = [
      settingsText({ filter: { keyRegex: /a/ } }, undefined),
      settingsText({ filter: { keyRegex: /a/i } }, undefined),
      settingsText({ rename: [{ pattern: /a/, replacement: 'b' }] }, undefined),
      settingsText({ rename: [{ pattern: /b/, replacement: 'b' }] }, undefined),
      settingsText({ dbMap: new Map([[0, 1]]) }, undefined),
      settingsText({ dbMap: new Map([[1, 0]]) }, undefined),
      settingsText({}, 1),
      settingsText({}, 2),
    ];
    expect(new Set(texts).size).toBe(texts.length);
  });

  it.each<[string, ImportOptions]>([
    ['speed', { rate: { keysPerSecond: 1 }, maxPendingBytes: 1 }],
    ['the way', { mode: 'commands', retryMs: 5 }],
    ['the time', { nowMs: 5 }],
  ])('%s does not matter', (_, options) => {
    expect(settingsText(options, undefined)).toBe(plain);
  });

  it('do not depend on the moment from which expired keys are left out, which the state keeps', () => {
    expect(settingsText({ skipExpiredBeforeMs: 1 }, undefined)).toBe(
      settingsText({ skipExpiredBeforeMs: 2 }, undefined),
    );
  });
});

function withContentOf(left: MemoryFiles): ForgetfulFiles {
  const files = new ForgetfulFiles();
  for (const [path, bytes] of left.nodes) {
    const file = files.create(path);
    file.write(bytes!, 0, bytes!.length);
    file.sync();
    file.close();
  }
  return files.reopened();
}
