/** What the commands of every data type have in common, and the types whose commands are simple. */
import type { Int64 } from '../../bytes/int64.js';
import type { Slice } from '../../bytes/slice.js';
import { type CommandWriter, encodeArgument } from '../../codecs/resp.js';
import type { StreamIdSlot } from '../../codecs/stream-id.js';
import type { StreamState } from '../../rdb/model.js';
import type { ValueSink } from '../../rdb/types/type-codec.js';
import type { PartLoss } from '../adapt-hash.js';
import { CommandBatch, type KeyArgument } from './batch.js';
import { ScoreText } from './score-text.js';

/** The sink that turns one value after another into commands. */
export abstract class ValueCommands implements ValueSink {
  protected key!: KeyArgument;
  /** What was left out of the value since {@link begin}. */
  readonly lost: PartLoss[] = [];

  constructor(protected readonly writer: CommandWriter) {}

  /**
   * Before the value of `key`. `isLarge`: it is streamed, and so comes once. `hasFieldExpiry`: its type records expiries
   * of fields.
   */
  begin(key: KeyArgument, _isLarge: boolean, _hasFieldExpiry: boolean): void {
    this.key = key;
    this.lost.length = 0;
  }

  /** After the value: true where it has to come once more. */
  end(): boolean {
    return false;
  }

  string(_value: Slice): void {}
  listItem(_item: Slice): void {}
  setMember(_member: Slice): void {}
  zsetMember(_member: Slice, _score: number): void {}
  hashField(_field: Slice, _value: Slice, _expireAt: Int64 | undefined): void {}
  streamEntry(_id: StreamIdSlot, _fieldCount: number): void {}
  streamField(_field: Slice, _value: Slice): void {}
  streamEntryEnd(): void {}
  streamState(_state: StreamState): void {}
  moduleStart(_module: string, _version: number): void {}
  moduleInteger(_kind: 'sint' | 'uint', _value: Int64): void {}
  moduleNumber(_kind: 'float' | 'double', _value: number): void {}
  moduleString(_value: Slice): void {}
  arrayStart(_insertIndex: Int64 | undefined): void {}
  arrayElement(_index: Int64, _value: Slice): void {}
  pathStart(_path: Slice): void {}
  cronStart(_script: Slice, _start: Int64, _interval: Int64, _keys: number): void {}
  blob(_packed: Slice): void {}
  raw(_chunk: Slice): void {}
}

/** `SET key value [NX] [PXAT ms]` */
export class StringCommands extends ValueCommands {
  /** A key that is there is left as it is. */
  keeps = false;
  /** For PXAT, Unix ms. */
  expireAt: Int64 | undefined;

  override string(value: Slice): void {
    const { writer, key, keeps, expireAt } = this;
    writer.start(3 + (keeps ? 1 : 0) + (expireAt === undefined ? 0 : 2));
    writer.encoded(SET);
    writer.encoded(key.bytes, key.end);
    writer.slice(value);
    if (keeps) writer.encoded(NX);
    if (expireAt === undefined) return;
    writer.encoded(PXAT);
    writer.int64(expireAt);
  }
}

/** `RPUSH key e…`, `SADD key m…` */
export class SequenceCommands extends ValueCommands {
  private readonly batch: CommandBatch;

  constructor(writer: CommandWriter, command: 'RPUSH' | 'SADD', batchItems: number) {
    super(writer);
    this.batch = new CommandBatch(writer, command, 1, batchItems);
  }

  override begin(...args: Parameters<ValueCommands['begin']>): void {
    super.begin(...args);
    this.batch.begin(this.key);
  }

  override listItem(item: Slice): void {
    this.batch.item(item.length);
    this.writer.slice(item);
    this.batch.itemEnd();
  }

  override setMember(member: Slice): void {
    this.listItem(member);
  }

  override end(): boolean {
    this.batch.end();
    return false;
  }
}

/** `ZADD key score member…`, in the order of the file: that of the server's own rewrite as well. */
export class ZsetCommands extends ValueCommands {
  private readonly batch: CommandBatch;
  private readonly score: ScoreText;

  constructor(writer: CommandWriter, batchItems: number, score: ConstructorParameters<typeof ScoreText>[0]) {
    super(writer);
    this.batch = new CommandBatch(writer, 'ZADD', 2, batchItems);
    this.score = new ScoreText(score);
  }

  override begin(...args: Parameters<ValueCommands['begin']>): void {
    super.begin(...args);
    this.batch.begin(this.key);
  }

  override zsetMember(member: Slice, score: number): void {
    const { batch, writer } = this;
    batch.item(member.length);
    const size = this.score.format(score);
    writer.argument(this.score.bytes, 0, size);
    writer.slice(member);
    batch.itemEnd();
  }

  override end(): boolean {
    this.batch.end();
    return false;
  }
}

/** `ARMSET key index value…`, then `ARSEEK key insertIndex+1` where there is an insert cursor. */
export class ArrayCommands extends ValueCommands {
  private readonly batch: CommandBatch;
  private insertIndex: bigint | undefined;

  constructor(writer: CommandWriter, batchItems: number) {
    super(writer);
    this.batch = new CommandBatch(writer, 'ARMSET', 2, batchItems / 2);
  }

  override begin(...args: Parameters<ValueCommands['begin']>): void {
    super.begin(...args);
    this.batch.begin(this.key);
    this.insertIndex = undefined;
  }

  override arrayStart(insertIndex: Int64 | undefined): void {
    this.insertIndex = insertIndex?.unsigned();
  }

  override arrayElement(index: Int64, value: Slice): void {
    const { batch, writer } = this;
    batch.item(value.length);
    writer.uint64(index);
    writer.slice(value);
    batch.itemEnd();
  }

  override end(): boolean {
    const { batch, writer, insertIndex, key } = this;
    batch.end();
    if (insertIndex !== undefined) {
      writer.start(3);
      writer.encoded(ARSEEK);
      writer.encoded(key.bytes, key.end);
      writer.arguments(insertIndex + 1n);
    }
    return false;
  }
}

/** A command's name, encoded once. */
export function commandName(name: string): Uint8Array {
  return encodeArgument(new TextEncoder().encode(name));
}

const SET = commandName('SET');
const NX = commandName('NX');
const PXAT = commandName('PXAT');
const ARSEEK = commandName('ARSEEK');
