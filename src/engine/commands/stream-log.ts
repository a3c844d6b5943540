/**
 * What reading and claiming for groups leaves in the log (aof-format.md §7): not the command, but what it has done, a line for
 * each entry, and where each group stands.
 */
import type { ByteString } from '../../bytes/byte-string.js';
import type { Call } from '../call.js';
import type { CommandLog, LogArgument } from '../command-log.js';
import { isSince } from '../settings.js';
import type { StreamGroup } from '../values/stream-object-group.js';
import { type EntryId, formatId } from '../values/stream-object-id.js';
import type { PendingEntry } from '../values/stream-object-pending.js';

/** Before that, several lines of one command are no transaction, and say nothing of counters. */
const AS_ONE_SINCE = { redis: '7.0', valkey: '7.2' } as const;

/** Where a line belongs. */
export interface GroupPlace {
  readonly key: ByteString;
  readonly group: StreamGroup;
}

export class GroupLog {
  private readonly lines: LogArgument[][] = [];
  private readonly areOne: boolean;

  private constructor(
    private readonly log: CommandLog,
    private readonly call: Call,
  ) {
    this.areOne = isSince(call.engine.settings.target, AS_ONE_SINCE);
  }

  /** For one command. Undefined where nobody keeps a log. */
  static of(call: Call): GroupLog | undefined {
    return call.log === undefined ? undefined : new GroupLog(call.log, call);
  }

  /** An entry has its owner, or had it and is dropped. `lastId`: of the group, as the line is to say. */
  claim(
    { key, group }: GroupPlace,
    id: ByteString,
    { consumer, deliveredAtMs, deliveries }: PendingEntry,
    lastId: EntryId,
  ): void {
    const times = ['TIME', deliveredAtMs, 'RETRYCOUNT', deliveries];
    const rest = ['FORCE', 'JUSTID', 'LASTID', formatId(lastId)];
    this.line(['XCLAIM', key, group.name, consumer?.name ?? '', 0, id, ...times, ...rest]);
  }

  /** The group has been moved. */
  lastId({ key, group }: GroupPlace): void {
    const counter = this.areOne ? ['ENTRIESREAD', group.entriesRead] : [];
    this.line(['XGROUP', 'SETID', key, group.name, formatId(group.lastId), ...counter]);
  }

  consumer({ key, group }: GroupPlace, name: ByteString): void {
    this.line(['XGROUP', 'CREATECONSUMER', key, group.name, name]);
  }

  /** The lines stand in place of the command. */
  end(): void {
    const [first, ...others] = this.lines;
    if (first === undefined) this.log.prevent();
    else this.log.replace(first, ...others);
  }

  private line(args: LogArgument[]): void {
    if (this.areOne) this.log.also(this.call.db.index, args);
    else this.lines.push(args);
  }
}
