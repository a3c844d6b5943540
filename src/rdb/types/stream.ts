/**
 * Streams, v1–v5 (types 15, 19, 21, 26, 27): nodes of packed entries, then everything else a stream keeps.
 *
 *     len nodes, nodes × (16-byte master id, listpack)       codecs/stream-node.ts
 *     len length, len lastId.ms, len lastId.seq
 *     v2+: len firstId ms seq, len maxDeletedId ms seq, len entriesAdded
 *     groups, consumers and pending entries                  stream-groups.ts
 *     v4+: idempotent producers                              stream-idmp.ts
 */
import type { Slice } from '../../bytes/slice.js';
import { decodeLength, skipLength } from '../../codecs/length.js';
import { StreamIdSlot } from '../../codecs/stream-id.js';
import { checkStreamNode, decodeStreamNode } from '../../codecs/stream-node.js';
import { skipString } from '../../codecs/string.js';
import type { ValueCursor } from '../cursor.js';
import type { StreamGroup, StreamId, StreamIdmp, StreamState, StreamValue } from '../model.js';
import type { ValueOutput } from '../value-output.js';
import { type GroupDefaults, readGroups, skipGroups, writeGroups } from './stream-groups.js';
import { readIdmp, skipIdmp, writeIdmp } from './stream-idmp.js';
import { splitStreamNodes, writeStreamNode } from './stream-nodes.js';
import type { TypeCodec, ValueReading, ValueSink } from './type-codec.js';

/** Layout generation of a stream; each adds to the one before. */
export type StreamVersion = 1 | 2 | 3 | 4 | 5;

const RAW_ID_SIZE = 16;
/** An empty listpack cannot be a node: it lacks even the master entry. */
const MIN_NODE_SIZE = 7;
const NO_ID: StreamId = { ms: 0n, seq: 0n };

export function streamCodec(version: StreamVersion): TypeCodec {
  return {
    type: 'stream',
    encoding: 'stream',
    oneString: false,
    skip: (bytes, pos, end) => skipStream(bytes, pos, end, version),
    read: (cursor, sink) => readStream(cursor, sink, version),
  };
}

/** What the state of a stream is measured against: its live entries. */
export interface StreamExtent {
  readonly count: number;
  readonly firstId: StreamId | undefined;
  readonly lastId: StreamId | undefined;
}

/**
 * A stream in the layout of `version`, split into nodes anew by the target's limits (stream-nodes.ts). What the version has
 * no room for is left out; what the value does not say gets the servers' upgrade defaults (rdb-format.md §8.7). A value
 * without a state gets that of a stream to which its entries were added one by one.
 *
 * Throws EncodeError for groups that no version, or not this one, can hold, such as NACKed entries before version 5.
 */
export function writeStream(to: ValueOutput, value: StreamValue, version: StreamVersion): void {
  const { entries } = value;
  const ends = splitStreamNodes(entries, to.target.settings);
  to.length(ends.length);
  let start = 0;
  for (const end of ends) {
    writeStreamNode(to, entries.slice(start, end));
    start = end;
  }
  const extent = { count: entries.length, firstId: entries[0]?.id, lastId: entries[entries.length - 1]?.id };
  writeStreamState(to, value.state, version, extent);
}

/** Everything behind the nodes. The length is that of `extent`, whatever the state says: loaders hold it against the nodes. */
export function writeStreamState(
  to: ValueOutput,
  state: StreamState | undefined,
  version: StreamVersion,
  extent: StreamExtent,
): void {
  const lastId = state?.lastId ?? extent.lastId ?? NO_ID;
  const firstId = state?.firstId ?? extent.firstId ?? NO_ID;
  const entriesAdded = state?.entriesAdded ?? BigInt(extent.count);
  to.length(extent.count);
  writeId(to, lastId);
  if (version >= 2) {
    writeId(to, firstId);
    writeId(to, state?.maxDeletedId ?? NO_ID);
    to.length64(entriesAdded);
  }
  const defaults: GroupDefaults = { firstId, lastId, entriesAdded };
  writeGroups(to, state?.groups ?? [], version, defaults);
  if (version >= 4) writeIdmp(to, state?.idmp);
}

