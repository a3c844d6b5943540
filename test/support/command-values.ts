/** Values and dumps for the tests of commands. */
import { RdbEncoder } from '../../src/rdb/encoder.js';
import type { KeyEntry, RdbRecord, RdbValue, StreamState } from '../../src/rdb/model.js';
import type { Target } from '../../src/rdb/versions.js';
import { commandLines, commandRun, type RunOptions } from './command-run.js';
import { ascii } from './packed.js';
import { targetNamed } from './written-values.js';

/** A record, or a key `k` of database 0 with what is given. */
export type Entry = RdbRecord | (Partial<KeyEntry> & { readonly value: RdbValue });

/** A dump as `server` would write it. */
export function dumpOf(server: string | Target, ...entries: readonly Entry[]): Uint8Array {
  const chunks: Uint8Array[] = [];
  const target = typeof server === 'string' ? targetNamed(server) : server;
  const encoder = new RdbEncoder((bytes, start, end) => chunks.push(bytes.slice(start, end)), { target });
  for (const entry of entries) {
    if ('value' in entry && entry.kind !== 'aux')
      encoder.key({ db: 0, key: ascii('k'), rdbType: 0, offset: 0, ...entry, kind: 'key' });
    else encoder.record(entry as RdbRecord);
  }
  encoder.end();
  return new Uint8Array(Buffer.concat(chunks));
}

/** The commands of one key `k` in a dump of `server`, without its SELECT. */
export function linesOf(value: RdbValue, server: string, options: RunOptions = {}): string[] {
  return commandLines(commandRun(dumpOf(server, { value }), options).bytes).slice(1);
}

export function listOf(...items: readonly string[]): RdbValue {
  return { type: 'list', encoding: 'quicklist', items: items.map(ascii) };
}

/** Members m0, m1 and so on. */
export function zsetOf(...scores: readonly number[]): RdbValue {
  const members = scores.map((score, index) => ({ member: ascii(`m${index}`), score }));
  return { type: 'zset', encoding: 'skiplist', members };
}

/** Fields f0, f1 and so on with the value v, and these expiries. */
export function hashOf(...expiries: readonly (number | undefined)[]): RdbValue {
  const fields = expiries.map((expireAtMs, index) => ({
    field: ascii(`f${index}`),
    value: ascii('v'),
    ...(expireAtMs !== undefined && { expireAtMs }),
  }));
  return { type: 'hash', encoding: 'hashtable', fields };
}

/** Entries with these times, each f = v. */
export function streamOf(state: Partial<StreamState>, ...times: readonly bigint[]): RdbValue {
  return {
    type: 'stream',
    encoding: 'stream',
    entries: times.map((ms) => ({ id: { ms, seq: 1n }, fields: [ascii('f'), ascii('v')] })),
    state: { length: times.length, lastId: { ms: 9n, seq: 0n }, groups: [], ...state },
  };
}
