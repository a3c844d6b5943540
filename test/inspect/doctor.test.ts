/** Rules: their numbers, their conditions, and what is said of them. */
import { describe, expect, it } from 'vitest';
import { DoctorCollector, type DoctorFinding, type DoctorReport } from '../../src/inspect/doctor/doctor.js';
import { DOCTOR_RULES, type DoctorRuleName, parseConditions } from '../../src/inspect/doctor/doctor-rules.js';
import { collectFacts } from '../../src/inspect/facts/collect.js';
import { ElementMeasure } from '../../src/inspect/facts/element-measure.js';
import { readRdbSync } from '../../src/rdb/read.js';
import { doubleLe, int64Le, keyRecord, len, type Piece, rdbFile, str } from '../support/file-builder.js';
import { listFixtures } from '../support/fixtures.js';

async function examine(files: readonly (Uint8Array | string)[], failOn = ''): Promise<DoctorReport> {
  const collector = new DoctorCollector({ nowMs: 1_700_000_000_000, conditions: parseConditions(failOn) });
  for (const file of files) await collectFacts(file, collector, { measure: new ElementMeasure() });
  return collector.report();
}

function findingOf(report: DoctorReport, rule: DoctorRuleName): DoctorFinding | undefined {
  return report.findings.find((finding) => finding.rule === rule);
}

const set = (members: number): Piece => [len(members), Array.from({ length: members }, (_, index) => str(`m${index}`))];
const zset = (members: number): Piece => [
  len(members),
  Array.from({ length: members }, (_, index) => [str(`m${index}`), doubleLe(index)]),
];
const aux = (name: string, value: string): Piece => [0xfa, str(name), str(value)];

describe.each(listFixtures())('$name', ({ path }) => {
  it('has the numbers of the entries', async () => {
    const entries = [...readRdbSync(path)];
    const keys = entries.filter((entry) => entry.kind === 'key');
    const report = await examine([path]);
    expect(report.ok).toBe(true);
    const value = (rule: DoctorRuleName): number | undefined => findingOf(report, rule)?.value;
    const sizes = keys.map(({ valueBytes = 0 }) => valueBytes);
    expect(value('keys')).toBe(keys.length);
    expect(value('dbs')).toBe(new Set(keys.map(({ db }) => db)).size);
    expect(value('size')).toBe(sizes.reduce((sum, size) => sum + size, 0));
    expect(value('maxValue')).toBe(Math.max(0, ...sizes));
    expect(value('maxName')).toBe(Math.max(0, ...keys.map(({ key }) => key.length)));
    expect(value('noTtl')).toBeCloseTo(
      keys.filter(({ expireAtMs }) => expireAtMs === undefined).length / (keys.length || 1),
    );
    expect(value('duplicates')).toBe(0);
    expect(value('functions')).toBe(entries.filter(({ kind }) => kind === 'function').length);
    const largest = findingOf(report, 'maxValue')!.key;
    if (keys.length > 0) expect(largest?.key).toEqual(keys[sizes.indexOf(Math.max(...sizes))]!.key);
  });
});

describe('warns of', () => {
  it.each<[DoctorRuleName, number, readonly Piece[]]>([
    ['duplicates', 1, [keyRecord(0, 'k', str('v')), keyRecord(0, 'k', str('w'))]],
    ['scripts', 2, [aux('lua', 'return 1'), aux('lua', 'return 2'), aux('lunar', 'no')]],
    ['maxName', 2000, [keyRecord(0, 'n'.repeat(2000), str('v'))]],
    [
      'expired',
      0.5,
      [aux('ctime', '5'), keyRecord(0, 'a', str('v'), [0xfc, int64Le(4999n)]), keyRecord(0, 'b', str('v'))],
    ],
  ])('%s', async (rule, value, records) => {
    const report = await examine([rdbFile('REDIS0011', ...records)]);
    expect(report.ok).toBe(true);
    expect(findingOf(report, rule)).toMatchObject({ status: 'warn', value });
    expect(report.findings.filter(({ status }) => status !== 'ok').map((finding) => finding.rule)).toEqual([rule]);
  });

  it('duplicate keys in two shards, but not in two databases', async () => {
    const shard = rdbFile('REDIS0011', keyRecord(0, 'k', str('v')));
    const other = rdbFile('REDIS0011', [0xfe, 1], keyRecord(0, 'k', str('v')));
    expect(findingOf(await examine([shard, shard]), 'duplicates')?.value).toBe(1);
    expect(findingOf(await examine([shard, other]), 'duplicates')?.value).toBe(0);
  });
});

it('counts collections that are just too long to be packed', async () => {
  const collections = [
    keyRecord(2, 's128', set(128)),
    keyRecord(2, 's129', set(129)),
    keyRecord(2, 's256', set(256)),
    keyRecord(2, 's257', set(257)),
    keyRecord(5, 'z129', zset(129)),
  ];
  const report = await examine([rdbFile('REDIS0011', ...collections)]);
  expect(findingOf(report, 'cliffs')?.value).toBe(3);
  expect(findingOf(report, 'maxElements')).toMatchObject({
    value: 257,
    key: { key: new TextEncoder().encode('s257') },
  });
});

describe('conditions', () => {
  const file = rdbFile('REDIS0011', keyRecord(0, 'a', str('x'.repeat(100))), keyRecord(0, '{a}b', str('y')));
  it.each<[string, boolean]>([
    ['keys>1', false],
    ['keys>2', true],
    ['keys>=2', false],
    ['keys<3', false],
    ['keys<2', true],
    ['keys <= 2', false],
    ['maxValue>50', false],
    ['maxvalue > 1KB, keys>5', true],
    ['noTtl>50%', false],
    ['noTtl>0.5', false],
    ['noTtl<100%', true],
    ['slotSkew>8000', false],
    ['maxSlot>99%', false],
    ['maxSlot<=99%', true],
    ['memory>1MB', true],
    ['', true],
  ])('%s', async (failOn, ok) => {
    const report = await examine([file], failOn);
    expect(report.ok).toBe(ok);
    const failed = report.findings.filter(({ status }) => status === 'fail');
    expect(failed.map(({ limit }) => limit)).toEqual(ok ? [] : [failOn]);
  });

  it.each<[string, string]>([
    ['size', "'size' is no condition"],
    ['bigness>3', `there is no rule 'bigness'; there are ${DOCTOR_RULES.map(({ name }) => name).join(', ')}`],
    ['keys>1MB', "'1MB' is no whole number"],
    ['noTtl>150%', "'150%' is no share"],
    ['maxKey>big', "'big' is no size"],
    ['slotSkew>x', "'x' is no number"],
  ])('refuses %s', (text, message) => {
    expect(() => parseConditions(text)).toThrow(message);
  });
});

it('has no slots where nobody asks for them', async () => {
  const report = await examine([rdbFile('REDIS0011', keyRecord(0, 'a', str('v')))]);
  expect(report.findings.map(({ rule }) => rule)).not.toContain('slotSkew');
});
