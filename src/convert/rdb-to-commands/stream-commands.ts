/**
 * Streams (aof-format.md §6): `XADD` per entry, or one that leaves nothing for an empty stream; `XSETID`; per group
 * `XGROUP CREATE`, then per consumer its pending entries as `XCLAIM`, or `XGROUP CREATECONSUMER` where it has none; entries
 * that nobody owns as `XNACK`; `XCFGSET` and `XIDMPRECORD` for idempotent producers.
 *
 * As in a server's own rewrite, times at which consumers were seen have no command, and servers from 7.0 on drop pending
 * entries that are no longer in the stream when they read their `XCLAIM`.
 */
import type { Slice } from '../../bytes/slice.js';
import type { CommandArgument, CommandWriter } from '../../codecs/resp.js';
import type { StreamIdSlot } from '../../codecs/stream-id.js';
import type { StreamGroup, StreamId, StreamIdmp, StreamPending, StreamState } from '../../rdb/model.js';
import { entriesReadAnew } from '../../rdb/types/stream-groups.js';
import { adaptStreamState } from '../adapt-stream.js';
import type { StreamForms } from './forms.js';
import { commandName, ValueCommands } from './value-commands.js';

const XADD = commandName('XADD');
/** Entries in one `XNACK`. */
const MAX_NACKS = 64;
const DEFAULT_IDMP_DURATION = 100;
const DEFAULT_IDMP_ENTRIES = 100;
const ZERO: StreamId = { ms: 0n, seq: 0n };

export class StreamCommands extends ValueCommands {
  private entries = 0;
  private readonly first = { ms: 0n, seq: 0n };

  constructor(
    writer: CommandWriter,
    private readonly forms: StreamForms,
  ) {
    super(writer);
  }

  override begin(...args: Parameters<ValueCommands['begin']>): void {
    super.begin(...args);
    this.entries = 0;
  }

  override streamEntry(id: StreamIdSlot, fieldCount: number): void {
    const { writer, key, first } = this;
    if (this.entries++ === 0) {
      first.ms = id.ms.unsigned();
      first.seq = id.seq.unsigned();
    }
    // Its fields are decoded one by one, and may turn out to be damaged.
    writer.out.reserve(1);
    writer.hold();
    writer.start(3 + 2 * fieldCount);
    writer.encoded(XADD);
    writer.encoded(key.bytes, key.end);
    writer.streamId(id);
  }

  override streamField(field: Slice, value: Slice): void {
    this.writer.slice(field);
    this.writer.slice(value);
  }

  override streamEntryEnd(): void {
    this.writer.release();
  }

  override streamState(original: StreamState): void {
    const { forms, entries } = this;
    const { state, losses } = sayableState(original, forms);
    this.lost.push(...losses);
    if (entries === 0) this.writeEmpty(state);
    const added = state.entriesAdded ?? BigInt(entries);
    this.writeLastId(state, added);
    for (const group of state.groups) this.writeGroup(group, state, added);
    if (forms.idempotency && state.idmp !== undefined) this.writeIdempotency(state.idmp);
  }

  /** 5.0 and 6.0 take the last id for the entry, and so lose a stream whose last id is 0-0; `0-1` does for them, too. */
  private writeEmpty({ lastId }: StreamState): void {
    const isLast = this.forms.emptyId === 'last' && !isZero(lastId);
    this.keyCommand('XADD', 'MAXLEN', '0', isLast ? idText(lastId) : '0-1', 'x', 'y');
  }

  private writeLastId(state: StreamState, added: bigint): void {
    const lastId = idText(state.lastId);
    if (this.forms.counters) {
      const deleted = idText(state.maxDeletedId ?? ZERO);
      this.keyCommand('XSETID', lastId, 'ENTRIESADDED', added, 'MAXDELETEDID', deleted);
    } else this.keyCommand('XSETID', lastId);
  }

