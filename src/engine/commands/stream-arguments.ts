/** What the commands on streams have in common: ids, the place of the stream, trims, groups and how entries are shown. */
import type { ByteString } from '../../bytes/byte-string.js';
import { isOption, numberArgument, parseInt64 } from '../arguments.js';
import type { Call } from '../call.js';
import { CommandError, type Reply } from '../reply.js';
import { isSince } from '../settings.js';
import type { References, StreamObject } from '../values/stream-object.js';
import type { StreamGroup } from '../values/stream-object-group.js';
import {
  type EntryId,
  FIRST_ID,
  formatId,
  idAfter,
  idBefore,
  LAST_ID,
  MAX_UINT64,
  parseId,
  type Uint64,
} from '../values/stream-object-id.js';
import type { StreamConsumer } from '../values/stream-object-pending.js';
import type { FoundEntry } from '../values/stream-object-range.js';
import type { Trim } from '../values/stream-object-trim.js';

/** As {@link parseId}. Throws "Invalid stream ID". */
export function idArgument(text: ByteString | undefined, missingSeq: Uint64 = 0): EntryId {
  const id = text === undefined ? undefined : parseId(text, missingSeq);
  if (id === undefined) throw invalidId();
  return id;
}

export function invalidId(): CommandError {
  return new CommandError('ERR Invalid stream ID specified as stream command argument');
}

/** The begin of an interval: `-`, `+`, or an id, behind a `(` where it is left out (6.2). */
export function intervalStart(call: Call, text: ByteString): EntryId {
  if (!isLeftOut(call, text)) return limitArgument(text, 0);
  const id = idAfter(idArgument(text.slice(1)));
  if (id === undefined) throw new CommandError('ERR invalid start ID for the interval');
  return id;
}

/** As {@link intervalStart}, the end. */
export function intervalEnd(call: Call, text: ByteString): EntryId {
  if (!isLeftOut(call, text)) return limitArgument(text, MAX_UINT64);
  const id = idBefore(idArgument(text.slice(1), MAX_UINT64));
  if (id === undefined) throw new CommandError('ERR invalid end ID for the interval');
  return id;
}

function isLeftOut({ engine }: Call, text: ByteString): boolean {
  return text.startsWith('(') && text.length > 1 && isSince(engine.settings.target, { redis: '6.2', valkey: '7.2' });
}

/** An id, or the first or the last that there can be. */
export function limitArgument(text: ByteString, missingSeq: Uint64 = 0): EntryId {
  if (text === '-') return FIRST_ID;
  return text === '+' ? LAST_ID : idArgument(text, missingSeq);
}

/** Throws "value is not an integer", or `message`. */
export function numberOr(text: ByteString | undefined, message: string): number {
  if (text === undefined || parseInt64(text) === undefined) throw new CommandError(message);
  return numberArgument(text);
}

/** The stream at a key. Throws WRONGTYPE. */
export function streamAt({ db }: Call, key: ByteString): StreamObject | undefined {
  return db.getObject(key, 'stream');
}

/** The stream and the group at `args[1]` and `args[2]`, for commands that need both. Throws NOGROUP. */
export function groupToChange(call: Call): { readonly stream: StreamObject; readonly group: StreamGroup } {
  const { args } = call;
  const stream = streamAt(call, args[1]!);
  const group = stream?.groups.get(args[2]!);
  if (stream === undefined || group === undefined) throw noGroup(args[1]!, args[2]!);
  return { stream, group };
}

function noGroup(key: ByteString, group: ByteString): CommandError {
  return new CommandError(`NOGROUP No such key '${shown(key)}' or consumer group '${shown(group)}'`);
}

/** As servers put an argument into the text of an error: up to a zero byte. */
export function shown(text: ByteString): ByteString {
  return text.split('\0', 1)[0]!;
}

/** An entry as commands reply it; undefined where it is gone. */
export function entryReply(stream: StreamObject, id: EntryId): Reply | undefined {
  const fields = stream.fieldsOf(id);
  return fields && [formatId(id), fields];
}

export function entryReplies(entries: readonly FoundEntry[]): Reply[] {
  return entries.map(({ id, fields }) => [formatId(id), fields]);
}

export function subcommandError(args: readonly ByteString[]): CommandError {
  const name = shown(args[1]!).slice(0, 128);
  return new CommandError(
    `ERR unknown subcommand or wrong number of arguments for '${name}'. Try ${args[0]!.toUpperCase()} HELP.`,
  );
}

/** The word as what becomes of references (8.2); undefined for others. */
export function referencesOption(text: ByteString | undefined): References | undefined {
  for (const option of REFERENCES) if (isOption(text, option)) return option;
  return undefined;
}

const REFERENCES: readonly References[] = ['KEEPREF', 'DELREF', 'ACKED'];

/** Options of XADD and XTRIM as they are read, one after the other. */
export class TrimOptions {
  private maxLength: number | undefined;
  private minId: EntryId | undefined;
  private isExact = true;
  /** Index of the `~`. */
  private roughAt = -1;
  private limit: number | undefined;
  private references: References | undefined;
  private readonly hasReferences: boolean;

  constructor({ engine }: Call) {
    this.hasReferences = engine.isLoading || isSince(engine.settings.target, { redis: '8.2', valkey: '9.2' });
  }

