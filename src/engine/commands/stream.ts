/** Commands on the entries of a stream, and on its counters. */
import type { ByteString } from '../../bytes/byte-string.js';
import { numberArgument, toNumber } from '../arguments.js';
import type { Call, CommandTable } from '../call.js';
import { CommandError, noSuchKey, OK, type Reply, syntaxError, wrongArity } from '../reply.js';
import { isSince } from '../settings.js';
import { StreamObject } from '../values/stream-object.js';
import {
  compareIds,
  EntryId,
  FIRST_ID,
  formatId,
  idAfter,
  MAX_UINT64,
  parseUint64,
} from '../values/stream-object-id.js';
import { type Trim, trimStream } from '../values/stream-object-trim.js';
import { idArgument, invalidId, streamAt, TrimOptions } from './stream-arguments.js';
import { type Producer, ProducerOption, recordAdded, repeatedId } from './stream-idmp.js';

export const STREAM_COMMANDS: CommandTable = {
  XADD: xadd,
  XTRIM: xtrim,
  XDEL: xdel,
  XSETID: xsetid,
};

/**
 * XADD key [NOMKSTREAM] [KEEPREF | DELREF | ACKED] [IDMPAUTO pid | IDMP pid iid]
 *   [<MAXLEN | MINID> [= | ~] threshold [LIMIT count]] <* | id> field value [field value ...]
 */
function xadd(call: Call): Reply {
  const { args, engine } = call;
  const key = args[1]!;
  const { at, isMaking, id: given, options, trim, producer } = addArguments(call);
  const existing = streamAt(call, key);
  if (existing === undefined && !isMaking) return null;
  const stream = existing ?? new StreamObject();
  if (producer !== undefined) {
    const repeated = repeatedId(call, stream, producer, given === undefined);
    if (repeated !== undefined) return repeated;
  }
  const id = idToAdd(call, stream, given);
  if (existing === undefined) call.db.set(key, stream);
  stream.append(id, args, at, engine.settings.encoding);
  if (producer !== undefined) recordAdded(stream, producer, id);
  call.dirty++;
  call.changed(key, 't', 'xadd');
  if (trim !== undefined && trimStream(stream, trim) > 0) call.notify('t', 'xtrim', key);
  if (call.log !== undefined) logAdded(call, options?.settled(call, stream), at - 1, given, id);
  return formatId(id);
}

/** Servers before 7.0 put the id there in its one form in any case. */
function logAdded(
  { args, engine, log }: Call,
  settled: ByteString[] | undefined,
  idAt: number,
  given: AddArguments['id'],
  id: EntryId,
): void {
  const isAsSent = given instanceof EntryId && isSince(engine.settings.target, { redis: '7.0', valkey: '7.2' });
  if (isAsSent && settled === undefined) return;
  const line = settled ?? [...args];
  if (!isAsSent) line[idAt] = formatId(id);
  log!.replace(line);
}

/** XTRIM key <MAXLEN | MINID> [= | ~] threshold [LIMIT count] [KEEPREF | DELREF | ACKED] */
function xtrim(call: Call): Reply {
  const { args } = call;
  const options = new TrimOptions(call);
  for (let at = 2; at < args.length; ) {
    at = options.read(args, at);
    if (at < 0) throw syntaxError();
  }
  const trim = options.done(call, true)!;
  const stream = streamAt(call, args[1]!);
  if (stream === undefined) return 0;
  const removed = trimStream(stream, trim);
  if (removed === 0) return 0;
  call.dirty += removed;
  call.changed(args[1]!, 't', 'xtrim');
  const settled = call.log && options.settled(call, stream);
  if (settled !== undefined) call.log!.replace(settled);
  return removed;
}

/** XDEL key id [id ...] */
function xdel(call: Call): Reply {
  const { args } = call;
  const stream = streamAt(call, args[1]!);
  if (stream === undefined) return 0;
  const ids = args.slice(2).map((id) => idArgument(id));
  let deleted = 0;
  for (const id of ids) if (stream.delete(id)) deleted++;
  call.dirty += deleted;
  if (deleted > 0) call.changed(args[1]!, 't', 'xdel');
  return deleted;
}

