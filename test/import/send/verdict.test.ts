/** What a failure means: for the key, or for the import. */
import { describe, expect, it } from 'vitest';
import { hasVanished, isFatal, isRefusedPayload, reasonOf } from '../../../src/import/send/verdict.js';
import {
  replyError,
  TARGET_ERROR_CODES,
  TargetError,
  type TargetErrorCode,
} from '../../../src/import/target/target-error.js';

const ADDRESS = '127.0.0.1:6379';
const reply = (text: string): TargetError => replyError(text, ADDRESS);

/** Codes after which the import goes on without the key. */
const ABOUT_A_KEY = ['BUSYKEY', 'BAD_PAYLOAD', 'REPLY', 'CROSSSLOT'];

it.each(Object.keys(TARGET_ERROR_CODES) as TargetErrorCode[])('%s is transient, or about a key, or the end', (code) => {
  const error = new TargetError(code, 'why', ADDRESS);
  expect(isFatal(error)).toBe(!error.isTransient && !ABOUT_A_KEY.includes(code));
});

/** As servers say it. */
it.each<[string, 'again' | 'key' | 'end']>([
  ['BUSYKEY Target key name already exists.', 'key'],
  ['ERR DUMP payload version or checksum are wrong', 'key'],
  ['ERR Bad data format', 'key'],
  ['ERR string exceeds maximum allowed size (proto-max-bulk-len)', 'key'],
  ['CROSSSLOT Keys in request do not hash to the same slot', 'key'],
  ['NOPERM No permissions to access a key', 'key'],
  ['NOPERM this user has no permissions to access one of the keys used as arguments', 'key'],
  ["NOPERM this user has no permissions to run the 'restore' command", 'end'],
  ["NOPERM User ann has no permissions to run the 'restore' command", 'end'],
  ["OOM command not allowed when used memory > 'maxmemory'.", 'end'],
  ['NOAUTH Authentication required.', 'end'],
  ['MISCONF Redis is configured to save RDB snapshots', 'end'],
  ["READONLY You can't write against a read only replica.", 'again'],
  ['LOADING Redis is loading the dataset in memory', 'again'],
  ['MOVED 3999 127.0.0.1:6381', 'again'],
  ['ASK 3999 127.0.0.1:6381', 'again'],
  ['TRYAGAIN Multiple keys request during rehashing of slot', 'again'],
  ['CLUSTERDOWN The cluster is down', 'again'],
  ['NOREPLICAS Not enough good replicas to write.', 'again'],
])('%s', (text, expected) => {
  const error = reply(text);
  expect(isFatal(error) ? 'end' : error.isTransient ? 'again' : 'key').toBe(expected);
});

describe('commands are tried', () => {
  it.each<[string, boolean]>([
    ['ERR DUMP payload version or checksum are wrong', true],
    ['ERR Bad data format', true],
    ["ERR unknown command 'RESTORE'", true],
    ['ERR unknown command `RESTORE`, with args beginning with: `k`', true],
    ['ERR syntax error', true],
    ['ERR Target has no such modules loaded', true],
    ['BUSYKEY Target key name already exists.', false],
    ['ERR value is not an integer or out of range', false],
    ["OOM command not allowed when used memory > 'maxmemory'.", false],
  ])('after %s: %s', (text, expected) => {
    expect(isRefusedPayload(reply(text))).toBe(expected);
  });
});

it.each<[string, boolean]>([
  ['ERR no such key', true],
  ['ERR unknown command', false],
  ['BUSYKEY no such key', false],
])('%s: the key was there for a moment only: %s', (text, expected) => {
  expect(hasVanished(reply(text))).toBe(expected);
});

it('says why without where', () => {
  expect(reasonOf(new TargetError('REPLY', 'why: not', ADDRESS))).toBe('why: not');
  expect(reasonOf(new TargetError('REPLY', 'why', ''))).toBe('why');
});
