/** Gathers what a value's reader reports into one {@link RdbValue}, or into pieces of one. */
import { Arena } from '../bytes/arena.js';
import { assertNever } from '../bytes/errors.js';
import { Int64 } from '../bytes/int64.js';
import type { Slice } from '../bytes/slice.js';
import type { StreamIdSlot } from '../codecs/stream-id.js';
import type {
  HashField,
  ListValue,
  ModuleItem,
  PathFields,
  RdbValue,
  StreamEntry,
  StreamState,
  ValueEncoding,
  ValueType,
  ZsetMember,
} from './model.js';
import type { ValueSink } from './types/type-codec.js';
import { decodeVectorSet, VECTORSET_MODULE } from './vectorset.js';

export class ValueBuilder implements ValueSink {
  /** Set by {@link begin}; the codec's word for the type. */
  private type: ValueType = 'string';
  private encoding: ValueEncoding = 'raw';
  private readonly arena = new Arena();
  private bytes: Uint8Array = new Uint8Array(0);
  private items: Uint8Array[] = [];
  private members: ZsetMember[] = [];
  private fields: HashField[] = [];
  private entries: StreamEntry[] = [];
  private state: StreamState | undefined;
  private module = '';
  private moduleVersion = 0;
  private moduleItems: ModuleItem[] = [];
  private insertIndex: bigint | undefined;
  private elements: { index: bigint; value: Uint8Array }[] = [];
  private paths: PathFields[] = [];
  /** The path whose fields come. */
  private path: Uint8Array = new Uint8Array(0);
  private cron = { startMs: 0, intervalMs: 0, keys: 0 };
  private onSaturated: () => void = () => undefined;

  /** `onSaturated` hears of times beyond ±2^53 ms. */
  begin(type: ValueType, encoding: ValueEncoding, onSaturated: () => void): void {
    this.type = type;
    this.encoding = encoding;
    this.onSaturated = onSaturated;
    this.state = undefined;
    this.insertIndex = undefined;
    // A piece may be taken before the value's head has come: it must not have that of an earlier value.
    this.module = '';
    this.moduleVersion = 0;
    if (type === 'cron') this.cron = { startMs: 0, intervalMs: 0, keys: 0 };
  }

  copy(slice: Slice): Uint8Array {
    return this.arena.copy(slice.bytes, slice.start, slice.end);
  }

  /** What has come since {@link begin} or the last call; the builder lets go of it. */
  take(): RdbValue {
    const value = this.assemble();
    this.bytes = new Uint8Array(0);
    this.items = [];
    this.members = [];
    this.fields = [];
    this.entries = [];
    this.moduleItems = [];
    this.elements = [];
    this.paths = [];
    return value;
  }

  string(value: Slice): void {
    this.bytes = this.copy(value);
  }

  listItem(item: Slice): void {
    this.items.push(this.copy(item));
  }

  setMember(member: Slice): void {
    this.items.push(this.copy(member));
  }

  zsetMember(member: Slice, score: number): void {
    this.members.push({ member: this.copy(member), score });
  }

  hashField(field: Slice, value: Slice, expireAt: Int64 | undefined): void {
    // A path that began in an earlier piece goes on in this one.
    if (this.type === 'pathhash' && this.paths.length === 0) this.paths.push({ path: this.path, fields: this.fields });
    const copied = { field: this.copy(field), value: this.copy(value) };
    if (expireAt === undefined) this.fields.push(copied);
    else if (expireAt.isSafe()) this.fields.push({ ...copied, expireAtMs: expireAt.toNumber() });
    else this.fields.push({ ...copied, expireAtMs: this.time(expireAt), expireAt: Int64.copyOf(expireAt) });
  }

  streamEntry(id: StreamIdSlot): void {
    this.entries.push({ id: { ms: id.ms.unsigned(), seq: id.seq.unsigned() }, fields: [] });
  }

  streamField(field: Slice, value: Slice): void {
    this.entries[this.entries.length - 1]!.fields.push(this.copy(field), this.copy(value));
  }

  streamEntryEnd(): void {
    // The entry is complete as it is.
  }

  streamState(state: StreamState): void {
    this.state = state;
  }

  moduleStart(module: string, version: number): void {
    this.module = module;
    this.moduleVersion = version;
  }

  moduleInteger(kind: 'sint' | 'uint', value: Int64): void {
    this.moduleItems.push({ kind, value: kind === 'sint' ? value.signed() : value.unsigned() });
  }

  moduleNumber(kind: 'float' | 'double', value: number): void {
    this.moduleItems.push({ kind, value });
  }

  moduleString(value: Slice): void {
    this.moduleItems.push({ kind: 'string', value: this.copy(value) });
  }

  arrayStart(insertIndex: Int64 | undefined): void {
    this.insertIndex = insertIndex?.unsigned();
  }

  arrayElement(index: Int64, value: Slice): void {
    this.elements.push({ index: index.unsigned(), value: this.copy(value) });
  }

  pathStart(path: Slice): void {
    this.fields = [];
    this.path = this.copy(path);
    this.paths.push({ path: this.path, fields: this.fields });
  }

  cronStart(script: Slice, start: Int64, interval: Int64, keys: number): void {
    this.bytes = this.copy(script);
    this.cron = { startMs: this.time(start), intervalMs: this.time(interval), keys };
  }

  blob(): void {
    // A builder asks for elements, never for packed structures.
  }

  private assemble(): RdbValue {
    const { type, encoding, items } = this;
    switch (type) {
      case 'string':
        return { type, encoding, value: this.bytes };
      case 'list':
        return { type, encoding, items } satisfies ListValue;
      case 'set':
        return { type, encoding, members: items };
      case 'zset':
        return { type, encoding, members: this.members };
      case 'hash':
        return { type, encoding, fields: this.fields };
      case 'stream':
        return { type, encoding, entries: this.entries, state: this.state };
      case 'array':
        return {
          type,
          encoding,
          ...(this.insertIndex !== undefined && { insertIndex: this.insertIndex }),
          elements: this.elements,
        };
      case 'module':
        return this.assembleModule();
      case 'pathhash':
        return { type, encoding, paths: this.paths };
      case 'cron': {
        const { startMs, intervalMs, keys } = this.cron;
        // Names of keys that are not in this piece come in the next.
        this.cron.keys = Math.max(0, keys - items.length);
        return {
          type,
          encoding,
          script: this.bytes,
          startMs,
          intervalMs,
          keys: items.slice(0, keys),
          args: items.slice(keys),
        };
      }
      default:
        return assertNever(type);
    }
  }

  private assembleModule(): RdbValue {
    const decoded = this.module === VECTORSET_MODULE ? decodeVectorSet(this.moduleItems) : undefined;
    return {
      type: 'module',
      encoding: this.encoding,
      module: this.module,
      version: this.moduleVersion,
      items: this.moduleItems,
      ...(decoded && { decoded }),
    };
  }

  private time(at: Int64): number {
    if (!at.isSafe()) this.onSaturated();
    return at.toNumber();
  }
}
