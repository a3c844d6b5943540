/** Every trap of aof-format.md: a log that has it, what is said about it, and how that differs from server to server. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkLog } from '../../../src/aof/check/check.js';
import { TRAP_TEXTS } from '../../../src/aof/check/trap-texts.js';
import type { AofTrap, TrapSeverity } from '../../../src/aof/check/traps.js';
import { directoryTraps } from '../../../src/aof/check/traps-directory.js';
import { openAofLog } from '../../../src/aof/directory/directory.js';
import { planRepair } from '../../../src/aof/repair/repair.js';
import { mendingFiles } from '../../../src/aof/repair/repair-manifest.js';
import { nodeFiles } from '../../../src/bytes/files-node.js';
import { findTarget } from '../../../src/rdb/versions.js';
import { joined, logged, text } from '../../support/aof-files.js';
import { plainItems } from '../../support/aof-load.js';
import { FIXTURES, readFixture } from '../../support/fixtures.js';

type Content = Uint8Array | string;
/** Files by name; a name with a slash lies in that directory. A single file is a log of one file. */
type Tree = Readonly<Record<string, Content>>;

interface Case {
  readonly code: keyof typeof TRAP_TEXTS;
  readonly tree: Tree;
  /** Without a target; undefined: nothing is said then. */
  readonly severity: TrapSeverity | undefined;
  /** Other targets: what is said of them. */
  readonly targets?: Readonly<Record<string, TrapSeverity | undefined>>;
  readonly subject?: string;
}

const SET = logged('SET', 'a', '1');
const MULTI = logged('MULTI');
const EXEC = logged('EXEC');
const SELECT = logged('SELECT', '0');
const TIME = text('#TS:1700000000\r\n');
const RDB = readFixture('redis-7.0/types');
const VALKEY = readFixture('valkey-9.1/types');
const MANIFEST = 'appendonlydir/appendonly.aof.manifest';
const BASE = 'appendonlydir/appendonly.aof.1.base.aof';
const INCR = 'appendonlydir/appendonly.aof.1.incr.aof';
const LISTED = 'file appendonly.aof.1.base.aof seq 1 type b\nfile appendonly.aof.1.incr.aof seq 1 type i\n';

function single(...parts: readonly Uint8Array[]): Tree {
  return { 'appendonly.aof': joined(...parts) };
}

function several(tree: Tree, manifest = LISTED): Tree {
  return { [MANIFEST]: manifest, [BASE]: SET, [INCR]: SET, ...tree };
}

