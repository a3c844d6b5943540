/** Deleting, acknowledging and giving back entries of groups, with an answer for each (8.2, 8.8). */
import type { ByteString } from '../../bytes/byte-string.js';
import { integerArgument, isOption, toNumber } from '../arguments.js';
import type { Call, CommandTable } from '../call.js';
import { CommandError, type Reply, syntaxError } from '../reply.js';
import type { References, StreamObject } from '../values/stream-object.js';
import type { StreamGroup } from '../values/stream-object-group.js';
import type { EntryId } from '../values/stream-object-id.js';
import { groupToChange, idArgument, idsArgument, referencesOption, streamAt } from './stream-arguments.js';

export const STREAM_DELETE_COMMANDS: CommandTable = { XDELEX: xdelex, XACKDEL: xackdel, XNACK: xnack };

const GONE = 1;
const MISSING = -1;
/** Others still need it. */
const KEPT = 2;

/** XDELEX key [KEEPREF | DELREF | ACKED] IDS numids id [id ...] */
function xdelex(call: Call): Reply {
  const stream = streamAt(call, call.args[1]!);
  const { ids, references } = deleteOptions(call.args, 2);
  if (stream === undefined) return ids.map(() => MISSING);
  const outcomes = ids.map((id) => idArgument(id)).map((id) => deleteOne(stream, id, references));
  const deleted = outcomes.filter((outcome) => outcome === GONE).length;
  call.dirty += deleted;
  if (deleted > 0) call.changed(call.args[1]!, 't', 'xdel');
  return outcomes;
}

/** XACKDEL key group [KEEPREF | DELREF | ACKED] IDS numids id [id ...] */
function xackdel(call: Call): Reply {
  const stream = streamAt(call, call.args[1]!);
  const { ids, references } = deleteOptions(call.args, 3);
  const group = stream?.groups.get(call.args[2]!);
  if (stream === undefined || group === undefined) return ids.map(() => MISSING);
  const { length } = stream;
  const outcomes = ids
    .map((id) => idArgument(id))
    .map((id) => {
      if (!group.removePending(id)) return MISSING;
      call.dirty++;
      return deleteOne(stream, id, references) === KEPT ? KEPT : GONE;
    });
  if (stream.length < length) call.changed(call.args[1]!, 't', 'xdel');
  return outcomes;
}

/** XNACK key group <SILENT | FAIL | FATAL> IDS numids id [id ...] [RETRYCOUNT count] [FORCE] */
function xnack(call: Call): Reply {
  const { args } = call;
  const { stream, group } = groupToChange(call);
  const options = nackOptions(args);
  let released = 0;
  for (const id of options.ids) if (nackOne(call, stream, group, id, options)) released++;
  call.dirty += released;
  return released;
}

type NackMode = 'SILENT' | 'FAIL' | 'FATAL';
const NACK_MODES: readonly NackMode[] = ['SILENT', 'FAIL', 'FATAL'];
/** What FATAL sets. */
const MOST_DELIVERIES = 2n ** 63n - 1n;

interface NackOptions {
  readonly ids: readonly EntryId[];
  readonly mode: NackMode;
  readonly deliveries: number | bigint | undefined;
  readonly isForced: boolean;
}

function deleteOne(stream: StreamObject, id: EntryId, references: References): number {
  if (references === 'ACKED' && stream.isReferenced(id)) return KEPT;
  if (references === 'DELREF') stream.removeReferences(id);
  if (!stream.has(id)) return MISSING;
  stream.delete(id);
  return GONE;
}

function nackOne(
  { nowMs }: Call,
  stream: StreamObject,
  group: StreamGroup,
  id: EntryId,
  { mode, deliveries, isForced }: NackOptions,
): boolean {
  let entry = group.pending.find(id);
  if (entry === undefined) {
    if (!isForced || !stream.has(id)) return false;
    entry = group.addPending(id, undefined, nowMs, 0);
  } else if (mode === 'SILENT' && deliveries === undefined && entry.deliveries > 0) {
    entry.deliveries = toNumber(BigInt(entry.deliveries) - 1n);
  }
  if (deliveries !== undefined) entry.deliveries = deliveries;
  else if (mode === 'FATAL') entry.deliveries = MOST_DELIVERIES;
  group.give(entry, undefined);
  entry.deliveredAtMs = 0;
  group.nacked.delete(entry);
  group.nacked.add(entry);
  return true;
}

function deleteOptions(
  args: readonly ByteString[],
  from: number,
): { readonly ids: readonly ByteString[]; readonly references: References } {
  let references: References | undefined;
  let ids: readonly ByteString[] | undefined;
  for (let at = from; at < args.length; ) {
    const option = referencesOption(args[at]);
    if (option !== undefined && references === undefined) {
      references = option;
      at++;
    } else if (isOption(args[at], 'IDS') && at + 2 < args.length) {
      const found = idsArgument(args, at);
      ids = found.ids;
      at = found.next;
    } else {
      throw syntaxError();
    }
  }
  if (ids === undefined) throw syntaxError();
  return { ids, references: references ?? 'KEEPREF' };
}

function nackOptions(args: readonly ByteString[]): NackOptions {
  const mode = NACK_MODES.find((word) => isOption(args[3], word));
  if (mode === undefined || !isOption(args[4], 'IDS')) throw syntaxError();
  const { ids, next } = idsArgument(args, 4);
  let deliveries: number | bigint | undefined;
  let isForced = false;
  for (let at = next; at < args.length; at++) {
    if (isOption(args[at], 'FORCE')) {
      isForced = true;
    } else if (isOption(args[at], 'RETRYCOUNT') && at + 1 < args.length) {
      at++;
      deliveries = integerArgument(args[at]);
      if (deliveries < 0) throw new CommandError('ERR RETRYCOUNT must be >= 0');
    } else {
      throw syntaxError();
    }
  }
  return { ids: ids.map((id) => idArgument(id)), mode, deliveries, isForced };
}
