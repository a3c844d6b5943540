/**
 * Our table of commands against what a real server says of its own, COMMAND and COMMAND GETKEYSANDFLAGS on samples; and what
 * is told of a log that it has written.
 */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  allCommands,
  type CommandSpec,
  findCommand,
  fitsArity,
  isKnownTo,
  KEY_ROLE,
} from '../../src/aof/command-table.js';
import { openAofLog } from '../../src/aof/directory/directory.js';
import { historyOfKey } from '../../src/aof/history/history.js';
import { statsOfLog } from '../../src/aof/stats/stats.js';
import { nodeFiles } from '../../src/bytes/files-node.js';
import { keysOf } from '../support/command-sample.js';
import { type LiveServer, startServer } from '../support/live-server.js';
import type { Reply } from '../support/resp-client.js';

interface ServerCommand {
  readonly name: string;
  readonly arity: number;
  readonly flags: readonly string[];
}

let server: LiveServer;
let family: 'redis' | 'valkey';
let version: string;
let commands: ServerCommand[];

beforeAll(async () => {
  server = await startServer();
  const info = String(await server.send('INFO', 'server'));
  const valkey = /valkey_version:(\S+)/.exec(info)?.[1];
  family = valkey === undefined ? 'redis' : 'valkey';
  version = valkey ?? server.version;
  commands = ((await server.send('COMMAND')) as Reply[][]).flatMap(commandsOf);
});

afterAll(async () => await server?.stop());

/** Newer servers take fewer or more arguments for these, and the table says what the newest take. */
const GREW = new Set([
  'ZRANK',
  'ZREVRANK',
  'COMMAND GETKEYS',
  'COMMAND GETKEYSANDFLAGS',
  'CLUSTER REPLICATE',
  'SCRIPT DEBUG',
]);

it('has every command of the server, with its arity and its flag for writing', () => {
  expect(commands.length).toBeGreaterThan(200);
  const wrong: string[] = [];
  for (const { name, arity, flags } of commands) {
    const spec = findCommand(name);
    if (spec === undefined) {
      // Modules beyond those of the distribution are not ours to know.
      if (!flags.includes('module')) wrong.push(`${name} is not in the table`);
      continue;
    }
    if (isKnownTo(spec, family, version) === false) wrong.push(`${name} is older than the table says`);
    if (spec.isWrite !== flags.includes('write')) wrong.push(`${name} writes: ${!spec.isWrite}`);
    // The vector sets of Redis 8.0 registered without saying their arity.
    const isSame = arity === spec.arity || (arity === -1 && flags.includes('module'));
    const isWider = GREW.has(name) && fitsArity(spec, Math.abs(arity));
    if (!isSame && !isWider) wrong.push(`${name} takes ${arity}, and not ${spec.arity}`);
  }
  expect(wrong).toEqual([]);
});

it('has nothing that the server should know and does not', () => {
  const known = new Set(commands.map(({ name }) => name));
  const seen = allCommands().filter((spec) => isKnownTo(spec, family, version) && !known.has(spec.name));
  // Experimental, and left out of Debian's builds.
  expect(seen.map(({ name }) => name).filter((name) => name !== 'SFLUSH')).toEqual([]);
});

it('finds the keys that the server finds, and what is done to them', async () => {
  const wrong: string[] = [];
  let compared = 0;
  for (const spec of allCommands()) {
    if (isKnownTo(spec, family, version) !== true || !commands.some(({ name }) => name === spec.name)) continue;
    if (spec.keys.length === 0 || spec.name.startsWith('V')) continue;
    const args = sampleOf(spec);
    const line = args.join(' ');
    const found = await serverKeys(args);
    compared++;
    const ours = keysOf(args);
    if (found.map(([key]) => key).join(' ') !== ours.map(({ key }) => key).join(' '))
      wrong.push(`${line}: ${found.map(([key]) => key)}, and not ${ours.map(({ key }) => key)}`);
    else
      for (const [at, [key, flags]] of found.entries())
        if (!agrees(spec.name, flags, ours[at]!.role)) wrong.push(`${line}: ${key} is ${flags}, not ${ours[at]!.role}`);
  }
  expect(wrong).toEqual([]);
  expect(compared).toBeGreaterThan(150);
});

describe('keys at odd places', () => {
  it.each([
    'SORT src BY w* GET # STORE dst',
    'SORT src GET store STORE dst',
    'SORT src BY store LIMIT 0 5 DESC',
    'SORT src LIMIT store 1 STORE a STORE b',
    'SORT src STORE',
    'GEORADIUS g 1 2 3 km STORE a',
    'GEORADIUS g 1 2 3 km WITHCOORD',
    'GEORADIUSBYMEMBER g m 3 km STOREDIST store',
    'ZUNIONSTORE d 2 a b WEIGHTS 1 2',
    'ZINTERSTORE d 1 a',
    'MSET a 1 b 2 c 3',
    'EVAL return 0 a b',
    'EVAL return 2 a b c',
    'XREADGROUP GROUP STREAMS c COUNT 1 STREAMS a b > >',
    'XREAD COUNT 5 STREAMS a b 0 0',
    'MIGRATE h 1 key 0 10',
    'MIGRATE h 1 key 0 10 COPY',
    'LMPOP 2 a b LEFT COUNT 3',
    'BLMPOP 0 2 a b LEFT',
    'BITOP AND d a b',
    'BLPOP a b 0',
    'RENAME a a',
  ])('%s', async (line) => {
    const args = line.split(' ');
    const ours = keysOf(args).map(({ key }) => key);
    expect((await serverKeys(args)).map(([key]) => key)).toEqual(ours);
  });

  it('MIGRATE with KEYS', async () => {
    for (const rest of [
      ['KEYS', 'a', 'b'],
      ['AUTH', 'KEYS', 'KEYS', 'a'],
    ]) {
      const args = ['MIGRATE', 'h', '1', '', '0', '10', ...rest];
      // Redis 7.0 takes the password for the word: its own keys are wrong there.
      if (rest[0] === 'AUTH' && version.startsWith('7.0')) continue;
      expect((await serverKeys(args)).map(([key]) => key)).toEqual(keysOf(args).map(({ key }) => key));
    }
  });
});