const cases: readonly Case[] = [
  {
    code: 'CUT_IN_TRANSACTION',
    tree: single(SET, MULTI, SET, SET.subarray(0, 9)),
    severity: 'danger',
    targets: { 'redis:7.0': 'danger', 'redis:8.6': 'danger', 'valkey:8.1': 'danger', 'valkey:9.1': 'note' },
  },
  { code: 'HALF_TRANSACTION', tree: single(SELECT, MULTI, SET, SELECT, SET), severity: 'danger' },
  { code: 'HALF_TRANSACTION', tree: single(SELECT, MULTI, SET, SELECT, SET, MULTI, SET, EXEC), severity: 'danger' },
  {
    code: 'EARLIER_FILE_CUT',
    tree: several({ [BASE]: joined(SET, MULTI) }),
    severity: 'danger',
  },
  { code: 'EARLIER_FILE_CUT', tree: several({ [BASE]: SET.subarray(0, 11), [INCR]: '' }), severity: 'danger' },
  { code: 'CUT_TAIL', tree: single(SET, SET.subarray(0, 9)), severity: 'note' },
  { code: 'CUT_TAIL', tree: single(SET, MULTI, SET), severity: 'note' },
  {
    code: 'CORRUPT_TAIL',
    tree: single(SET, text('nonsense')),
    severity: 'fatal',
    targets: { 'redis:7.0': 'fatal', 'redis:8.4': 'fatal' },
  },
  { code: 'NESTED_MULTI', tree: single(MULTI, MULTI, SET, EXEC), severity: 'danger' },
  { code: 'STRAY_EXEC', tree: single(SET, EXEC, SET), severity: 'danger' },
  { code: 'DISCARD_IN_TRANSACTION', tree: single(MULTI, SET, logged('DISCARD'), EXEC), severity: 'danger' },
  { code: 'EMPTY_COMMAND', tree: single(SET, text('*0\r\n'), SET), severity: 'fatal' },
  { code: 'EMPTY_COMMAND', tree: single(SET, text('*-1\r\n'), SET), severity: 'fatal' },
  { code: 'HUGE_LENGTH', tree: single(SET, text('*2\r\n$3\r\nGET\r\n$99999999999\r\n')), severity: 'fatal' },
  { code: 'UNCHECKED_LINE_END', tree: single(text('*1\r\n$4\r\nPINGxx'), SET), severity: 'note' },
  { code: 'ODD_FORM', tree: single(text('*+1\r\n$4\r\nPING\r\n')), severity: 'note' },
  {
    code: 'UNKNOWN_COMMAND',
    tree: single(logged('FROBNICATE', 'x')),
    severity: 'danger',
    subject: 'FROBNICATE',
    targets: { 'redis:7.0': 'fatal' },
  },
  {
    code: 'UNKNOWN_COMMAND',
    tree: single(logged('HSETEX', 'k', 'FIELDS', '1', 'f', 'v')),
    severity: undefined,
    targets: { 'redis:7.0': 'fatal', 'redis:8.0': undefined, 'valkey:8.1': 'fatal', 'valkey:9.0': undefined },
  },
  {
    code: 'UNKNOWN_COMMAND',
    tree: single(logged('JSON.SET', 'k', '$', '1')),
    severity: undefined,
    targets: { 'redis:7.0': 'danger' },
  },
  { code: 'UNKNOWN_COMMAND', tree: single(logged('XGROUP', 'FROB', 'k')), severity: 'danger', subject: 'XGROUP FROB' },
  {
    code: 'TOO_FEW_ARGUMENTS',
    tree: single(logged('SET', 'a')),
    severity: 'fatal',
    targets: { 'redis:8.6': 'fatal', 'valkey:8.1': 'fatal', 'valkey:8.0': 'fatal' },
  },
  { code: 'RELATIVE_EXPIRY', tree: single(logged('EXPIRE', 'a', '10')), severity: 'danger', subject: 'EXPIRE' },
  { code: 'RELATIVE_EXPIRY', tree: single(logged('SET', 'a', '1', 'ex', '10')), severity: 'danger' },
  { code: 'RELATIVE_EXPIRY', tree: single(logged('RESTORE', 'a', '10', 'payload')), severity: 'danger' },
  {
    code: 'ANNOTATIONS',
    tree: single(TIME, SET),
    severity: undefined,
    targets: { 'redis:6.2': 'fatal', 'redis:7.0': undefined },
  },
  { code: 'UNENDED_ANNOTATION', tree: single(SET, text('#TS:17')), severity: 'danger' },
  { code: 'MALFORMED_TIMESTAMP', tree: single(text('#TS:soon\r\n'), SET), severity: 'note' },
  { code: 'TIMESTAMP_IN_TRANSACTION', tree: single(MULTI, TIME, SET, EXEC), severity: 'note' },
  { code: 'CLOCK_WENT_BACK', tree: single(TIME, SET, text('#TS:1600000000\r\n'), SET), severity: 'note' },
  {
    code: 'VALKEY_HEAD',
    tree: single(VALKEY),
    severity: 'danger',
    targets: { 'redis:8.0': 'fatal', 'valkey:8.1': 'fatal', 'valkey:9.0': 'danger' },
  },
  {
    code: 'HEAD_TOO_NEW',
    tree: single(RDB),
    severity: undefined,
    targets: { 'redis:6.2': 'fatal', 'redis:7.0': undefined },
  },
  { code: 'HEAD_IN_INCREMENT', tree: several({ [INCR]: RDB }), severity: 'danger' },
  { code: 'DAMAGED_HEAD', tree: single(RDB.subarray(0, 100)), severity: 'fatal' },
  {
    code: 'PREAMBLE',
    tree: single(RDB),
    severity: undefined,
    targets: { 'redis:3.2': 'fatal', 'redis:4.0': undefined },
  },
  {
    code: 'STALE_INCREMENT',
    tree: several({}, 'file appendonly.aof.1.base.aof seq 1 type b\n'),
    severity: 'danger',
    subject: 'appendonly.aof.1.incr.aof',
  },
  {
    code: 'UNLISTED_FILE',
    tree: several({ 'appendonlydir/appendonly.aof.7.incr.aof': SET }),
    severity: 'note',
    subject: 'appendonly.aof.7.incr.aof',
  },
  { code: 'UNLISTED_FILE', tree: several({ 'appendonlydir/temp-appendonly.aof.manifest': LISTED }), severity: 'note' },
  {
    code: 'LISTED_TWICE',
    tree: several({}, `${LISTED}file appendonly.aof.1.incr.aof seq 2 type i\n`),
    severity: 'danger',
  },
  {
    code: 'REFUSED_MANIFEST',
    tree: {
      "appendonlydir/it's.aof.manifest": "file it's.aof.1.base.aof seq 1 type b\n",
      "appendonlydir/it's.aof.1.base.aof": SET,
    },
    severity: 'fatal',
    subject: "it's.aof.1.base.aof",
  },
  {
    code: 'MISREAD_MANIFEST',
    tree: several({}, 'seq 1 type b file appendonly.aof.1.base.aof\nfile appendonly.aof.1.incr.aof seq 1 type i\n'),
    severity: 'danger',
  },
  { code: 'OLD_FILE_IGNORED', tree: several({ 'appendonly.aof': SET }), severity: 'danger' },
  {
    code: 'HISTORY_FILES',
    tree: several(
      { 'appendonlydir/appendonly.aof.0.incr.aof': SET },
      `file appendonly.aof.0.incr.aof seq 1 type h\n${LISTED}`,
    ),
    severity: 'note',
  },
  {
    code: 'MULTI_PART',
    tree: several({}),
    severity: undefined,
    targets: { 'redis:6.2': 'fatal', 'redis:7.0': undefined },
  },
];