function skipStream(bytes: Uint8Array, pos: number, end: number, version: StreamVersion): number {
  let next = skipLength(bytes, pos, end);
  if (next > end) return next;
  for (let left = decodeLength(bytes, pos) * 2; left > 0; left--) {
    next = skipString(bytes, next, end);
    if (next > end) return next;
  }
  for (let left = version >= 2 ? 8 : 3; left > 0; left--) {
    next = skipLength(bytes, next, end);
    if (next > end) return next;
  }
  next = skipGroups(bytes, next, end, version);
  return next > end || version < 4 ? next : skipIdmp(bytes, next, end);
}

function* readStream(cursor: ValueCursor, sink: ValueSink, version: StreamVersion): ValueReading {
  let nodes = cursor.length();
  for (; nodes < 0; nodes = cursor.length()) yield;
  const previous = new StreamIdSlot();
  const master = new StreamIdSlot();
  // Those that follow each other are seen without it.
  const keys = cursor.context.deep ? new Set<string>() : undefined;
  let live = 0;
  for (let index = 0; index < nodes; index++) {
    while (!cursor.pair(cursor.a, cursor.packed)) yield;
    if (!cursor.decoding) continue;
    if (cursor.a.length !== RAW_ID_SIZE) cursor.fail('BAD_STREAM', `a node key of ${cursor.a.length} bytes, not 16`);
    master.setRaw(cursor.a.bytes, cursor.a.start);
    const isRepeated = index > 0 && master.compare(previous) === 0;
    if (isRepeated || keys?.has(keyText(master)) === true) cursor.fail('BAD_STREAM', 'a node key that occurs twice');
    keys?.add(keyText(master));
    previous.copyFrom(master);
    live += readNode(cursor, sink, master);
  }

  const state = yield* readState(cursor, version, nodes);
  if (state === undefined) return;
  if (cursor.context.deep && state.length !== live) {
    cursor.fail('BAD_STREAM', `a length of ${state.length} over ${live} entries`);
  }
  sink.streamState(state);
}

function keyText({ ms, seq }: StreamIdSlot): string {
  return `${ms.hi},${ms.lo},${seq.hi},${seq.lo}`;
}

/** Reports the node in `cursor.packed` and returns how many of its entries live; at level `blob` only a deep reader knows. */
function readNode(cursor: ValueCursor, sink: ValueSink, master: StreamIdSlot): number {
  const packed: Slice = cursor.packed;
  if (packed.length <= MIN_NODE_SIZE) cursor.fail('BAD_STREAM', 'an empty stream node');
  const { bytes, start, end } = packed;
  try {
    const live = cursor.context.deep ? checkStreamNode(bytes, start, end).live : 0;
    if (cursor.level === 'element') return decodeStreamNode(bytes, start, end, master, sink);
    sink.blob(packed, cursor.a);
    return live;
  } catch (error) {
    throw cursor.locate(error, packed);
  }
}

/** Undefined where only bounds are wanted. */
function* readState(
  cursor: ValueCursor,
  version: StreamVersion,
  nodes: number,
): Generator<undefined, StreamState | undefined, void> {
  const counters: bigint[] = [];
  for (let left = version >= 2 ? 8 : 3; left > 0; left--) {
    while (!cursor.length64(cursor.x)) yield;
    counters.push(cursor.x.unsigned());
  }
  const length = Number(counters[0]);
  if (!Number.isSafeInteger(length)) cursor.fail('BAD_STREAM', 'a length that cannot be');
  if (length > 0 && nodes === 0) cursor.fail('BAD_STREAM', `a length of ${length} without a node`);
  const groups: StreamGroup[] = yield* readGroups(cursor, version);
  const idmp: StreamIdmp | undefined = version >= 4 ? yield* readIdmp(cursor) : undefined;
  if (!cursor.decoding) return undefined;
  const id = (at: number): StreamId => ({ ms: counters[at]!, seq: counters[at + 1]! });
  return {
    length,
    lastId: id(1),
    ...(version >= 2 && { firstId: id(3), maxDeletedId: id(5), entriesAdded: counters[7]! }),
    groups,
    ...(idmp && { idmp }),
  };
}

function writeId(to: ValueOutput, id: StreamId): void {
  to.length64(id.ms);
  to.length64(id.seq);
}
