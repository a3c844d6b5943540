/** What a log holds, as the dump that a server would save once it has loaded it. */
import type { AuxEntry, RdbRecord } from '../rdb/model.js';
import { SourceTarget } from '../rdb/source-target.js';
import type { Target } from '../rdb/versions.js';
import { auxField, producerField } from './aux-fields.js';
import type { Replay } from './replay-log.js';
import { SnapshotSource } from './snapshot-source.js';

/** A dump of the replay's generation. Close nothing: there is nothing but memory behind it. */
export function replaySource(replay: Replay, name?: string): SnapshotSource {
  const { engine, generation } = replay;
  return new SnapshotSource(engine, { target: generation, records: recordsOf(replay) }, name);
}

/** Of the aux fields those that are still true: who wrote the log, and, by its annotations, when. */
function recordsOf({ records, generation, timeSeconds }: Replay): RdbRecord[] {
  const kept = records.filter((record) => record.kind !== 'aux' || KEPT.has(latin1.decode(record.name)));
  const producers = kept.filter((record) => record.kind === 'aux');
  const isKnown = isProducer(producers, generation);
  return [
    ...(isKnown ? [] : [producerField(generation)]),
    ...kept.filter((record) => isKnown || record.kind !== 'aux' || !latin1.decode(record.name).endsWith(PRODUCER)),
    ...(timeSeconds === undefined ? [] : [auxField('ctime', String(timeSeconds))]),
  ];
}

const latin1 = new TextDecoder('latin1');
const PRODUCER = '-ver';
const KEPT: ReadonlySet<string> = new Set(['redis-ver', 'valkey-ver', 'redis-bits']);

/** Whether these fields, behind the header of `target`, name it. */
function isProducer(fields: readonly AuxEntry[], target: Target): boolean {
  const source = new SourceTarget();
  source.start({ kind: 'header', magic: target.magic, version: target.version });
  for (const field of fields) source.aux(field);
  return source.resolve() === target;
}