let folder: string;
let counter = 0;
beforeAll(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'rdb-inspect-traps-'));
});
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

describe('each trap', () => {
  it.each(cases.map((one) => ({ ...one, title: `${one.code} ${Object.keys(one.tree).length} files` })))(
    '$title',
    async ({ code, tree, severity, targets = {}, subject }) => {
      const source = write(tree);
      for (const [target, wanted] of [[undefined, severity] as const, ...Object.entries(targets)]) {
        const found = (await trapsOf(source, target)).filter((trap) => trap.code === code);
        expect(
          found.map((trap) => trap.severity),
          `${target}`,
        ).toEqual(wanted === undefined ? [] : [wanted]);
        for (const trap of found) {
          expect(trap.consequence.length).toBeGreaterThan(30);
          expect(trap.advice.length).toBeGreaterThan(5);
          if (subject !== undefined) expect(trap.subject).toBe(subject);
        }
      }
    },
  );

  it('has a case', () => {
    expect(Object.keys(TRAP_TEXTS).filter((code) => !cases.some((one) => one.code === code))).toEqual([]);
  });

  it.each<[string, readonly string[], string]>([
    ['cut-in-transaction', ['CUT_IN_TRANSACTION'], 'before'],
    ['half-transaction', ['HALF_TRANSACTION'], 'before acknowledged counter'],
    ['half-transaction-closed', ['HALF_TRANSACTION', 'NESTED_MULTI'], 'before acknowledged double double'],
    ['refused-manifest', ['REFUSED_MANIFEST'], 'a'],
  ])('is seen in fixtures/aof-traps/%s, and repaired', async (name, codes, keys) => {
    const source = path.join(FIXTURES, 'aof-traps', name);
    expect((await trapsOf(source, undefined)).map(({ code }) => code).sort()).toEqual(codes);
    const files = mendingFiles(nodeFiles, () => undefined);
    const plan = await planRepair(openAofLog(source, files), { mode: 'salvage', files });
    const { file, kept } = plan.files.at(-1)!;
    const log = fs.readFileSync(file.path!);
    const left = plainItems(joined(...kept.map(({ start, end }) => log.subarray(start, end))));
    const written = left.filter(({ args }) => /^(SET|INCR)$/.test(String(args?.[0])));
    expect(written.map(({ args }) => String(args![1])).join(' ')).toBe(keys);
  });

  it('is not seen in the logs of real servers', async () => {
    const harmless = new Set(['HISTORY_FILES', 'UNLISTED_FILE', 'VALKEY_HEAD', 'OLD_FILE_IGNORED']);
    for (const server of fs.readdirSync(FIXTURES)) {
      for (const kind of ['aof-preamble', 'aof-rewritten']) {
        const source = path.join(FIXTURES, server, kind);
        if (!fs.existsSync(source)) continue;
        const traps = (await trapsOf(source, undefined)).filter(({ code }) => !harmless.has(code));
        expect(
          traps.map(({ code, subject, file }) => `${code} ${subject} ${file}`),
          source,
        ).toEqual([]);
      }
    }
  });
});

async function trapsOf(source: string, targetName: string | undefined): Promise<readonly AofTrap[]> {
  const target = targetName === undefined ? undefined : findTarget(targetName)!;
  const mended: string[] = [];
  const log = openAofLog(
    source,
    mendingFiles(nodeFiles, (name) => mended.push(name)),
  );
  const report = await checkLog(log, { ...(target && { target }) });
  return [...directoryTraps(log, target, [...new Set(mended)]), ...report.traps];
}

/** A directory with these files, or the one file. */
function write(tree: Tree): string {
  const directory = path.join(folder, String(counter++));
  for (const [name, content] of Object.entries(tree)) {
    const file = path.join(directory, name);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, content);
  }
  const names = Object.keys(tree);
  return names.length === 1 ? path.join(directory, names[0]!) : directory;
}
