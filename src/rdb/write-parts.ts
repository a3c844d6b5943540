/**
 * Writes a value that comes in parts (`KeyEntry.parts`), in the expanded form of its type, which every loader takes.
 *
 * The count of the elements stands before them. Where the entry has it (`elementCount`: types 1 to 5, 24, 28, and 22 of
 * either dialect), the elements go out as they come. Module values need no count, and their items go out likewise.
 *
 * All else is held until the last part has come. Quicklists (types 14 and 18: their heads count nodes), streams, and packed
 * structures of that size are held as the encoded elements of the form that is written: as many bytes as the value will
 * take in the file, LZF applied to each element unless `compress` is false. Strings are held as they are; path hashes and
 * cron jobs, which no server at hand writes, as values.
 */

import { assertNever, EncodeError } from '../bytes/errors.js';
import { Int64 } from '../bytes/int64.js';
import { copyBytes, Slice } from '../bytes/slice.js';
import { ByteWriter } from '../bytes/writer.js';
import { CollectionWriter, writeCollectionHead } from './collection-writer.js';
import { TYPE } from './constants.js';
import type { RdbEncoder } from './encoder.js';
import { joinParts } from './join-parts.js';
import type { ArrayValue, HashField, KeyEntry, RdbValue, StreamState, StreamValue } from './model.js';
import { writeModuleId, writeModuleItem, writeModuleItemsEnd } from './types/module.js';
import { writeStreamState } from './types/stream.js';
import { StreamNodeWriter } from './types/stream-nodes.js';
import { streamVersion } from './types/write.js';
import { ValueOutput } from './value-output.js';

type Parts = AsyncIterable<RdbValue>;
/** Waits where the destination is behind. */
type Breathe = () => Promise<void>;

/** Throws EncodeError as for a whole value; after that the file cannot be completed. */
export async function writeParts(
  encoder: RdbEncoder,
  entry: KeyEntry,
  parts: Parts,
  compress: boolean,
  breathe: Breathe,
): Promise<void> {
  const { value } = entry;
  switch (value.type) {
    case 'string':
    case 'pathhash':
    case 'cron':
      encoder.key({ ...entry, value: await joinParts(value, parts) });
      break;
    case 'list':
    case 'set':
    case 'zset':
    case 'hash':
      await writeCollection(encoder, entry, parts, compress, breathe);
      break;
    case 'stream':
      await writeStreamParts(encoder, entry, parts, compress, breathe);
      break;
    case 'array':
      await writeArrayParts(encoder, entry, parts, compress, breathe);
      break;
    case 'module':
      await writeModuleParts(encoder, entry, parts, compress, breathe);
      break;
    default:
      assertNever(value);
  }
  await breathe();
}

async function writeCollection(
  encoder: RdbEncoder,
  entry: KeyEntry,
  parts: Parts,
  compress: boolean,
  breathe: Breathe,
): Promise<void> {
  const rdbType = expandedType(encoder, entry);
  const count = entry.elementCount;
  if (count !== undefined) {
    const collection = encoder.beginCollection(entry, entry.key, rdbType, count);
    for await (const part of parts) {
      writeElements(collection, part);
      await breathe();
    }
    encoder.endCollection(collection);
    return;
  }
  const spool = new Spool(encoder, compress);
  const collection = new CollectionWriter(spool.to, rdbType);
  for await (const part of parts) writeElements(collection, part);
  await spool.send(entry, rdbType, breathe, (to) => writeCollectionHead(to, rdbType, collection.count));
}

function expandedType(encoder: RdbEncoder, { value, rdbType }: KeyEntry): number {
  const { writes } = encoder.target;
  switch (value.type) {
    case 'list':
      return TYPE.LIST;
    case 'set':
      return TYPE.SET;
    case 'zset':
      return writes.zset;
    default: {
      // Whether a field has an expiry is not known before the last one has come, but the type of the source tells.
      const mayExpire = rdbType >= TYPE.V_HASH_2 && rdbType <= TYPE.HASH_LISTPACK_EX;
      return mayExpire && writes.hashExpiry !== undefined ? writes.hashExpiry : TYPE.HASH;
    }
  }
}

const first = new Slice();
const second = new Slice();
const expiry = new Int64();
const indexSlot = new Int64();

function writeElements(collection: CollectionWriter, part: RdbValue): void {
  switch (part.type) {
    case 'list':
      for (const item of part.items) collection.listItem(over(first, item));
      break;
    case 'set':
      for (const member of part.members) collection.setMember(over(first, member));
      break;
    case 'zset':
      for (const { member, score } of part.members) collection.zsetMember(over(first, member), score);
      break;
    case 'hash':
      for (const field of part.fields) writeField(collection, field);
      break;
    default:
      throw new EncodeError(`a part of type ${part.type} stands in another value`);
  }
}

function writeField(collection: CollectionWriter, { field, value, expireAtMs, expireAt }: HashField): void {
  if (expireAt !== undefined) expiry.copyFrom(expireAt);
  else if (expireAtMs !== undefined) {
    const hi = Math.floor(expireAtMs / 0x100000000);
    expiry.set(hi, expireAtMs - hi * 0x100000000);
  }
  collection.hashField(over(first, field), over(second, value), expireAtMs === undefined ? undefined : expiry);
}

function over(slice: Slice, bytes: Uint8Array): Slice {
  slice.set(bytes, 0, bytes.length);
  return slice;
}

