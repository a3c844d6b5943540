/** Scripts of redis-cli: a command on each line. */
import { fromBase64, type TruthKey } from './fixtures.js';

/** What there is to be read of each key, in an order that does not depend on the server. */
export function questionsOf(keys: readonly TruthKey[]): string {
  const lines: string[] = [];
  let db = 0;
  for (const { db: own, key, type, encoding, value } of keys) {
    if (own !== db) lines.push(`SELECT ${own}`);
    db = own;
    const name = quoted(key);
    lines.push(...['TYPE', 'OBJECT ENCODING', 'EXISTS', 'PEXPIRETIME'].map((question) => `${question} ${name}`));
    // The order of a table depends on the server's seed.
    const isTable = encoding === 'hashtable';
    if (type === 'string') lines.push(`GET ${name}`, `STRLEN ${name}`, `GETRANGE ${name} 1 -2`);
    if (type === 'list') lines.push(`LRANGE ${name} 0 -1`, `LINDEX ${name} -1`, `LLEN ${name}`);
    if (type === 'set') {
      const members = (value as string[]).map(quoted);
      lines.push(`SCARD ${name}`, `SMISMEMBER ${name} ${members.join(' ')}`, ...(isTable ? [] : [`SMEMBERS ${name}`]));
    }
    if (type === 'zset') lines.push(`ZRANGE ${name} 0 -1 WITHSCORES`, `ZREVRANGE ${name} 0 1`, `ZCOUNT ${name} -inf 1`);
    if (type === 'hash') {
      const fields = (value as [string, string][]).map(([field]) => quoted(field));
      lines.push(`HLEN ${name}`, `HMGET ${name} ${fields.join(' ')}`, ...(isTable ? [] : [`HGETALL ${name}`]));
    }
    if (type === 'vectorset') lines.push(`VCARD ${name}`, `VDIM ${name}`, `VRANDMEMBER ${name}`);
    if (type === 'stream') lines.push(`XRANGE ${name} - +`, `XINFO GROUPS ${name}`, `XLEN ${name}`);
  }
  return lines.map((line) => `${line}\n`).join('');
}

/** As redis-cli reads an argument. */
function quoted(base64: string): string {
  const bytes = Array.from(fromBase64(base64), (byte) => `\\x${byte.toString(16).padStart(2, '0')}`);
  return `"${bytes.join('')}"`;
}

/** What people type, one line after the other; nothing in it depends on time, on chance or on the order of a table. */
export const TRANSCRIPT = String.raw`
SET s "a \"quoted\" \x00 value" EX 100000
SET s other GET
GETEX s PERSIST
APPEND s more
MSET a 1 b 2 c 3
INCRBYFLOAT a 0.1
RPUSH l one two three
LRANGE l 0 -1
LMOVE l m LEFT RIGHT
HSET h f 1 g 2
HGETALL h
HINCRBY h f x
SADD s x
SADD set 3 2 1
SMEMBERS set
ZADD z 1.5 a 2 b inf c
ZRANGE z 0 -1 WITHSCORES
ZADD z GT CH 9 a
ZRANK z a
XADD x 1-1 f v
XADD x 1-1 f v
XGROUP CREATE x g 0
XREADGROUP GROUP g me STREAMS x >
XPENDING x g
XINFO GROUPS x
GEOADD geo 13.361389 38.115556 Palermo
GEOPOS geo Palermo nobody
BITFIELD bits SET u8 0 255 GET i4 0
PFADD hll a b c
PFCOUNT hll
MULTI
SET in transaction
LPUSH s wrong
GET in
EXEC
MULTI
NONSENSE
EXEC
WATCH s
UNWATCH
DISCARD
OBJECT ENCODING l
OBJECT FREQ l
TYPE z
RENAME nothing something
COPY z zz
SORT set DESC
EXPIRE z 100000
PERSIST z
PERSIST z
HELLO 3
HGETALL h
ZRANGE z 0 -1 WITHSCORES
SMEMBERS set
CONFIG GET maxmemory-policy
HELLO 2
CLIENT GETNAME
CLIENT SETNAME "with blank"
COMMAND GETKEYS MSET a 1 b 2
DBSIZE
SELECT 16
SELECT 3
DBSIZE
SWAPDB 0 3
DBSIZE
FLUSHDB
ECHO "\xff\xfe"
PING "a b"
`.trim();
