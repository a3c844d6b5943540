/** What stands in the log for commands on strings and expiries, server by server (aof-format.md §7). */
import { describe, expect, it } from 'vitest';
import { loggedBy } from '../support/engine-log.js';

const NOW = 1_700_000_000_000;
const LATER = NOW + 100_000;
const PAST = '1000';

/** Commands that have gone before, the command, and its lines by server: those of a server hold up to the next. */
type Case = [setup: string[], command: string, lines: Record<string, string[]>];

const CASES: Case[] = [
  [
    [],
    'SET k v EX 100',
    {
      'redis:3.0': ['SET k v EX 100'],
      'redis:4.0': ['SET k v', `PEXPIREAT k ${LATER}`],
      'redis:6.2': [`SET k v PXAT ${LATER}`],
      'redis:7.0': [`SET k v PXAT ${LATER}`],
      'redis:8.6': [`SET k v PXAT ${LATER}`],
      'valkey:9.0': [`SET k v PXAT ${LATER}`],
    },
  ],
  [
    [],
    'set k v ex 100',
    {
      'redis:7.0': [`SET k v PXAT ${LATER}`],
      'redis:8.6': [`set k v PXAT ${LATER}`],
    },
  ],
  [
    [],
    `SET k v NX PXAT ${LATER}`,
    {
      'redis:6.2': [`SET k v PXAT ${LATER}`],
      'redis:7.0': [`SET k v PXAT ${LATER}`],
      'redis:8.0': [`SET k v NX PXAT ${LATER}`],
      'valkey:8.1': [`SET k v NX PXAT ${LATER}`],
    },
  ],
  [[], 'SET k v GET NX', { 'redis:7.0': ['SET k v NX'] }],
  [
    ['SET k v'],
    `SET k w PXAT ${PAST}`,
    {
      'redis:7.0': [`SET k w PXAT ${PAST}`],
      'redis:8.8': ['DEL k'],
      'valkey:8.1': ['UNLINK k'],
    },
  ],
  [[], `SET k w PXAT ${PAST}`, { 'redis:7.0': [`SET k w PXAT ${PAST}`], 'redis:8.8': [], 'valkey:8.1': [] }],
  [
    [],
    'SETEX k 100 v',
    {
      'redis:2.4': ['SET k v', `EXPIREAT k ${LATER / 1000}`],
      'redis:4.0': ['SET k v', `PEXPIREAT k ${LATER}`],
      'redis:7.0': [`SET k v PXAT ${LATER}`],
    },
  ],
  [['SET k 1'], 'GETSET k 2', { 'redis:4.0': ['GETSET k 2'], 'redis:7.0': ['SET k 2'] }],
  [['SET k 1'], 'GETDEL k', { 'redis:7.0': ['DEL k'], 'valkey:8.1': ['DEL k'] }],
  [['SET k 1'], 'GETEX k EX 100', { 'redis:7.0': [`PEXPIREAT k ${LATER}`] }],
  [['SETEX k 100 1'], 'GETEX k PERSIST', { 'redis:7.0': ['PERSIST k'] }],
  [['SET k 1'], 'GETEX k EXAT 1', { 'redis:7.0': ['DEL k'], 'valkey:8.1': ['UNLINK k'] }],
  [['SET k 1'], 'INCRBYFLOAT k 0.5', { 'redis:4.0': ['SET k 1.5'], 'redis:7.0': ['SET k 1.5 KEEPTTL'] }],
  [
    ['SET k 1'],
    'EXPIRE k 100',
    {
      'redis:2.4': [`EXPIREAT k ${LATER / 1000}`],
      'redis:4.0': [`PEXPIREAT k ${LATER}`],
      'redis:7.0': [`PEXPIREAT k ${LATER}`],
    },
  ],
  [['SET k 1'], 'EXPIRE k 100 nx', { 'redis:7.0': [`PEXPIREAT k ${LATER} nx`] }],
  [['SET k 1'], 'PEXPIRE k -1', { 'redis:7.0': ['DEL k'], 'valkey:8.1': ['UNLINK k'] }],
  [
    [],
    'MSETEX 1 k v EX 100',
    { 'redis:8.4': [`MSETEX 1 k v PXAT ${LATER}`], 'valkey:9.1': [`MSETEX 1 k v PXAT ${LATER}`] },
  ],
  [
    [],
    `MSETEX 1 k v EXAT ${LATER / 1000}`,
    {
      'redis:8.4': [`MSETEX 1 k v EXAT ${LATER / 1000}`],
      'valkey:9.1': [`MSETEX 1 k v PXAT ${LATER}`],
    },
  ],
  [['SET k v'], 'DELEX k IFEQ v', { 'redis:8.4': ['DEL k'] }],
  [['SET k v'], 'DELEX k', { 'redis:8.4': ['DELEX k'] }],
  [['SET k v'], 'DELIFEQ k v', { 'valkey:9.0': ['DEL k'] }],
  [['SET k 1'], 'INCREX k BYINT 2', { 'redis:8.8': ['SET k 3 KEEPTTL'] }],
  [['SET k 1'], 'INCREX k EX 100', { 'redis:8.8': [`SET k 2 PXAT ${LATER}`] }],
  [['SET k 1'], 'INCREX k PERSIST', { 'redis:8.8': ['SET k 2'] }],
  [[], 'FLUSHALL', { 'redis:7.0': ['FLUSHALL'] }],
  [[], 'FLUSHDB', { 'redis:6.2': [], 'redis:7.0': ['FLUSHDB'] }],
];

