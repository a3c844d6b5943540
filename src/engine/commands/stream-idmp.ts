/** Idempotent producers (Redis 8.6): options of XADD and the commands about them. */
import type { ByteString } from '../../bytes/byte-string.js';
import { numberArgument } from '../arguments.js';
import type { Call, CommandTable } from '../call.js';
import { CommandError, noSuchKey, OK, type Reply, syntaxError } from '../reply.js';
import { isSince } from '../settings.js';
import type { StreamObject } from '../values/stream-object.js';
import { compareIds, type EntryId, formatId } from '../values/stream-object-id.js';
import { contentId, StreamProducers } from '../values/stream-object-idmp.js';
import { idArgument, streamAt } from './stream-arguments.js';

export const STREAM_IDMP_COMMANDS: CommandTable = {
  XCFGSET: xcfgset,
  XIDMPRECORD: xidmprecord,
};

/** Who sends a message, and what it is known by. */
export interface Producer {
  readonly name: ByteString;
  readonly iid: ByteString;
}

/** IDMPAUTO and IDMP as they are read. */
export class ProducerOption {
  private name: ByteString | undefined;
  /** Undefined: made from what is in the message. */
  private iid: ByteString | undefined;

  constructor(private readonly call: Call) {}

  /** As TrimOptions.read. */
  read(args: readonly ByteString[], at: number): number {
    const option = args[at]!.toUpperCase();
    const more = args.length - 1 - at;
    const isAuto = option === 'IDMPAUTO' && more >= 1;
    if ((!isAuto && !(option === 'IDMP' && more >= 2)) || !this.isKnown()) return -1;
    if (this.name !== undefined) throw new CommandError('ERR syntax error, IDMP/IDMPAUTO specified multiple times');
    const name = args[at + 1]!;
    if (name === '') throw new CommandError(`ERR syntax error, ${option} requires a non-empty producer ID`);
    const iid = isAuto ? undefined : args[at + 2]!;
    if (iid === '') throw new CommandError('ERR syntax error, IDMP requires a non-empty idempotent ID');
    this.name = name;
    this.iid = iid;
    return at + (isAuto ? 2 : 3);
  }

  /** A log has the ids that were made, where a client may not give any. */
  done(hasId: boolean, fieldsAt: number): Producer | undefined {
    const { name, iid, call } = this;
    const { engine, args } = call;
    if (name === undefined) return undefined;
    if (hasId && !engine.isLoading)
      throw new CommandError('ERR syntax error, IDMP/IDMPAUTO can be used only with auto-generated IDs');
    return { name, iid: iid ?? contentId(args, fieldsAt) };
  }

  private isKnown(): boolean {
    const { engine } = this.call;
    return engine.isLoading || isSince(engine.settings.target, { redis: '8.6' });
  }
}

/**
 * The reply to a message that the stream has had already; undefined for a new one. In a log a repeated message is the one
 * that has no id yet (aof-format.md §7), whether or not we know its iid.
 */
export function repeatedId(
  call: Call,
  stream: StreamObject,
  producer: Producer,
  isWithoutId: boolean,
): Reply | undefined {
  const { engine } = call;
  if (!engine.isLoading) stream.producers?.expire(call.nowMs);
  const id = stream.producers?.find(producer.name, producer.iid);
  if (id === undefined && !(engine.isLoading && isWithoutId)) return undefined;
  producersOf(stream).countDuplicate();
  call.dirty++;
  return id === undefined ? null : formatId(id);
}

/** Remembers what was added. */
export function recordAdded(stream: StreamObject, producer: Producer, id: EntryId): void {
  const producers = producersOf(stream);
  producers.record(producer.name, producer.iid, id);
  producers.countAdded();
}

/** XCFGSET key [IDMP-DURATION seconds] [IDMP-MAXSIZE entries] */
function xcfgset(call: Call): Reply {
  const { args } = call;
  const stream = streamAt(call, args[1]!);
  if (stream === undefined) throw noSuchKey();
  let duration: number | undefined;
  let size: number | undefined;
  for (let at = 2; at < args.length; at += 2) {
    const option = args[at]!.toUpperCase();
    const value = args[at + 1];
    if (value === undefined) throw syntaxError();
    if (option === 'IDMP-DURATION') {
      if (duration !== undefined) throw new CommandError('ERR IDMP-DURATION specified multiple times');
      duration = within(value, MAX_DURATION, 'IDMP-DURATION must be between 1 and 86400 seconds');
    } else if (option === 'IDMP-MAXSIZE') {
      if (size !== undefined) throw new CommandError('ERR IDMP-MAXSIZE specified multiple times');
      size = within(value, MAX_SIZE, 'IDMP-MAXSIZE must be between 1 and 10000 entries');
    } else {
      throw syntaxError();
    }
  }
  if (duration === undefined && size === undefined)
    throw new CommandError('ERR At least one parameter must be specified');
  const producers = producersOf(stream);
  const { durationSeconds, maxEntries } = producers;
  producers.durationSeconds = duration ?? durationSeconds;
  producers.maxEntries = size ?? maxEntries;
  if (producers.durationSeconds === durationSeconds && producers.maxEntries === maxEntries) return OK;
  producers.byProducer.clear();
  call.dirty++;
  return OK;
}

/** XIDMPRECORD key pid iid id */
function xidmprecord(call: Call): Reply {
  const { args } = call;
  const [, key, producer, iid] = args as [string, ByteString, ByteString, ByteString];
  const id = idArgument(args[4]);
  if (producer === '') throw new CommandError('ERR producer ID must be non-empty');
  if (iid === '') throw new CommandError('ERR idempotent ID must be non-empty');
  const stream = streamAt(call, key);
  if (stream === undefined) throw noSuchKey();
  if (!stream.has(id)) throw new CommandError('ERR No such message in stream');
  const known = stream.producers?.find(producer, iid);
  if (known !== undefined && compareIds(known, id) !== 0)
    throw new CommandError('ERR IID already exists for this producer with a different stream ID');
  if (known !== undefined) return OK;
  recordAdded(stream, { name: producer, iid }, id);
  call.dirty++;
  return OK;
}

const MAX_DURATION = 86_400;
const MAX_SIZE = 10_000;

function within(text: ByteString, most: number, message: string): number {
  const value = numberArgument(text);
  if (value < 1 || value > most) throw new CommandError(`ERR ${message}`);
  return value;
}

function producersOf(stream: StreamObject): StreamProducers {
  stream.producers ??= new StreamProducers();
  return stream.producers;
}
