/** What a stream keeps behind its counters: groups with their consumers and pending entries, idempotent producers. */
import type { StreamVersion } from '../../rdb/types/stream.js';
import type { Annotator } from './annotator.js';
import { annotateCounted } from './collections.js';
import {
  annotateLength,
  annotateLength64,
  annotateLengthId,
  annotateRawId,
  annotateString,
  annotateTime,
} from './strings.js';

/** The number of groups, and each of them. */
export function annotateGroups(ann: Annotator, version: StreamVersion): void {
  annotateCounted(ann, 'group', () => annotateGroup(ann, version), 'groups');
}

/** v4 and later: idempotent producers. */
export function annotateProducers(ann: Annotator): void {
  annotateLength(ann, 'idempotence duration', (seconds) => `${seconds} s`);
  annotateLength(ann, 'idempotence limit', (count) => `${count} entries`);
  annotateCounted(ann, 'producer', () => annotateProducer(ann), 'producers');
  annotateLength64(ann, 'ids added');
  annotateLength64(ann, 'duplicates');
}

function annotateGroup(ann: Annotator, version: StreamVersion): void {
  annotateString(ann, 'name');
  annotateLengthId(ann, 'last id');
  if (version >= 2)
    annotateLength64(ann, 'entries read', (count) => (count.isAllOnes() ? '-1 (unknown)' : String(count.unsigned())));
  annotateCounted(ann, 'pending entry', () => annotatePending(ann), 'pending entries');
  annotateCounted(ann, 'consumer', () => annotateConsumer(ann, version), 'consumers');
  if (version >= 5) annotateIds(ann, 'NACKed entry', 'NACKed entries');
}

function annotatePending(ann: Annotator): void {
  annotateRawId(ann, 'id');
  annotateTime(ann, 'delivery time');
  annotateLength64(ann, 'deliveries');
}

function annotateConsumer(ann: Annotator, version: StreamVersion): void {
  annotateString(ann, 'name');
  annotateTime(ann, 'seen time');
  if (version >= 3) annotateTime(ann, 'active time', 'never');
  annotateIds(ann, 'pending entry', 'pending entries');
}

function annotateIds(ann: Annotator, one: string, count: string): void {
  const total = annotateLength(ann, count);
  for (let index = 0; index < total; index++) annotateRawId(ann, `${one} ${index}`);
}

function annotateProducer(ann: Annotator): void {
  annotateString(ann, 'id');
  annotateCounted(
    ann,
    'entry',
    () => {
      annotateString(ann, 'iid');
      annotateLengthId(ann, 'stream id');
    },
    'entries',
  );
}
