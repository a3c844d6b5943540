/** The logs of real servers, replayed, against what those servers said and against the dumps that they saved with them. */
import fs from 'node:fs';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { openAofLog } from '../../src/aof/directory/directory.js';
import type { AofLog } from '../../src/aof/model.js';
import { nodeFiles } from '../../src/bytes/files-node.js';
import { canonicalLines } from '../../src/engine/canonical.js';
import { digestEngine } from '../../src/engine/digest.js';
import { replayLog } from '../../src/engine/replay-log.js';
import { snapshot } from '../../src/engine/snapshot.js';
import { readRdbSync } from '../../src/rdb/read.js';
import { findTarget, type Target } from '../../src/rdb/versions.js';
import { FIXTURES, type Fixture, listFixtures, readFixture, readTruth } from '../support/fixtures.js';
import { sayable } from '../support/sayable.js';

const LOGS = listFixtures().filter((fixture) => fixture.case.startsWith('aof-'));
const target = (name: string): Target => findTarget(name)!;

/** Keys that only the scripts in the logs of 2.6 to 4.0 change. */
const BY_SCRIPTS = /^0 "lua:[1ln]" /;

/** What a log does not say, or says otherwise, by the name of the fixture, and why. */
const UNSAID: readonly (readonly [fixture: RegExp, line: RegExp])[] = [
  [/^redis-(3\.2|4\.0)/, BY_SCRIPTS],
  // SET with EX became two commands: the server looked at its clock twice.
  [/^redis-4\.0\/aof-preamble/, /^0 "m:ex" /],
  // The rewrite of 5.0 loses a stream that never had an entry: the server does, too, when it loads its log.
  [/^redis-5\.0\/aof-rewritten/, /^0 "s:mkstream" /],
  // Before 6.2 no log has a consumer with nothing pending; since, one that got nothing from XREADGROUP is not logged.
  [/^redis-5\.0\/aof-rewritten/, / consumer "(idle-consumer|alice|auto)"/],
  [/^(redis-([78]\.)|valkey)/, /^0 "m:x" group "g" consumer "c2"/],
  // Of what is pending, entries that are gone do not outlast a rewrite.
  [/aof-rewritten/, / pending [59]-0 /],
];

/** Exceptions that were needed. */
const heeded = new Set<(typeof UNSAID)[number]>();

describe.each(LOGS)('the log of $name', (fixture) => {
  const { name } = fixture;
  const truth = readTruth(fixture);
  const hasScripts = /^redis-(3\.2|4\.0)/.test(name);

  it('has the digest that the server said, without being told which one that was', async () => {
    const { engine, writer, counts } = await replayLog(logOf(fixture), { onUnknown: hasScripts ? 'skip' : 'error' });
    expect([...counts.skipped]).toEqual(hasScripts ? [['EVAL', 2]] : []);
    expect(writer).toEqual({ by: fixture.case === 'aof-preamble' ? 'dump' : 'signs', isGuess: false });
    const { digest } = digestEngine(engine);
    const differs = hasScripts || name === 'redis-5.0/aof-rewritten';
    if (differs) expect(digest).not.toBe(truth.digest);
    else expect(digest).toBe(truth.digest);
  });

  it('has what the dump has that was saved with it', async () => {
    const server = target(truth.server.name.replace('-', ':'));
    const replay = await replayLog(logOf(fixture), { target: server, onUnknown: 'skip' });
    const found = sayable(await canonicalLines(snapshot(replay.engine)), server);
    const wanted = sayable(await canonicalLines(readRdbSync(readFixture(name))), server);
    const differing = [
      ...found.filter((line) => !wanted.includes(line)),
      ...wanted.filter((line) => !found.includes(line)),
    ];
    const rules = UNSAID.filter(([pattern]) => pattern.test(name));
    for (const rule of rules) if (differing.some((line) => rule[1].test(line))) heeded.add(rule);
    expect(differing.filter((line) => !rules.some(([, pattern]) => pattern.test(line)))).toEqual([]);
  });
});

afterAll(() => {
  expect(UNSAID.filter((rule) => !heeded.has(rule))).toEqual([]);
});

function logOf({ name }: Fixture): AofLog {
  const within = path.join(FIXTURES, name);
  const directory = path.join(within, 'appendonlydir');
  return openAofLog(fs.existsSync(directory) ? directory : path.join(within, 'appendonly.aof'), nodeFiles);
}
