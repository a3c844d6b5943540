/** Strings, lists, sets, sorted sets and hashes for a server's dataset. */
import { ALMOST_INTEGERS } from './packed.js';
import type { Argument } from './resp-client.js';
import type { Pipeline } from './workload-pipeline.js';
import { EDGE_LENGTHS, INTEGERS, SCORES, type Values } from './workload-values.js';

const FAR_MS = 4_102_444_800_000; // 2100-01-01

export async function fillStrings(pipe: Pipeline, values: Values): Promise<void> {
  for (const text of [...INTEGERS, ...ALMOST_INTEGERS]) pipe.add('SET', `string:number:${text}`, text);
  for (const length of [...EDGE_LENGTHS, 16_383, 16_384, 100_000]) {
    pipe.add('SET', `string:same:${length}`, 'a'.repeat(length));
    pipe.add('SET', `string:text:${length}`, values.text(length));
    pipe.add('SET', `string:noise:${length}`, values.noise(length));
  }
  pipe.add('APPEND', 'string:appended', 12);
  pipe.add('APPEND', 'string:appended', 34);
  pipe.add('SETRANGE', 'string:range', 90, 'end');
  pipe.add('SETBIT', 'string:bits', 70_001, 1);
  pipe.add('INCRBYFLOAT', 'string:float', '3.25');
  pipe.add('PFADD', 'string:hll:sparse', 'a', 'b', 'c');
  pipe.add('PFADD', 'string:hll:dense', ...values.list(3000, (index) => `visitor ${index}`));
  await pipe.flush();
}

export async function fillLists(pipe: Pipeline, values: Values, counts: readonly number[]): Promise<void> {
  for (const count of counts) {
    pipe.add('RPUSH', `list:ints:${count}`, ...values.list(count, () => values.pick(INTEGERS)));
    for (const item of values.list(count, () => values.anyElement())) pipe.add('RPUSH', `list:mixed:${count}`, item);
    pipe.add('LPUSH', `list:same:${count}`, ...values.list(count, () => 'the same value again'));
    pipe.add('RPUSH', `list:edited:${count}`, ...values.list(count + 5, (index) => index));
    pipe.add('LREM', `list:edited:${count}`, 0, 3);
    pipe.add('LSET', `list:edited:${count}`, 1, values.text(70));
    pipe.add('LINSERT', `list:edited:${count}`, 'BEFORE', 2, values.noise(300));
    pipe.add('LTRIM', `list:edited:${count}`, 1, -2);
  }
  await pipe.flush();
}

export async function fillSets(pipe: Pipeline, values: Values, counts: readonly number[]): Promise<void> {
  for (const count of counts) {
    for (const bits of [15, 31, 52]) {
      const bound = 2 ** bits;
      pipe.add('SADD', `set:int${bits + 1}:${count}`, -bound, bound - 1);
      pipe.add('SADD', `set:int${bits + 1}:${count}`, ...values.list(count, () => values.below(2 * bound) - bound));
    }
    pipe.add('SADD', `set:mixed:${count}`, '', ...values.list(count, () => values.element()));
    pipe.add('SADD', `set:text:${count}`, ...values.list(count, (index) => `member ${index}`));
    pipe.add('SADD', `set:long:${count}`, ...values.list(count, () => values.noise(80)));
  }
  pipe.add('SADD', 'set:int64', '9223372036854775807', '-9223372036854775808', 0);
  await pipe.flush();
}

export async function fillZsets(pipe: Pipeline, values: Values, counts: readonly number[]): Promise<void> {
  for (const score of SCORES) pipe.add('ZADD', 'zset:scores', score, `member with ${score}`);
  for (const count of counts) {
    const scored = (member: (index: number) => Argument): Argument[] =>
      values.list(count, (index) => [scoreOf(values), member(index)]).flat();
    pipe.add('ZADD', `zset:mixed:${count}`, ...scored(() => values.element()));
    pipe.add('ZADD', `zset:text:${count}`, ...scored((index) => `player ${index}`));
    pipe.add('ZADD', `zset:long:${count}`, ...scored(() => values.noise(80)));
    pipe.add('ZADD', `zset:same:${count}`, ...values.list(count, (index) => [7, `tied ${index}`]).flat());
  }
  pipe.add('GEOADD', 'zset:geo', '13.361389', '38.115556', 'Palermo', '139.6917', '35.6895', 'Tokyo');
  await pipe.flush();
}

function scoreOf(values: Values): Argument {
  return values.chance(0.5) ? values.pick(SCORES) : values.below(1000);
}

export async function fillHashes(pipe: Pipeline, values: Values, counts: readonly number[]): Promise<void> {
  for (const count of counts) {
    const mixed = values.list(count, () => [values.element(), values.anyElement()]).flat();
    pipe.add('HSET', `hash:mixed:${count}`, ...mixed);
    pipe.add('HSET', `hash:text:${count}`, ...values.list(count, (i) => [`field ${i}`, values.text(20)]).flat());
    pipe.add('HSET', `hash:empty:${count}`, '', '', ...values.list(count, (i) => [i, '']).flat());
    if (pipe.has('hpexpireat')) addFieldExpiry(pipe, values, count);
  }
  await pipe.flush();
}

/** Some fields expire; in one hash none does any more, which leaves its encoding behind. */
function addFieldExpiry(pipe: Pipeline, values: Values, count: number): void {
  for (const key of [`hash:fields:${count}`, `hash:persisted:${count}`]) {
    pipe.add('HSET', key, ...values.list(count, (index) => [`field ${index}`, values.element()]).flat());
    for (let index = 0; index < count; index += 3) {
      const atMs = FAR_MS + values.below(2 ** 40);
      pipe.add('HPEXPIREAT', key, atMs, 'FIELDS', 1, `field ${index}`);
      if (key.startsWith('hash:persisted')) pipe.add('HPERSIST', key, 'FIELDS', 1, `field ${index}`);
    }
  }
}