  /** Reads the option at `args[at]` and returns the index behind it; −1 where it is none of a trim. */
  read(args: readonly ByteString[], at: number): number {
    const option = args[at]!.toUpperCase();
    const isLast = at + 1 >= args.length;
    if ((option === 'MAXLEN' || option === 'MINID') && !isLast) return this.readThreshold(args, at, option);
    if (option === 'LIMIT' && !isLast) {
      this.limit = numberArgument(args[at + 1]);
      if (this.limit < 0) throw new CommandError('ERR The LIMIT argument must be >= 0.');
      return at + 2;
    }
    const references = this.hasReferences && this.references === undefined ? referencesOption(option) : undefined;
    if (references === undefined) return -1;
    this.references = references;
    return at + 1;
  }

  private readThreshold(args: readonly ByteString[], at: number, option: string): number {
    if (this.hasThreshold)
      throw new CommandError('ERR syntax error, MAXLEN and MINID options at the same time are not compatible');
    let next = at + 1;
    if (at + 2 < args.length && (args[next] === '~' || args[next] === '=')) {
      this.isExact = args[next] === '=';
      if (!this.isExact) this.roughAt = next;
      next++;
    }
    if (option === 'MINID') {
      this.minId = idArgument(args[next]);
      return next + 1;
    }
    this.maxLength = numberArgument(args[next]);
    if (this.maxLength < 0) throw new CommandError('ERR The MAXLEN argument must be >= 0.');
    return next + 1;
  }

  get hasThreshold(): boolean {
    return this.maxLength !== undefined || this.minId !== undefined;
  }

  /**
   * The command with what has come of `~`, for the log: the stream is to be trimmed alike wherever it is replayed. Undefined
   * where it stands as it was sent.
   */
  settled({ args, engine }: Call, stream: StreamObject): ByteString[] | undefined {
    const { roughAt } = this;
    if (roughAt < 0) return undefined;
    const settled = [...args];
    settled[roughAt] = '=';
    settled[roughAt + 1] = this.minId === undefined ? String(stream.length) : formatId(lowestId(engine, stream));
    return settled;
  }

  /**
   * All of it, once the arguments are read. Logs have limits in places where no client may put them, and have to be replayed
   * without (aof-format.md §7).
   */
  done({ engine }: Call, isTrimCommand: boolean): Trim | undefined {
    const { hasThreshold, isExact, limit } = this;
    if (limit !== undefined && limit > 0 && !hasThreshold)
      throw new CommandError('ERR syntax error, LIMIT cannot be used without specifying a trimming strategy');
    if (!hasThreshold && isTrimCommand)
      throw new CommandError('ERR syntax error, XTRIM must be called with a trimming strategy');
    if (limit !== undefined && isExact && !engine.isLoading)
      throw new CommandError('ERR syntax error, LIMIT cannot be used without the special ~ option');
    if (!hasThreshold) return undefined;
    const most = engine.isLoading || isExact ? 0 : (limit ?? usualLimit(engine.settings.encoding.streamNodeMaxEntries));
    const references = this.references ?? 'KEEPREF';
    // Where references matter, servers look at every entry anyway.
    const cutsNodes = isExact || references !== 'KEEPREF';
    return { maxLength: this.maxLength, minId: this.minId, isExact: cutsNodes, limit: most, references };
  }
}

/** As of 7.0 servers take an entry that is deleted for the first one, as long as its node is there. */
function lowestId({ settings }: Call['engine'], stream: StreamObject): EntryId {
  const knowsDeleted = isSince(settings.target, { redis: '7.0', valkey: '7.2' });
  const [node] = knowsDeleted ? stream.allNodes : stream.nodes;
  if (node === undefined) return LAST_ID;
  return knowsDeleted ? node.bottom : node.first;
}

/** How many entries go at once where the client does not say: a hundred nodes full. */
function usualLimit(nodeEntries: number): number {
  const limit = nodeEntries * 100;
  return limit <= 0 ? 10_000 : Math.min(limit, 1_000_000);
}

/** `IDS numids id [id ...]` at `args[at]`: the texts of the ids, and the index behind. Throws what servers answer. */
export function idsArgument(
  args: readonly ByteString[],
  at: number,
): { readonly ids: readonly ByteString[]; readonly next: number } {
  const count = parseInt64(args[at + 1] ?? '');
  if (count === undefined || count < 1 || count > 0x7fffffff)
    throw new CommandError('ERR Number of IDs must be a positive integer');
  const next = at + 2 + Number(count);
  if (next > args.length) throw new CommandError('ERR The `numids` parameter must match the number of arguments');
  return { ids: args.slice(at + 2, next), next };
}

/** The consumer of this name, made where there is none. */
export function consumerAt(call: Call, key: ByteString, group: StreamGroup, name: ByteString): StreamConsumer {
  const existing = group.consumers.get(name);
  if (existing !== undefined) return existing;
  const consumer = group.consumerToUse(name, call.nowMs);
  if (isSince(call.engine.settings.target, { redis: '7.0', valkey: '7.2' })) {
    call.dirty++;
    call.notify('t', 'xgroup-createconsumer', key);
  }
  return consumer;
}

/** Whether the server makes a consumer as soon as somebody names it, and not when it gets something. */
export function makesConsumersEarly({ engine }: Call): boolean {
  return isSince(engine.settings.target, { redis: '7.2', valkey: '7.2' });
}
