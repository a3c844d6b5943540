/** Power cuts all over the lives of stores: whatever is left of their files, a store comes to what it has promised. */
import { describe, expect, it } from 'vitest';
import { isIncrement } from '../support/crash-expectation.js';
import { CrashFiles } from '../support/crash-files.js';
import type { Recording, Tree } from '../support/crash-journal.js';
import { checkOrder } from '../support/crash-order.js';
import { pileUp } from '../support/crash-piles.js';
import { type CrashReport, runCrashes } from '../support/crash-recovery.js';
import { crashStates, leastOf, stateOf } from '../support/crash-states.js';
import { CRASH_VARIANTS, type CrashVariant, LARGE_VARIANTS } from '../support/crash-variants.js';
import { liveUntilCrash } from '../support/crash-workload.js';

const STATES = 72;
const LARGE_STATES = 12;

function variantOf(name: string): CrashVariant {
  return CRASH_VARIANTS.find((variant) => variant.name === name)!;
}

function named(variants: readonly CrashVariant[]): [name: string, variant: CrashVariant][] {
  return variants.map((variant) => [variant.name, variant]);
}

function textOf(tree: Tree): string {
  return [...tree].map(([path, bytes]) => (bytes === undefined ? path : `${path}=${Buffer.from(bytes)}`)).join(' ');
}

/** All that the drawing comes to at the end of the journal. */
function endings(recording: Recording, holes = false): string[] {
  const found = new Set<string>();
  for (let seed = 1; seed <= 40; seed++)
    for (const { choice, left } of crashStates(recording, { seed, count: 60, holes }))
      if (choice.prefix === recording.journal.length) found.add(textOf(left));
  return [...found].sort();
}

function fill(files: CrashFiles, path: string, text: string): void {
  const file = files.create(path);
  file.write(Buffer.from(text), 0, text.length);
  file.sync();
  file.close();
}

describe('what a power cut may leave', () => {
  it('is drawn so often as was asked for, the same for the same seed, from the whole of the journal', async () => {
    const { files } = await liveUntilCrash(CRASH_VARIANTS[0]!, 7);
    const draw = (seed: number, count: number): string[] =>
      Array.from(crashStates(files, { seed, count }), ({ choice }) => JSON.stringify(choice));
    for (const count of [1, 2, 10, 333, 2000]) expect(draw(1, count).length).toBe(count);
    expect(draw(1, 50)).toEqual(draw(1, 50));
    expect(draw(1, 50)).not.toEqual(draw(2, 50));
    const prefixes = Array.from(crashStates(files, { seed: 1, count: 300 }), ({ choice }) => choice.prefix);
    for (let part = 0; part < 10; part++) {
      const isIn = (prefix: number): boolean => Math.floor((prefix / (files.journal.length + 1)) * 10) === part;
      expect(prefixes.filter(isIn).length, `tenth ${part}`).toBeGreaterThan(5);
    }
  });

  it('can be had again by its choice', async () => {
    const { files } = await liveUntilCrash(CRASH_VARIANTS[2]!, 3);
    for (const { choice, left } of crashStates(files, { seed: 5, count: 100, holes: true }))
      expect(textOf(stateOf(files, choice))).toBe(textOf(left));
  });

  it('has the bytes of a file and its name apart from each other', () => {
    const files = new CrashFiles(new Map([['d', undefined]]));
    fill(files, 'd/named', 'x');
    files.syncDirectory('d');
    fill(files, 'd/lost', 'y');
    expect(textOf(leastOf(files))).toBe('d d/named=x');
    expect(endings(files)).toEqual(['d d/named=x', 'd d/named=x d/lost=y']);
  });

  it('has a rename done or not, also where the name before it was never there', () => {
    const files = new CrashFiles(new Map([['m', Buffer.from('old')]]));
    fill(files, 't', 'new');
    files.rename('t', 'm');
    expect(endings(files)).toEqual(['m=new', 'm=old', 'm=old t=new']);
    files.syncDirectory('.');
    expect(endings(files)).toEqual(['m=new']);
    files.remove('m');
    expect(endings(files)).toEqual(['', 'm=new']);
  });

  it('has a file under two names where it was moved, and only the new directory was synced', () => {
    const files = new CrashFiles(
      new Map([
        ['f', Buffer.from('x')],
        ['d', undefined],
      ]),
    );
    files.rename('f', 'd/f');
    expect(endings(files)).toEqual(['d d/f=x', 'f=x d', 'f=x d d/f=x']);
    files.syncDirectory('d');
    expect(endings(files)).toEqual(['d d/f=x', 'f=x d d/f=x']);
    files.syncDirectory('.');
    expect(endings(files)).toEqual(['d d/f=x']);
  });

  it('has of what was not synced any beginning, a truncation as one step of it', () => {
    const files = new CrashFiles(new Map([['f', Buffer.from('abc')]]));
    const file = files.append('f');
    file.truncate(1);
    file.write(Buffer.from('-de-'), 1, 3);
    expect(endings(files)).toEqual(['f=a', 'f=abc', 'f=ad', 'f=ade']);
    file.syncAside(() => undefined);
    file.write(Buffer.from('f'), 0, 1);
    expect(endings(files)).toContain('f=abc');
    files.catchUp();
    expect(endings(files)).toEqual(['f=ade', 'f=adef']);
    file.syncData();
    expect(endings(files)).toEqual(['f=adef']);
  });

  it('has files cut at the borders of sectors and pages, and pages in their middle that were not written', () => {
    const files = new CrashFiles(new Map([['f', Buffer.alloc(500, 'a')]]));
    files.append('f').write(Buffer.alloc(9000, 'b'), 0, 9000);
    const ends = endings(files, true);
    const sizes = ends.map((text) => text.length - 'f='.length);
    for (const size of [500, 512, 1024, 4096, 8192, 9500]) expect(sizes).toContain(size);
    expect(ends.some((text) => /^f=a+b+\0+b+$/.test(text))).toBe(true);
  });
});