  private writeGroup(group: StreamGroup, state: StreamState, added: bigint): void {
    const { name, pending, consumers } = group;
    const head = [name, idText(group.lastId)] as const;
    if (this.forms.counters) {
      const read =
        group.entriesRead ??
        entriesReadAnew(group.lastId, { ...state, firstId: this.entries > 0 ? this.first : ZERO, entriesAdded: added });
      this.groupCommand('CREATE', ...head, 'ENTRIESREAD', read);
    } else this.groupCommand('CREATE', ...head);
    const owned = byOwner(pending);
    for (const consumer of consumers) {
      const entries = owned.get(byteText.decode(consumer.name));
      if (entries === undefined) {
        if (this.forms.consumers) this.groupCommand('CREATECONSUMER', name, consumer.name);
      } else for (const entry of entries) this.writePending(name, consumer.name, entry);
    }
    if (this.forms.nacks) this.writeNacked(group);
  }

  private writePending(group: Uint8Array, consumer: Uint8Array, entry: StreamPending): void {
    const id = idText(entry.id);
    const { deliveredAtMs, deliveries } = entry;
    this.keyCommand(
      'XCLAIM',
      group,
      consumer,
      '0',
      id,
      'TIME',
      deliveredAtMs,
      'RETRYCOUNT',
      deliveries,
      'JUSTID',
      'FORCE',
    );
  }

  /** Runs of as many deliveries. */
  private writeNacked({ name, nacked = [], pending }: StreamGroup): void {
    const deliveries = new Map(pending.map((entry) => [idText(entry.id), entry.deliveries]));
    let run: string[] = [];
    let count = 0n;
    const write = (): void => {
      if (run.length > 0)
        this.keyCommand('XNACK', name, 'FAIL', 'IDS', run.length, ...run, 'RETRYCOUNT', count, 'FORCE');
      run = [];
    };
    for (const nack of nacked) {
      const id = idText(nack);
      const delivered = deliveries.get(id) ?? 0n;
      if (delivered !== count || run.length === MAX_NACKS) write();
      count = delivered;
      run.push(id);
    }
    write();
  }

  private writeIdempotency({ durationSeconds, maxEntries, producers }: StreamIdmp): void {
    if (durationSeconds !== DEFAULT_IDMP_DURATION || maxEntries !== DEFAULT_IDMP_ENTRIES)
      this.keyCommand('XCFGSET', 'IDMP-DURATION', durationSeconds, 'IDMP-MAXSIZE', maxEntries);
    for (const { id, entries } of producers)
      for (const entry of entries) this.keyCommand('XIDMPRECORD', id, entry.iid, idText(entry.id));
  }

  private groupCommand(verb: string, ...args: readonly CommandArgument[]): void {
    const { writer, key } = this;
    writer.start(3 + args.length);
    writer.arguments('XGROUP', verb);
    writer.encoded(key.bytes, key.end);
    writer.arguments(...args);
  }

  private keyCommand(name: string, ...args: readonly CommandArgument[]): void {
    const { writer, key } = this;
    writer.start(2 + args.length);
    writer.arguments(name);
    writer.encoded(key.bytes, key.end);
    writer.arguments(...args);
  }
}

/** A stream's state as these commands can say it; what they cannot say is among the losses. */
export function sayableState(state: StreamState, forms: StreamForms): ReturnType<typeof adaptStreamState> {
  const { state: adapted, losses } = adaptStreamState(
    state,
    forms.version,
    state.length > 0 ? state.firstId : undefined,
  );
  // No server's commands say when a consumer was seen.
  return { state: adapted, losses: losses.filter(({ what }) => what !== 'stream-activity') };
}

/** Only the losses of a stream: for a first look, before a command has been written. */
export class StreamScan extends ValueCommands {
  constructor(
    writer: CommandWriter,
    private readonly forms: StreamForms,
  ) {
    super(writer);
  }

  override streamState(state: StreamState): void {
    this.lost.push(...sayableState(state, this.forms).losses);
  }
}

/** One character per byte: a faithful key of a map. */
const byteText = new TextDecoder('latin1');

function byOwner(pending: readonly StreamPending[]): Map<string, StreamPending[]> {
  const owned = new Map<string, StreamPending[]>();
  for (const entry of pending) {
    if (entry.consumer === undefined) continue;
    const name = byteText.decode(entry.consumer);
    const list = owned.get(name);
    if (list === undefined) owned.set(name, [entry]);
    else list.push(entry);
  }
  return owned;
}

function idText({ ms, seq }: StreamId): string {
  return `${ms}-${seq}`;
}

function isZero({ ms, seq }: StreamId): boolean {
  return ms === 0n && seq === 0n;
}
