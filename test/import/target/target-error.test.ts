/** What error replies become. */
import { expect, it } from 'vitest';
import {
  replyError,
  TARGET_ERROR_CODES,
  TargetError,
  type TargetErrorCode,
} from '../../../src/import/target/target-error.js';

it.each<[string, TargetErrorCode, boolean]>([
  ['NOAUTH Authentication required.', 'AUTH', false],
  ['WRONGPASS invalid username-password pair or user is disabled.', 'AUTH', false],
  ['ERR invalid password', 'AUTH', false],
  ['ERR operation not permitted', 'AUTH', false],
  ['DENIED Redis is running in protected mode', 'AUTH', false],
  ["NOPERM this user has no permissions to run the 'restore' command", 'NOPERM', false],
  ["READONLY You can't write against a read only replica.", 'READONLY', true],
  ["OOM command not allowed when used memory > 'maxmemory'.", 'OOM', false],
  ['LOADING Redis is loading the dataset in memory', 'LOADING', true],
  ["MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.", 'MASTERDOWN', true],
  ['CLUSTERDOWN Hash slot not served', 'CLUSTER', true],
  ['TRYAGAIN Multiple keys request during rehashing of slot', 'TRYAGAIN', true],
  ["CROSSSLOT Keys in request don't hash to the same slot", 'CROSSSLOT', false],
  ['BUSYKEY Target key name already exists.', 'BUSYKEY', false],
  ['ERR DUMP payload version or checksum are wrong', 'BAD_PAYLOAD', false],
  ['ERR Bad data format', 'BAD_PAYLOAD', false],
  ['MISCONF Redis is configured to save RDB snapshots', 'MISCONF', false],
  ['NOREPLICAS Not enough good replicas to write.', 'NOREPLICAS', true],
  ['BUSY Redis is busy running a script.', 'BUSY', true],
  ['ERR max number of clients reached', 'BUSY', true],
  ['UNBLOCKED force unblock from blocking operation', 'UNBLOCKED', true],
  ['ERR syntax error', 'REPLY', false],
  ['WRONGTYPE Operation against a key', 'REPLY', false],
  ['', 'REPLY', false],
])('%j is %s', (text, code, isTransient) => {
  expect(replyError(text, 'h:1')).toMatchObject({ code, isTransient, address: 'h:1', redirect: undefined });
});

it.each([
  ['MOVED 3999 127.0.0.1:6381', 'MOVED', { slot: 3999, host: '127.0.0.1', port: 6381 }],
  ['ASK 0 2001:db8::1:6381', 'ASK', { slot: 0, host: '2001:db8::1', port: 6381 }],
  ['MOVED 16383 :6381', 'MOVED', { slot: 16383, host: '', port: 6381 }],
  ['MOVED somewhere', 'MOVED', undefined],
])('%s leads somewhere', (text, code, redirect) => {
  expect(replyError(text, 'h:1')).toMatchObject({ code, isTransient: true, redirect });
});

it('does not repeat what a command held', () => {
  const error = replyError("ERR unknown command 'AUTHX', with args beginning with: 'hunter2' ", 'h:1');
  expect(error.message).toBe("h:1: ERR unknown command 'AUTHX'");
});

it('says where, how far and why', () => {
  const cause = new Error('why');
  const error = new TargetError('LOST', 'gone', 'h:1', { cause, replies: 7 });
  expect(error).toMatchObject({ name: 'TargetError', message: 'h:1: gone', replies: 7, cause, isTransient: true });
  expect(Object.keys(TARGET_ERROR_CODES)).toContain(error.code);
});