describe('a store', () => {
  it.each(named(CRASH_VARIANTS))('comes to what it must: %s', async (_name, variant) => {
    const total: CrashReport = { recoveries: 0, damaged: 0, shortened: 0, failures: [] };
    for (const seed of [1, 2]) {
      const { failures, shortened, recoveries } = await runCrashes({ variant, seed, count: STATES / 2 });
      total.failures.push(...failures);
      total.recoveries += recoveries;
      total.shortened += shortened;
    }
    expect(total.failures).toEqual([]);
    expect(total.recoveries).toBe(STATES);
    // What is not synced before it is acknowledged must have been missing now and then.
    if (variant.options.appendfsync !== 'always') expect(total.shortened).toBeGreaterThan(0);
  });

  it.each(named(LARGE_VARIANTS))('comes to what it must: %s', async (_name, variant) => {
    const { failures } = await runCrashes({ variant, seed: 1, count: LARGE_STATES });
    expect(failures).toEqual([]);
  });

  it('comes to what it must, or refuses what is broken in its middle', async () => {
    const variant = variantOf('no sync, with timestamps');
    const { failures, damaged, recoveries } = await runCrashes({ variant, seed: 11, count: 60, holes: true });
    expect(failures).toEqual([]);
    expect(damaged).toBeGreaterThan(0);
    expect(damaged).toBeLessThan(recoveries / 2);
  });

  it('does everything in the order that this needs', async () => {
    const looked = new Map<string, number>();
    for (const variant of CRASH_VARIANTS) {
      const report = checkOrder((await liveUntilCrash(variant, 21)).files);
      expect(report.broken, variant.name).toEqual([]);
      for (const [rule, count] of report.looked) looked.set(rule, (looked.get(rule) ?? 0) + count);
    }
    for (const [rule, count] of looked) expect(count, rule).toBeGreaterThan(0);
  });

  it('syncs its log about once a second under everysec, with what was acknowledged', async () => {
    const { files, endMs, beginMs } = await liveUntilCrash(variantOf('everysec, dump as base'), 3);
    const begun = files.journal.filter(({ kind, path }) => kind === 'asideBegin' && isIncrement(path)).length;
    const seconds = (endMs - beginMs) / 1000;
    expect(begun).toBeGreaterThan(seconds / 4);
    expect(begun).toBeLessThan(seconds);
  });

  it.each(['rewrites and saves', 'switches the log on and off'] as const)(
    'leaves no more files behind, however often it is stopped: %s',
    async (kind) => {
      for (const seed of [100, 200, 300]) {
        const { few, many } = await pileUp(kind, seed);
        expect(many.length).toBeLessThanOrEqual(few.length + 1);
      }
    },
  );
});

describe('the oracle', () => {
  it.each([
    ['always', 'always, dump as base', 'files'],
    ['everysec', 'everysec, dump as base', 'files'],
    ['dumps', 'dumps alone', 'files'],
    ['a log', 'always, dump as base', 'directories'],
    ['dumps by name', 'dumps alone', 'directories'],
  ] as const)('notices syncs that do nothing: %s', async (_what, name, lie) => {
    const { failures } = await runCrashes({ variant: variantOf(name), seed: 1, count: 200, lie });
    expect(failures.length).toBeGreaterThan(0);
  });

  it('notices an order that is wrong', async () => {
    const { files } = await liveUntilCrash(variantOf('always, dump as base'), 1);
    const without = (kind: string): Recording => ({
      baseline: files.baseline,
      journal: files.journal.map((operation) =>
        operation.kind === kind && 'isLie' in operation ? { ...operation, isLie: true } : operation,
      ),
    });
    const rules = (recording: Recording): number => new Set(checkOrder(recording).broken.map(({ rule }) => rule)).size;
    expect(rules(files)).toBe(0);
    expect(rules(without('sync'))).toBeGreaterThan(1);
    expect(rules(without('syncData'))).toBe(1);
    expect(rules(without('syncDirectory'))).toBeGreaterThan(1);
  });
});
