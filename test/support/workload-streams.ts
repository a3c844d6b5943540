/** Streams for a server's dataset: nodes of every form, deleted entries, groups, consumers, pending entries. */
import type { Argument } from './resp-client.js';
import type { Pipeline } from './workload-pipeline.js';
import type { Values } from './workload-values.js';

const GREATEST = '18446744073709551615';

export async function fillStreams(pipe: Pipeline, values: Values, entries: number): Promise<void> {
  addEntries(pipe, values, 'stream:same', entries, () => ['sensor', values.below(10), 'value', values.below(100_000)]);
  addEntries(pipe, values, 'stream:mixed', entries, () =>
    values.list(1 + values.below(4), (index) => [`field${index}`, values.anyElement()]).flat(),
  );
  addEntries(pipe, values, 'stream:trimmed', entries, () => ['n', values.element()]);
  pipe.add('XTRIM', 'stream:trimmed', 'MAXLEN', Math.ceil(entries / 3));
  addEntries(pipe, values, 'stream:one', 1, () => ['', '']);
  await deleteSome(pipe, values, 'stream:mixed');
  oddIds(pipe);
  emptyStreams(pipe);
  await fillGroups(pipe, values, 'stream:same');
  await fillGroups(pipe, values, 'stream:mixed');
  await deleteSome(pipe, values, 'stream:same');
  if (pipe.has('xcfgset')) fillIdempotent(pipe);
  await pipe.flush();
}

/** Ids ascend in steps that make both small and large differences to the node's first id. */
function addEntries(pipe: Pipeline, values: Values, key: string, count: number, fields: () => Argument[]): void {
  let ms = 1 + values.below(1000);
  let seq = 0;
  for (let index = 0; index < count; index++) {
    if (values.chance(0.3)) seq += 1 + values.below(3);
    else {
      ms += 1 + values.below(values.chance(0.1) ? 2 ** 40 : 2000);
      seq = values.below(3);
    }
    pipe.add('XADD', key, `${ms}-${seq}`, ...fields());
  }
}

async function idsOf(pipe: Pipeline, key: string): Promise<string[]> {
  await pipe.flush();
  const entries = (await pipe.send('XRANGE', key, '-', '+')) as [Buffer, Buffer[]][];
  return entries.map(([id]) => id.toString());
}

async function deleteSome(pipe: Pipeline, values: Values, key: string): Promise<void> {
  const ids = (await idsOf(pipe, key)).filter(() => values.chance(0.25));
  if (ids.length > 0) pipe.add('XDEL', key, ...ids);
}

function oddIds(pipe: Pipeline): void {
  for (const id of ['0-1', `0-${GREATEST}`, '1-0', `${GREATEST}-0`, `${GREATEST}-${GREATEST.slice(0, -1)}4`])
    pipe.add('XADD', 'stream:ids', id, 'id', id);
  pipe.add('XADD', 'stream:set', '5-1', 'a', 1);
  pipe.add('XADD', 'stream:set', '6-1', 'a', -1, 'b', '');
  pipe.add('XSETID', 'stream:set', '900-7', 'ENTRIESADDED', 5000, 'MAXDELETEDID', '800-3');
}

function emptyStreams(pipe: Pipeline): void {
  pipe.add('XGROUP', 'CREATE', 'stream:never', 'group', '$', 'MKSTREAM');
  pipe.add('XADD', 'stream:emptied', '77-1', 'a', 1);
  pipe.add('XDEL', 'stream:emptied', '77-1');
  pipe.add('XGROUP', 'CREATE', 'stream:emptied', 'group', 0);
}

async function fillGroups(pipe: Pipeline, values: Values, key: string): Promise<void> {
  const ids = await idsOf(pipe, key);
  const half = ids[ids.length >> 1]!;
  pipe.add('XGROUP', 'CREATE', key, 'all', 0);
  pipe.add('XGROUP', 'CREATE', key, 'late', '$');
  pipe.add('XGROUP', 'CREATE', key, Uint8Array.of(0, 255, 10), half, 'ENTRIESREAD', 7);
  pipe.add('XGROUP', 'CREATE', key, '', 0);
  pipe.add('XGROUP', 'CREATECONSUMER', key, 'all', 'idle');
  for (const consumer of ['ann', 'bob', Uint8Array.of(200, 0)])
    pipe.add('XREADGROUP', 'GROUP', 'all', consumer, 'COUNT', 1 + values.below(ids.length), 'STREAMS', key, '>');
  pipe.add('XREADGROUP', 'GROUP', '', 'ann', 'NOACK', 'COUNT', 2, 'STREAMS', key, '>');
  const acked = ids.filter(() => values.chance(0.3));
  if (acked.length > 0) pipe.add('XACK', key, 'all', ...acked);
  const some = ids.slice(0, 3);
  pipe.add('XCLAIM', key, 'all', 'bob', 0, ...some, 'TIME', 1_700_000_000_123, 'RETRYCOUNT', 70_000, 'FORCE');
  pipe.add('XCLAIM', key, 'late', 'new', 0, ...some.slice(0, 1), 'TIME', 1, 'RETRYCOUNT', 0, 'FORCE', 'JUSTID');
  await pipe.flush();
}

/** Redis 8.6: producers whose repeated entries are dropped. Their ids must be recent, so that a load keeps them. */
function fillIdempotent(pipe: Pipeline): void {
  for (const iid of ['first', 'second', 'first'])
    pipe.add('XADD', 'stream:idmp', 'IDMP', 'producer', iid, '*', 'iid', iid);
  pipe.add('XADD', 'stream:idmp', 'IDMP', 'other', '1', '*', 'iid', 1);
  pipe.add('XADD', 'stream:idmp:set', '1-1', 'a', 'b');
  pipe.add('XCFGSET', 'stream:idmp:set', 'IDMP-DURATION', 3600, 'IDMP-MAXSIZE', 500);
}
