/**
 * DEBUG HTSTATS and HTSTATS-KEY: how full hash tables are, in the server's form. Those of the engine are others: what is shown is
 * a table of twice as many places at the most, in which nothing collides.
 */
import { parseInt64 } from '../../engine/arguments.js';
import type { Call } from '../../engine/call.js';
import { encodingOf } from '../../engine/commands/object.js';
import { CommandError, noSuchKey, notAnInteger, type Reply, VerbatimReply } from '../../engine/reply.js';

/** DEBUG HTSTATS dbid [FULL] */
export function hashTablesOf({ args, engine }: Call): Reply {
  const index = parseInt64(args[2]!);
  if (index === undefined) throw notAnInteger();
  if (index < 0 || index >= engine.settings.databases) throw new CommandError('ERR Out of range database');
  const db = engine.database(Number(index));
  let expiring = 0;
  for (const key of db.keys.keys()) if (db.expiryOf(key) !== undefined) expiring++;
  return new VerbatimReply(`[Dictionary HT]\n${table(db.size)}[Expires HT]\n${table(expiring)}`);
}

/** DEBUG HTSTATS-KEY key */
export function hashTableOfKey({ args, db, engine }: Call): Reply {
  const key = args[2]!;
  const value = db.peek(key);
  if (value === undefined) throw noSuchKey();
  const encoding = encodingOf(engine, db, key, value);
  const isTable = encoding === 'hashtable' || encoding === 'skiplist';
  if (!isTable || typeof value === 'string' || !hasSize(value))
    throw new CommandError('ERR The value stored at the specified key is not represented using an hash table');
  return new VerbatimReply(table(value.size));
}

function hasSize(value: object): value is { readonly size: number } {
  return 'size' in value && typeof value.size === 'number';
}

const LEAST_SIZE = 4;

function table(count: number): string {
  const title = 'Hash table 0 stats (main hash table):';
  if (count === 0) return `${title}\nNo stats available for empty dictionaries\n`;
  const size = Math.max(LEAST_SIZE, 2 ** Math.ceil(Math.log2(count)));
  const percent = (part: number): string => ((part * 100) / size).toFixed(2);
  const lines = [
    title,
    ` table size: ${size}`,
    ` number of elements: ${count}`,
    ` different slots: ${count}`,
    ' max chain length: 1',
    ' avg chain length (counted): 1.00',
    ' avg chain length (computed): 1.00',
    ' Chain length distribution:',
    ...(size > count ? [`   0: ${size - count} (${percent(size - count)}%)`] : []),
    `   1: ${count} (${percent(count)}%)`,
  ];
  return `${lines.join('\n')}\n`;
}
