/** `doctor`: findings, and exit codes for CI. */
import { expect, it } from 'vitest';
import { keyRecord, rdbFile, str } from '../support/file-builder.js';
import { fixturePath } from '../support/fixtures.js';
import { cli, jsonLines, linesOf, temporaryDirectory } from './run-cli.js';

const directory = temporaryDirectory();

interface Finding {
  readonly rule: string;
  readonly status: string;
}

const TYPES = fixturePath('redis-7.0/types');

it('prints what is wrong first', async () => {
  const file = rdbFile('REDIS0011', [0xfa, str('lua'), str('return 1')], keyRecord(0, 'a', str('v')));
  const path = directory.write('doctor.rdb', file);
  const { code, stdout, stderr } = await cli(['doctor', path, '-f', 'table', '--fail-on', 'noTtl>50%, keys>5']);
  expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
  const lines = linesOf(stdout);
  expect(lines[0]).toBe(`${path}: 1 rule broken, 1 warning`);
  expect(lines.slice(3, 6).map((line) => line.trim().split(/ {2,}/))).toEqual([
    ['fail', 'noTtl', '100.0 %', '>50%', 'keys that never expire'],
    ['warn', 'scripts', '1', '> 0', 'Lua scripts stored with the data'],
    ['ok', 'keys', '1', 'keys'],
  ]);
});

it('is content with a sound file', async () => {
  const path = directory.write('sound.rdb', rdbFile('REDIS0011', keyRecord(0, 'a', str('v'))));
  const { code, stdout } = await cli(['doctor', path, '-f', 'table']);
  expect(code).toBe(0);
  expect(linesOf(stdout)[0]).toBe(`${path}: nothing stands out`);
});

it('warnings do not change the exit code', async () => {
  const { code, stdout } = await cli(['doctor', TYPES]);
  expect(code).toBe(0);
  const rows = jsonLines<Finding>(stdout);
  expect(rows.filter(({ status }) => status === 'warn').map(({ rule }) => rule)).toEqual(['maxName']);
});

it.each<[string, number]>([
  ['keys>100', 1],
  ['keys>1000', 0],
  ['maxValue>1MB,noTtl<10%', 0],
  ['maxValue>10KB', 1],
  ['slotSkew>1', 1],
])('--fail-on %s exits with %i', async (rules, wanted) => {
  const { code, stdout, stderr } = await cli(['doctor', TYPES, '--json', '--fail-on', rules]);
  expect({ code, stderr }).toEqual({ code: wanted, stderr: '' });
  const report = JSON.parse(stdout);
  expect(report).toMatchObject({ schema: 'rdb-inspect/doctor@1', sources: [TYPES], ok: wanted === 0 });
  const failed = (report.findings as Finding[]).filter(({ status }) => status === 'fail');
  expect(failed.map(({ rule }) => rule)).toEqual(wanted === 0 ? [] : [rules.split('>')[0]]);
});

it('takes rules from several options, and names the key that a number is of', async () => {
  const { code, stdout } = await cli([
    'doctor',
    TYPES,
    '--json',
    '--fail-on',
    'keys<1',
    '--fail-on',
    'maxElements>600',
  ]);
  expect(code).toBe(1);
  const failed = (JSON.parse(stdout).findings as Finding[]).filter(({ status }) => status === 'fail');
  expect(failed).toEqual([
    expect.objectContaining({ rule: 'maxElements', value: 700, limit: 'maxElements>600', db: 0, key: 'set:big' }),
  ]);
});

it('looks at the keys that a filter lets through', async () => {
  const { stdout } = await cli(['doctor', TYPES, '--json', '-k', 'list:*']);
  const findings = JSON.parse(stdout).findings as (Finding & { value: number })[];
  expect(findings.find(({ rule }) => rule === 'keys')?.value).toBe(12);
});

it('lists the rules for one that it does not know', async () => {
  const { code, stdout, stderr } = await cli(['doctor', TYPES, '--fail-on', 'maxkeys>3']);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain("there is no rule 'maxkeys'; there are keys, dbs, memory, size, maxKey,");
});