async function writeStreamParts(
  encoder: RdbEncoder,
  entry: KeyEntry,
  parts: Parts,
  compress: boolean,
  breathe: Breathe,
): Promise<void> {
  const empty: StreamValue = { type: 'stream', encoding: 'stream', entries: [], state: undefined };
  const rdbType = encoder.typeFor(empty, entry.rdbType);
  const spool = new Spool(encoder, compress);
  const nodes = new StreamNodeWriter(spool.to);
  let state: StreamState | undefined;
  for await (const part of parts) {
    if (part.type !== 'stream') continue;
    for (const streamEntry of part.entries) nodes.add(streamEntry);
    state = part.state ?? state;
  }
  nodes.end();
  const { entryCount, firstId, lastId } = nodes;
  writeStreamState(spool.to, state, streamVersion(rdbType), { count: entryCount, firstId, lastId });
  await spool.send(entry, rdbType, breathe, (to) => to.length(nodes.count));
}

async function writeArrayParts(
  encoder: RdbEncoder,
  entry: KeyEntry,
  parts: Parts,
  compress: boolean,
  breathe: Breathe,
): Promise<void> {
  const empty: ArrayValue = { type: 'array', encoding: 'array', elements: [] };
  const rdbType = encoder.typeFor(empty, entry.rdbType);
  const count = entry.elementCount;
  if (count !== undefined) {
    await writeCountedArray(encoder, entry, parts, rdbType, count, breathe);
    return;
  }
  const spool = new Spool(encoder, compress);
  const collection = new CollectionWriter(spool.to, rdbType);
  let insertIndex: bigint | undefined;
  for await (const part of parts) {
    if (part.type !== 'array') continue;
    insertIndex ??= part.insertIndex;
    writeArrayElements(collection, part);
  }
  await spool.send(entry, rdbType, breathe, (to) =>
    writeCollectionHead(to, rdbType, collection.count, { insertIndex }),
  );
}

async function writeCountedArray(
  encoder: RdbEncoder,
  entry: KeyEntry,
  parts: Parts,
  rdbType: number,
  count: number,
  breathe: Breathe,
): Promise<void> {
  let collection: CollectionWriter | undefined;
  for await (const part of parts) {
    // The insert index stands before the elements, and whoever has read one of these has read that.
    if (part.type !== 'array' || part.elements.length === 0) continue;
    const { insertIndex } = part;
    collection ??= encoder.beginCollection(entry, entry.key, rdbType, count, { insertIndex });
    writeArrayElements(collection, part);
    await breathe();
  }
  if (collection === undefined) throw new EncodeError(`${count} elements were promised, and none came`);
  encoder.endCollection(collection);
}

function writeArrayElements(collection: CollectionWriter, { elements }: ArrayValue): void {
  for (const { index, value } of elements) {
    indexSlot.set(Number(BigInt.asIntN(32, index >> 32n)), Number(BigInt.asIntN(32, index)));
    collection.arrayElement(indexSlot, over(first, value));
  }
}

async function writeModuleParts(
  encoder: RdbEncoder,
  entry: KeyEntry,
  parts: Parts,
  compress: boolean,
  breathe: Breathe,
): Promise<void> {
  if (!encoder.target.types.has(TYPE.MODULE_2)) throw new EncodeError(`${encoder.target.name} has no module values`);
  encoder.beginRawKey(entry, entry.key, TYPE.MODULE_2);
  const out = new ByteWriter((bytes, start, end) => encoder.rawChunk(bytes, start, end));
  const to = new ValueOutput(out, encoder.target, { compress });
  let named = false;
  for await (const part of parts) {
    if (part.type !== 'module') continue;
    // Parts before the first item may come without the name.
    if (!named && part.module !== '') {
      writeModuleId(to, part.module, part.version);
      named = true;
    }
    for (const item of part.items) writeModuleItem(to, item);
    out.flush();
    await breathe();
  }
  if (!named) throw new EncodeError('a module value in parts does not name its module');
  writeModuleItemsEnd(to);
  out.flush();
  encoder.endRawKey();
}

/** Holds the encoded elements of a value until it is known how many they are. */
class Spool {
  readonly to: ValueOutput;
  private readonly out: ByteWriter;
  private readonly chunks: Uint8Array[] = [];

  constructor(
    private readonly encoder: RdbEncoder,
    compress: boolean,
  ) {
    this.out = new ByteWriter((bytes, start, end) => this.chunks.push(copyBytes(bytes, start, end)));
    this.to = new ValueOutput(this.out, encoder.target, { compress });
  }

  /** Writes the key: `writeHead` first, then what has been held, letting go of it. */
  async send(entry: KeyEntry, rdbType: number, breathe: Breathe, writeHead: (to: ValueOutput) => void): Promise<void> {
    const { encoder, chunks } = this;
    this.out.flush();
    encoder.beginRawKey(entry, entry.key, rdbType);
    const head = new ByteWriter((bytes, start, end) => encoder.rawChunk(bytes, start, end));
    writeHead(new ValueOutput(head, encoder.target, { compress: false }));
    head.flush();
    for (let chunk = chunks.shift(); chunk !== undefined; chunk = chunks.shift()) {
      encoder.rawChunk(chunk, 0, chunk.length);
      await breathe();
    }
    encoder.endRawKey();
  }
}