describe('the log', () => {
  it.each(
    CASES.flatMap(([setup, command, byServer]) =>
      Object.entries(byServer).map(([server, lines]) => [command, server, setup, lines] as const),
    ),
  )('of %s on %s', (command, server, setup, lines) => {
    expect(loggedBy(server, NOW, setup, [command])).toEqual(lines);
  });

  it('says which database a line is about', () => {
    expect(
      loggedBy('redis:7.0', NOW, [], ['SET a 1', 'SELECT 3', 'SET b 1', 'GET b', 'SELECT 0', 'DEL a'], true),
    ).toEqual(['SELECT 0', 'SET a 1', 'SELECT 3', 'SET b 1', 'SELECT 0', 'DEL a']);
  });

  it('has the deletion of what has expired before what tripped over it', () => {
    expect(loggedBy('redis:7.0', NOW, [`SET k v PXAT ${PAST}`], ['APPEND k x'])).toEqual([
      'MULTI',
      'DEL k',
      'APPEND k x',
      'EXEC',
    ]);
    expect(loggedBy('redis:7.0', NOW, [`SET k v PXAT ${PAST}`], ['DEL k'])).toEqual(['DEL k']);
    expect(loggedBy('valkey:8.1', NOW, ['SET k v', `PEXPIREAT k ${NOW}`], ['GET k'])).toEqual([]);
  });

  it('has what SCAN comes by as a transaction, or each for itself', () => {
    const gone = ['SET a v PXAT 1', 'SET b v PXAT 1'];
    expect(loggedBy('redis:7.0', NOW, gone, ['SCAN 0']).sort()).toEqual(['DEL a', 'DEL b', 'EXEC', 'MULTI']);
    expect(loggedBy('redis:7.2', NOW, gone, ['SCAN 0']).sort()).toEqual(['DEL a', 'DEL b']);
    expect(loggedBy('redis:7.2', NOW, gone, ['MGET a b'])).toEqual(['MULTI', 'DEL a', 'DEL b', 'EXEC']);
  });

  it('holds a transaction together', () => {
    const commands = ['MULTI', 'SET a 1', 'GET a', 'SET b 2', 'EXEC'];
    expect(loggedBy('redis:7.0', NOW, [], commands)).toEqual(['MULTI', 'SET a 1', 'SET b 2', 'EXEC']);
    expect(loggedBy('redis:7.0', NOW, [], ['MULTI', 'SET a 1', 'EXEC'])).toEqual(['SET a 1']);
    expect(loggedBy('redis:6.2', NOW, [], ['MULTI', 'SET a 1', 'EXEC'])).toEqual(['MULTI', 'SET a 1', 'EXEC']);
    expect(loggedBy('redis:7.0', NOW, [], ['MULTI', 'GET a', 'EXEC'])).toEqual([]);
  });
});