/** XSETID key last-id [ENTRIESADDED entries-added] [MAXDELETEDID max-deleted-id] */
function xsetid(call: Call): Reply {
  const { args } = call;
  const id = idArgument(args[2]);
  const { entriesAdded, maxDeletedId } = counterArguments(args, id);
  const stream = streamAt(call, args[1]!);
  if (stream === undefined) throw noSuchKey();
  if (compareIds(id, stream.maxDeletedId) < 0 && isSince(call.engine.settings.target, { redis: '7.2', valkey: '7.2' }))
    throw new CommandError('ERR The ID specified in XSETID is smaller than current max_deleted_entry_id');
  const top = stream.nodes[stream.nodes.length - 1];
  if (top !== undefined) {
    if (compareIds(id, top.idAt(top.end - 1)) < 0)
      throw new CommandError('ERR The ID specified in XSETID is smaller than the target stream top item');
    if (entriesAdded !== undefined && stream.length > entriesAdded)
      throw new CommandError('ERR The entries_added specified in XSETID is smaller than the target stream length');
  }
  stream.lastId = id;
  if (entriesAdded !== undefined) stream.entriesAdded = entriesAdded;
  if (compareIds(maxDeletedId, FIRST_ID) !== 0) stream.maxDeletedId = maxDeletedId;
  call.dirty++;
  call.notify('t', 'xsetid', args[1]!);
  return OK;
}

interface AddArguments {
  /** Index of the first field. */
  readonly at: number;
  readonly isMaking: boolean;
  /** Undefined: the next one. */
  readonly id: EntryId | PartialId | undefined;
  readonly options: TrimOptions | undefined;
  readonly trim: Trim | undefined;
  readonly producer: Producer | undefined;
}

/** An id whose sequence number is the next one at its time. */
class PartialId {
  constructor(readonly id: EntryId) {}
}

const ZERO = 0x30;
const NINE = 0x39;
const STAR = 0x2a;

function addArguments(call: Call): AddArguments {
  const { args } = call;
  let options: TrimOptions | undefined;
  let producers: ProducerOption | undefined;
  let isMaking = true;
  let at = 2;
  for (; at < args.length; ) {
    const text = args[at]!;
    const first = text.charCodeAt(0);
    if ((first >= ZERO && first <= NINE) || (first === STAR && text.length === 1)) break;
    if (text.toUpperCase() === 'NOMKSTREAM') {
      isMaking = false;
      at++;
      continue;
    }
    options ??= new TrimOptions(call);
    producers ??= new ProducerOption(call);
    let next = options.read(args, at);
    if (next < 0) next = producers.read(args, at);
    if (next < 0) break;
    at = next;
  }
  const id = addedId(args[at]);
  const producer = producers?.done(id !== undefined, at + 1);
  const trim = options?.done(call, false);
  at++;
  const parts = args.length - at;
  if (parts < 2 || parts % 2 === 1) throw wrongArity('xadd');
  if (id instanceof EntryId && compareIds(id, FIRST_ID) === 0)
    throw new CommandError('ERR The ID specified in XADD must be greater than 0-0');
  return { at, isMaking, id, options, trim, producer };
}

function addedId(text: ByteString | undefined): EntryId | PartialId | undefined {
  if (text === '*' || text === undefined) return undefined;
  if (!text.endsWith('-*')) return idArgument(text);
  const ms = parseUint64(text.slice(0, -2));
  if (ms === undefined) throw invalidId();
  return new PartialId(new EntryId(ms, 0));
}

function idToAdd({ nowMs }: Call, stream: StreamObject, given: AddArguments['id']): EntryId {
  const { lastId } = stream;
  if (lastId.seq === MAX_UINT64 && lastId.ms === MAX_UINT64)
    throw new CommandError('ERR The stream has exhausted the last possible ID, unable to add more items');
  if (given === undefined) return lastId.ms < nowMs ? new EntryId(nowMs, 0) : idAfter(lastId)!;
  const id = given instanceof PartialId ? completed(given.id, lastId) : given;
  if (id === undefined || compareIds(id, lastId) <= 0)
    throw new CommandError('ERR The ID specified in XADD is equal or smaller than the target stream top item');
  return id;
}

function completed(id: EntryId, lastId: EntryId): EntryId | undefined {
  if (id.ms !== lastId.ms) return id;
  return lastId.seq === MAX_UINT64 ? undefined : idAfter(lastId);
}

function counterArguments(
  args: readonly ByteString[],
  id: EntryId,
): { readonly entriesAdded: number | bigint | undefined; readonly maxDeletedId: EntryId } {
  let entriesAdded: number | bigint | undefined;
  let maxDeletedId = FIRST_ID;
  for (let at = 3; at < args.length; at += 2) {
    const option = args[at]!.toUpperCase();
    const value = args[at + 1];
    if (option === 'ENTRIESADDED' && value !== undefined) {
      if (numberArgument(value) < 0) throw new CommandError('ERR entries_added must be positive');
      entriesAdded = toNumber(BigInt(value));
    } else if (option === 'MAXDELETEDID' && value !== undefined) {
      maxDeletedId = idArgument(value);
      if (compareIds(id, maxDeletedId) < 0)
        throw new CommandError('ERR The ID specified in XSETID is smaller than the provided max_deleted_entry_id');
    } else {
      throw syntaxError();
    }
  }
  return { entriesAdded, maxDeletedId };
}
