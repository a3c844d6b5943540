/**
 * Damage that redis-check-rdb refuses is damage to our deep check. One byte of a small dump is changed at a time; its
 * footer says that there is no checksum, so that only the values themselves can give the damage away.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type CheckReport, checkRdb as check } from '../../src/inspect/check.js';
import { checkRdb, startServer } from '../support/live-server.js';
import { fillSmall } from '../support/workload.js';
import { Values } from '../support/workload-values.js';

const SEED = 20261127;
const MUTATIONS = 300;
/** The server's tool may hold as much as a broken length says, so only a few run at a time. */
const AT_A_TIME = 4;

interface Outcome {
  readonly mutant: Mutant;
  /** The last lines of redis-check-rdb; undefined where it was content. */
  readonly refusal: string | undefined;
  readonly report: CheckReport;
}

let dump: Uint8Array;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'rdb-inspect-corrupt-'));
  const server = await startServer({ args: ['--rdbchecksum', 'no'] });
  try {
    await fillSmall(server.send, SEED);
    await server.send('SAVE');
    dump = readFileSync(join(server.dir, 'dump.rdb'));
  } finally {
    await server.stop();
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it(`refuses what redis-check-rdb refuses (${MUTATIONS} changed bytes, seed ${SEED})`, async () => {
  expect((await check(dump, { deep: true })).ok).toBe(true);
  const values = new Values(SEED);
  const mutants = values.list(MUTATIONS, () => mutant(values));
  const outcomes: Outcome[] = [];
  for (let at = 0; at < mutants.length; at += AT_A_TIME)
    outcomes.push(...(await Promise.all(mutants.slice(at, at + AT_A_TIME).map(judge))));
  const theirs = outcomes.filter(({ refusal }) => refusal !== undefined);
  const ours = outcomes.filter(({ report }) => !report.ok);
  const lenient = theirs.filter(({ report }) => report.ok);
  const allowed = lenient.filter((outcome) => excuseOf(outcome) !== undefined);
  const stricter = ours.filter(({ refusal }) => refusal === undefined);
  console.log(
    `${MUTATIONS} mutations of ${dump.length} bytes: redis-check-rdb refuses ${theirs.length}, we refuse ${ours.length}` +
      ` (${stricter.length} that it accepts); ${allowed.length} of its refusals are no damage to us`,
  );
  const missed = lenient.filter((outcome) => excuseOf(outcome) === undefined);
  expect(missed.map(({ mutant, refusal }) => `${mutant.where}, kept as ${keep(mutant)}\n${refusal}`)).toEqual([]);
  expect(theirs.length).toBeGreaterThan(MUTATIONS / 5);
});

interface Mutant {
  readonly bytes: Uint8Array;
  readonly where: string;
}

/** One byte becomes another. The footer is left alone: a checksum other than zeros would hide everything else. */
function mutant(values: Values): Mutant {
  const bytes = Uint8Array.from(dump);
  const at = values.below(dump.length - 8);
  const to = values.chance(0.5) ? dump[at]! ^ (1 << values.below(8)) : (dump[at]! + 1 + values.below(255)) & 0xff;
  bytes[at] = to;
  return { bytes, where: `byte ${at}: ${dump[at]} becomes ${to}` };
}

async function judge(mutant: Mutant, index: number): Promise<Outcome> {
  const path = join(folder, `${index % AT_A_TIME}.rdb`);
  writeFileSync(path, mutant.bytes);
  const [theirs, report] = await Promise.all([checkRdb(path), check(mutant.bytes, { deep: true })]);
  return { mutant, refusal: theirs.ok ? undefined : lastLines(theirs.output), report };
}

/** A server writes its keys in an order that no seed decides: the file itself is what shows the failure again. */
function keep({ bytes }: Mutant): string {
  const path = join(mkdtempSync(join(tmpdir(), 'rdb-inspect-missed-')), 'dump.rdb');
  writeFileSync(path, bytes);
  return path;
}

/** Why a refusal is right for that server and no damage for us; undefined where there is no such reason. */
function excuseOf({ refusal = '', report }: Outcome): string | undefined {
  if (report.warnings.some(({ code }) => code === 'EMPTY_KEY'))
    return 'a server that loads the file passes over an empty key';
  if (report.warnings.some(({ code }) => code === 'NEWER_VERSION')) return 'a version newer than any server';
  if (/Can't handle RDB format version/.test(refusal)) return 'a version newer than that server';
  if (/Invalid object type|Unknown (?:RDB )?(?:opcode|encoding)/i.test(refusal))
    return 'a type or opcode newer than that server';
  return undefined;
}

function lastLines(output: string): string {
  return output.trim().split('\n').slice(-12).join('\n');
}
