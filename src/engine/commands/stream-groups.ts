/** Consumer groups: making, moving and removing them and their consumers; acknowledging. */
import type { ByteString } from '../../bytes/byte-string.js';
import { integerArgument } from '../arguments.js';
import type { Call, CommandTable } from '../call.js';
import { CommandError, OK, type Reply } from '../reply.js';
import { isSince } from '../settings.js';
import { StreamObject } from '../values/stream-object.js';
import { StreamGroup, UNKNOWN_READ } from '../values/stream-object-group.js';
import { FIRST_ID, type Uint64 } from '../values/stream-object-id.js';
import { StreamConsumer } from '../values/stream-object-pending.js';
import { idArgument, limitArgument, shown, streamAt, subcommandError } from './stream-arguments.js';

export const STREAM_GROUP_COMMANDS: CommandTable = {
  'XGROUP CREATE': xgroupCreate,
  'XGROUP SETID': xgroupSetid,
  'XGROUP DESTROY': xgroupDestroy,
  'XGROUP CREATECONSUMER': xgroupCreateconsumer,
  'XGROUP DELCONSUMER': xgroupDelconsumer,
  XACK: xack,
};

/** XGROUP CREATE key group <id | $> [MKSTREAM] [ENTRIESREAD entries-read] */
function xgroupCreate(call: Call): Reply {
  const { args, db } = call;
  const { isMaking, entriesRead } = groupOptions(args, true);
  const existing = streamAt(call, args[2]!);
  if (existing === undefined && !isMaking) throw keyMissing();
  const text = args[4]!;
  const id = text === '$' ? (existing?.lastId ?? FIRST_ID) : idArgument(text);
  const name = args[3]!;
  const stream = existing ?? new StreamObject();
  if (stream.groups.has(name)) throw new CommandError('BUSYGROUP Consumer Group name already exists');
  if (existing === undefined) {
    db.set(args[2]!, stream);
    call.touched(args[2]!);
  }
  stream.groups.set(name, new StreamGroup(name, id, possibleRead(call, stream, entriesRead)));
  call.dirty++;
  call.notify('t', 'xgroup-create', args[2]!);
  return OK;
}

/** XGROUP SETID key group <id | $> [ENTRIESREAD entries-read] */
function xgroupSetid(call: Call): Reply {
  const { args } = call;
  const { entriesRead } = groupOptions(args, false);
  const { stream, group } = existingGroup(call);
  const text = args[4]!;
  group.lastId = text === '$' ? stream.lastId : limitArgument(text);
  group.entriesRead = possibleRead(call, stream, entriesRead);
  call.dirty++;
  call.notify('t', 'xgroup-setid', args[2]!);
  return OK;
}

/** XGROUP DESTROY key group */
function xgroupDestroy(call: Call): Reply {
  const { args } = call;
  const stream = streamAt(call, args[2]!);
  if (stream === undefined) throw keyMissing();
  if (!stream.groups.delete(args[3]!)) return 0;
  call.dirty++;
  call.notify('t', 'xgroup-destroy', args[2]!);
  call.ready(args[2]!);
  return 1;
}

/** XGROUP CREATECONSUMER key group consumer */
function xgroupCreateconsumer(call: Call): Reply {
  const { args, nowMs } = call;
  const { group } = existingGroup(call);
  const name = args[4]!;
  if (group.consumers.has(name)) return 0;
  group.consumers.set(name, new StreamConsumer(name, nowMs, -1));
  call.dirty++;
  call.notify('t', 'xgroup-createconsumer', args[2]!);
  return 1;
}

/** XGROUP DELCONSUMER key group consumer */
function xgroupDelconsumer(call: Call): Reply {
  const { group } = existingGroup(call);
  const consumer = group.consumers.get(call.args[4]!);
  if (consumer === undefined) return 0;
  const pending = consumer.pending.size;
  group.removeConsumer(consumer);
  call.dirty++;
  call.notify('t', 'xgroup-delconsumer', call.args[2]!);
  return pending;
}

/** XACK key group id [id ...] */
function xack(call: Call): Reply {
  const { args } = call;
  const group = streamAt(call, args[1]!)?.groups.get(args[2]!);
  if (group === undefined) return 0;
  const ids = args.slice(3).map((id) => idArgument(id));
  let acknowledged = 0;
  for (const id of ids) if (group.removePending(id)) acknowledged++;
  call.dirty += acknowledged;
  return acknowledged;
}

interface GroupOptions {
  readonly isMaking: boolean;
  readonly entriesRead: Uint64;
}

function groupOptions(args: readonly ByteString[], isCreate: boolean): GroupOptions {
  let isMaking = false;
  let entriesRead: number | bigint = UNKNOWN_READ;
  for (let at = 5; at < args.length; at++) {
    const option = args[at]!.toUpperCase();
    if (isCreate && option === 'MKSTREAM') {
      isMaking = true;
    } else if (option === 'ENTRIESREAD' && at + 1 < args.length) {
      at++;
      entriesRead = integerArgument(args[at]);
      if (entriesRead < 0 && entriesRead !== UNKNOWN_READ)
        throw new CommandError('ERR value for ENTRIESREAD must be positive or -1');
    } else {
      throw subcommandError(args);
    }
  }
  if (args.length > (isCreate ? 8 : 7)) throw subcommandError(args);
  return { isMaking, entriesRead };
}

/** Newer servers let no group have read more than there ever was. */
function possibleRead({ engine }: Call, { entriesAdded }: StreamObject, entriesRead: Uint64): Uint64 {
  return entriesRead > entriesAdded && isSince(engine.settings.target, { redis: '8.6' }) ? entriesAdded : entriesRead;
}

function existingGroup(call: Call): { readonly stream: StreamObject; readonly group: StreamGroup } {
  const { args } = call;
  const stream = streamAt(call, args[2]!);
  if (stream === undefined) throw keyMissing();
  const group = stream.groups.get(args[3]!);
  if (group === undefined)
    throw new CommandError(`NOGROUP No such consumer group '${shown(args[3]!)}' for key name '${shown(args[2]!)}'`);
  return { stream, group };
}

function keyMissing(): CommandError {
  return new CommandError(
    'ERR The XGROUP subcommand requires the key to exist. Note that for CREATE you may want to use the MKSTREAM option ' +
      'to create an empty stream automatically.',
  );
}
