/** Streams: the engine answers as the server does and keeps them as it does, groups, counters and pending entries included. */
import { describe, expect, it } from 'vitest';
import type { Reply } from '../../src/engine/reply.js';
import { isSince } from '../../src/engine/settings.js';
import { toRdb } from '../../src/engine/snapshot.js';
import { encodeDump } from '../../src/rdb/dump.js';
import { findTarget, type Target } from '../../src/rdb/versions.js';
import { comparableStream } from '../support/comparable-stream.js';
import {
  type Chance,
  compareWithServer,
  type DifferentialResult,
  type Generated,
} from '../support/engine-differential.js';
import { asServerReply, plainReply } from '../support/engine-replies.js';
import { testEngine } from '../support/engine-run.js';
import { streamTimes } from '../support/generators/stream-times.js';
import { streamEntries, streams } from '../support/generators/streams.js';
import { type LiveServer, startServer } from '../support/live-server.js';
import { streamFacts } from '../support/live-value.js';

const COMMANDS = 3500;

describe('streams on a server', () => {
  it.each([
    [1, 4, 4096, 2],
    [2, 100, 120, 3],
    [3, 0, 300, 2],
  ] as const)(
    'entries, with seed %i and nodes of %i entries or %i bytes, RESP%i',
    async (seed, entries, bytes, protocol) => {
      const result = await run(seed, mixedWith(streamEntries, 0.02), entries, bytes, protocol);
      expect(result.replies).toBe(COMMANDS);
      expect(result.encodings.get('stream stream')).toBeGreaterThan(100);
    },
    120_000,
  );

  it.each([
    [11, 4, 4096, 2],
    [12, 7, 500, 3],
    [13, 100, 4096, 2],
  ] as const)(
    'groups, with seed %i and nodes of %i entries or %i bytes, RESP%i',
    async (seed, entries, bytes, protocol) => {
      const result = await run(seed, mixedWith(streams, 0.15), entries, bytes, protocol);
      expect(result.replies).toBe(COMMANDS);
      const kinds = [...result.errors.keys()].map((text) => text.split(' ')[0]);
      expect(kinds).toContain('NOGROUP');
      expect(kinds).toContain('BUSYGROUP');
      expect(kinds).toContain('WRONGTYPE');
    },
    120_000,
  );
});

/** With commands in between for which a clock is needed. */
function mixedWith(family: (chance: Chance) => Generated, timed: number): (chance: Chance) => Generated {
  return (chance) => (chance.odds(timed) ? streamTimes : family)(chance);
}

describe('a stream of the engine', () => {
  it('is the same stream once a server has loaded it', async () => {
    const server = await startServer();
    try {
      await server.send('CONFIG', 'SET', 'stream-node-max-entries', 10);
      const target = await targetOf(server);
      const { engine, run } = testEngine({ target, encoding: { streamNodeMaxEntries: 10 } });
      for (const command of history(target)) {
        const reply = await server.send(...command);
        expect([command, plainReply(asServerReply(run(...command) as Reply, target))]).toEqual([
          command,
          plainReply(reply === 'OK' ? Buffer.from('+OK') : reply),
        ]);
      }
      const value = toRdb(engine.database(0).get('s')!, engine.settings);
      await server.send('RESTORE', 'copy', 0, encodeDump(value, { target }));
      const full = async (key: string): Promise<unknown> => server.send('XINFO', 'STREAM', key, 'FULL', 'COUNT', 0);
      const [original, copy] = [await full('s'), await full('copy')];
      expect(streamFacts(copy, true)).toEqual(streamFacts(original, true));
      expect(fieldsBut(copy, TREE)).toEqual(fieldsBut(original, TREE));
    } finally {
      await server.stop();
    }
  });
});

/** What depends on how entries are spread over nodes, and on what consumers do. */
const TREE: ReadonlySet<string> = new Set(['radix-tree-keys', 'radix-tree-nodes', 'groups']);

function fieldsBut(full: unknown, without: ReadonlySet<string>): unknown {
  const items = full as unknown[];
  const names = items.filter((_, at) => at % 2 === 0).map(String);
  const pairs = names.map((name, at) => [name, plainReply(items[at * 2 + 1])] as const);
  return pairs.filter(([name]) => !without.has(name));
}

async function targetOf(server: LiveServer): Promise<Target> {
  const info = String(await server.send('INFO', 'server'));
  const valkey = /^valkey_version:(\S+)/m.exec(info)?.[1];
  return findTarget(valkey === undefined ? `redis:${server.version}` : `valkey:${valkey}`)!;
}

/** Commands whose outcome depends on no clock. */
function history(target: Target): string[][] {
  const lines = Array.from({ length: 60 }, (_, at) => `XADD s ${at + 1}-1 a ${at} b text`);
  lines.push('XDEL s 3-1 17-1 60-1', 'XTRIM s MAXLEN 50', 'XTRIM s MINID ~ 30');
  lines.push('XGROUP CREATE s g 0', 'XGROUP CREATE s h 40-1 ENTRIESREAD 40', 'XGROUP CREATE s empty $');
  lines.push('XGROUP CREATECONSUMER s g idle');
  for (let ms = 30; ms < 50; ms++)
    lines.push(
      `XCLAIM s ${ms % 3 ? 'g' : 'h'} c${ms % 2} 0 ${ms}-1 TIME ${ms} RETRYCOUNT ${ms} FORCE JUSTID LASTID ${ms}-1`,
    );
  lines.push('XGROUP SETID s g 45-1 ENTRIESREAD 44', 'XACK s g 31-1 34-1', 'XDEL s 32-1', 'XSETID s 99-0');
  if (isSince(target, { redis: '8.6' })) {
    lines.push('XCFGSET s IDMP-DURATION 86400', 'XDELEX s DELREF IDS 2 40-1 41-1');
    lines.push(
      'XADD s 9999999999999-1 f v',
      'XADD s IDMP p one * f v',
      'XADD s IDMP p one * f v',
      'XADD s IDMP q two * f v',
    );
  }
  return lines.map((line) => line.split(' '));
}

function run(
  seed: number,
  generate: (chance: Chance) => Generated,
  entries: number,
  bytes: number,
  protocol: 2 | 3,
): Promise<DifferentialResult> {
  return compareWithServer({
    seed,
    commands: COMMANDS,
    generate,
    config: { 'stream-node-max-entries': entries, 'stream-node-max-bytes': bytes },
    comparable: comparableStream,
    protocol,
  });
}