async function serverKeys(args: readonly string[]): Promise<[string, string[]][]> {
  const reply = (await server.send('COMMAND', 'GETKEYSANDFLAGS', ...args)) as [Buffer, Reply[]][];
  return reply.map(([key, flags]) => [key.toString(), flags.map(String)]);
}

/** A call of the command that is as short as it may be, every key with a name of its own. */
function sampleOf(spec: CommandSpec): string[] {
  const args = spec.name.split(' ');
  const size = Math.abs(spec.arity);
  while (args.length < size) args.push(`a${args.length}`);
  for (const rule of spec.keys) {
    if (rule.kind === 'count') {
      args[rule.first] = '2';
      while (args.length < rule.first + 1 + rule.step * 2) args.push(`a${args.length}`);
    } else if (rule.kind === 'streams') {
      args.splice(rule.first, Infinity, ...(rule.first === 4 ? ['COUNT', '1'] : []), 'STREAMS', 's1', 's2', '0', '0');
    } else if (rule.kind === 'store') {
      args.push('STORE', 'target');
    } else if (rule.kind === 'sort') {
      args.push('STORE', 'target');
    } else if (rule.kind === 'range' && rule.last === -1 && rule.step === 1) {
      args.push('b1', 'b2');
    } else if (rule.kind === 'range' && rule.step === 2) {
      args.push('b1', 'b2');
    }
  }
  if (spec.name === 'XREADGROUP') args[1] = 'GROUP';
  if (spec.name === 'BITFIELD') args.push('SET', 'u8', '0', '1');
  return args;
}

/** The server's flags tell apart reading, altering, overwriting and deleting. */
function agrees(name: string, flags: readonly string[], role: number): boolean {
  // Reading from a stream as a group changes the group, though the server does not flag it.
  if (name === 'XREADGROUP') return role === KEY_ROLE.MODIFY;
  if (flags.includes('RO')) return role === KEY_ROLE.READ;
  if (flags.includes('OW')) return role === KEY_ROLE.REPLACE;
  if (flags.includes('RM')) return role === KEY_ROLE.DELETE;
  return flags.includes('RW') && role !== KEY_ROLE.READ;
}

function commandsOf(entry: Reply[]): ServerCommand[] {
  const [name, arity, flags] = entry;
  const subcommands = (entry[9] ?? []) as Reply[][];
  const own = {
    name: String(name).replace('|', ' ').toUpperCase(),
    arity: Number(arity),
    flags: (flags as Reply[]).map(String),
  };
  return [own, ...subcommands.flatMap(commandsOf)];
}

describe('a log that a server writes', () => {
  it('is counted and told as it was written', async () => {
    const args = ['--appendonly', 'yes', '--aof-use-rdb-preamble', 'yes', '--appendfsync', 'always'];
    const writer = await startServer({ args: [...args, '--aof-timestamp-enabled', 'yes'] });
    try {
      for (const line of [
        'SET origin 1',
        'BGREWRITEAOF',
        'RENAME origin step',
        'SETEX other 1000 v',
        'INCR step',
        'COPY step key',
        'SELECT 3',
        'SADD s1 a',
        'SUNIONSTORE union s1',
        'SELECT 0',
        'MOVE key 3',
        'SELECT 3',
        'EXPIRE key 100000',
        'FLUSHALL',
      ]) {
        await writer.send(...line.split(' '));
        if (line === 'BGREWRITEAOF') await rewritten(writer);
        // A time is noted where a second has passed since the last one, be it in another file.
        if (line === 'BGREWRITEAOF') await sleep(1100);
      }
      const log = openAofLog(join(writer.dir, 'appendonlydir'), nodeFiles);
      const events: string[] = [];
      await historyOfKey(log, Buffer.from('key'), (batch) => {
        for (const event of batch) {
          if (event.kind === 'base') events.push(`base ${event.type}`);
          else events.push(`${Buffer.from(event.command.args[0]!.bytes)} ${event.effects.map(({ kind }) => kind)}`);
        }
      });
      expect(events).toEqual([
        'base string',
        'RENAME renamed-to,renamed-from',
        'INCR changed',
        'COPY copied-to,copied-from',
        'MOVE moved-to,moved-from',
        'PEXPIREAT expiry-changed',
        'FLUSHALL flushed',
      ]);
      const stats = await statsOfLog(log);
      expect(stats.failure).toBeUndefined();
      expect(stats.timeline).toBeDefined();
      expect(stats.byCommand.every(({ isKnown }) => isKnown)).toBe(true);
      const counts = Object.fromEntries(stats.byCommand.map(({ name, commands: count }) => [name, count]));
      expect(counts).toMatchObject({ SET: 1, RENAME: 1, INCR: 1, COPY: 1, MOVE: 1, SUNIONSTORE: 1, FLUSHALL: 1 });
    } finally {
      await writer.stop();
    }
  });
});

async function rewritten({ send }: LiveServer): Promise<void> {
  for (;;) {
    const info = String(await send('INFO', 'persistence'));
    if (/aof_rewrite_in_progress:0/.test(info) && /aof_rewrite_scheduled:0/.test(info)) return;
    await sleep(20);
  }
}
