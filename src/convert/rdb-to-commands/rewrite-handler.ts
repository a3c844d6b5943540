/**
 * Rows to the commands of an AOF rewrite, as the target would have written them (aof-format.md §6): what a plain
 * `redis-cli --pipe` makes a server read.
 *
 * As in the rewrite of a server, idle times and LFU counters have no command, nor have the times at which consumers of
 * streams were seen.
 */
import { Int64 } from '../../bytes/int64.js';
import { Slice } from '../../bytes/slice.js';
import { LEN_32, LEN_64, lengthSize } from '../../codecs/length.js';
import { TYPE } from '../../rdb/constants.js';
import type { LargeRequest } from '../../rdb/large-value.js';
import type { ValueType } from '../../rdb/model.js';
import { ROW_EXPIRY, type RowTable } from '../../rdb/rows.js';
import { VECTORSET_MODULE } from '../../rdb/vectorset.js';
import type { PartLoss } from '../adapt-hash.js';
import { rowExpires } from '../row-attributes.js';
import { appendRequest } from './append-commands.js';
import { KeyArgument } from './batch.js';
import { type CommandOptions, CommandRows, type KeyPlacement } from './command-rows.js';
import { FieldExpiryScan, HashCommands } from './hash-commands.js';
import { moduleName } from './module-name.js';
import { StreamCommands, StreamScan } from './stream-commands.js';
import {
  ArrayCommands,
  commandName,
  SequenceCommands,
  StringCommands,
  type ValueCommands,
  ZsetCommands,
} from './value-commands.js';

/** Hashes that record expiries of fields, in either dialect. */
const FIELD_EXPIRY_TYPES: ReadonlySet<number> = new Set([
  TYPE.R_HASH_METADATA_PRE_GA,
  TYPE.R_HASH_LISTPACK_EX_PRE_GA,
  TYPE.HASH_METADATA,
  TYPE.HASH_LISTPACK_EX,
]);
const STREAM_VERSIONS: ReadonlyMap<number, number> = new Map([
  [TYPE.STREAM_LISTPACKS, 1],
  [TYPE.STREAM_LISTPACKS_2, 2],
  [TYPE.STREAM_LISTPACKS_3, 3],
  [TYPE.STREAM_LISTPACKS_4, 4],
  [TYPE.STREAM_LISTPACKS_5, 5],
]);
const SET_HEAD = new TextEncoder().encode('*3\r\n$3\r\nSET\r\n');
const SET_NX_HEAD = new TextEncoder().encode('*4\r\n$3\r\nSET\r\n');
const NX = commandName('NX');
const DEL = commandName('DEL');
const PEXPIREAT = commandName('PEXPIREAT');
const EXPIREAT = commandName('EXPIREAT');

export class RewriteHandler extends CommandRows {
  private commands!: Readonly<Partial<Record<ValueType, ValueCommands>>>;
  private strings!: StringCommands;
  private fieldScan!: FieldExpiryScan;
  private streamScan: StreamScan | undefined;
  private readonly argument = new KeyArgument();
  private readonly expireAt = new Int64();
  private hasExpiry = false;
  /** The key in hand is built elsewhere. */
  private isMoved = false;
  /** The key in hand is a large string that comes in pieces. */
  private isAppended = false;
  /** The large value in hand. */
  private large: ValueCommands | undefined;
  private readonly placement: KeyPlacement | undefined;
  private readonly temporary = new Slice();

  constructor(options: CommandOptions) {
    super(options);
    this.placement = options.placement;
  }

  protected prepare(): void {
    const { writer, forms, nowMs } = this;
    const { batchItems, streams } = forms;
    this.strings = new StringCommands(writer);
    this.commands = {
      string: this.strings,
      list: new SequenceCommands(writer, 'RPUSH', batchItems),
      set: new SequenceCommands(writer, 'SADD', batchItems),
      zset: new ZsetCommands(writer, batchItems, forms.score),
      hash: new HashCommands(writer, forms, nowMs),
      ...(streams && { stream: new StreamCommands(writer, streams) }),
      ...(forms.arrays && { array: new ArrayCommands(writer, batchItems) }),
    };
    this.fieldScan = new FieldExpiryScan(writer, forms.fieldExpiry);
    this.streamScan = streams && new StreamScan(writer, streams);
  }

  protected writeKey(rows: RowTable, row: number, bytes: Uint8Array): void {
    const { driver } = this;
    if (rows.kind[row] === TYPE.STRING && this.writePlain(rows, row, bytes)) return;
    const found = this.scan(rows, row);
    const commands = this.commandsFor(rows, row, bytes, found);
    if (commands === undefined) return;
    commands.begin(this.argument, false, FIELD_EXPIRY_TYPES.has(rows.kind[row]!));
    do driver.readValue(row, 'element', commands);
    while (commands.end());
    this.finishKey(commands, found.length > 0);
  }

  /** A string of which there is nothing to say but its bytes, and those stand in the file as they are: most keys. */
  private writePlain(rows: RowTable, row: number, bytes: Uint8Array): boolean {
    const pos = rows.valuePos[row]!;
    const lead = bytes[pos]!;
    if (lead >= LEN_32 || rows.flags[row]! & ROW_EXPIRY || rows.metaPos[row]! >= 0 || this.replace) return false;
    const { writer, placement } = this;
    const keeps = placement?.replaces === false;
    this.select(this.keyDb);
    writer.startEncoded(keeps ? SET_NX_HEAD : SET_HEAD);
    writer.slice(this.keySlice);
    writer.argument(bytes, pos + lengthSize(lead), rows.end[row]!);
    if (keeps) writer.encoded(NX);
    return true;
  }

  protected startLarge(rows: RowTable, row: number, bytes: Uint8Array): LargeRequest | undefined {
    this.isAppended = this.placement !== undefined && isPlainString(rows, row, bytes);
    const commands = this.commandsFor(rows, row, bytes, NONE);
    if (commands === undefined) return undefined;
    // The window moves on under the key.
    this.keySlice.set(this.keySlice.copy(), 0, this.keySlice.length);
    commands.begin(this.argument, true, FIELD_EXPIRY_TYPES.has(rows.kind[row]!));
    this.large = commands;
    if (this.isAppended) return appendRequest(this.writer, this.argument, lengthSize(bytes[rows.valuePos[row]!]!));
    return { level: 'element', sink: commands };
  }

  protected endLarge(): void {
    const large = this.large!;
    large.end();
    this.finishKey(large, false);
    this.isAppended = false;
  }

  /** Prepares the commands of a key; undefined where it is left out. */
  private commandsFor(
    rows: RowTable,
    row: number,
    bytes: Uint8Array,
    found: readonly PartLoss[],
  ): ValueCommands | undefined {
    const { type } = rows.codecOf(row);
    const commands = this.commands[type];
    if (commands === undefined) {
      const module = type === 'module' ? moduleName(bytes, rows.valuePos[row]!, this.driver.window.end) : '';
      this.loseKey(missingCommands(type, module, this.target.name));
      return undefined;
    }
    this.hasExpiry = rowExpires(rows, row);
    this.expireAt.set(rows.expireHi[row]!, rows.expireLo[row]!);
    const isWhole = found.length === 0 && rows.metaPos[row]! < 0 && !this.losesMilliseconds();
    if (!isWhole && !this.mayLose([...found, ...this.lostBeside(rows, row)])) return undefined;
    this.select(this.keyDb);
    if (this.placement !== undefined) {
      this.placeKey(this.placement, type);
    } else {
      this.argument.set(this.keySlice);
      if (this.replace) this.keyCommand(DEL, 2);
    }
    return commands;
  }

  /** A string takes one command, whatever there is to it; other keys are built elsewhere. */
  private placeKey(placement: KeyPlacement, type: ValueType): void {
    const { strings, hasExpiry, forms, argument, keySlice, temporary } = this;
    this.isMoved = type !== 'string' || this.isAppended || (hasExpiry && !forms.setPxat);
    strings.keeps = !this.isMoved && !placement.replaces;
    strings.expireAt = !this.isMoved && hasExpiry ? this.expireAt : undefined;
    if (this.isMoved) placement.temporary(keySlice, temporary);
    argument.set(this.isMoved ? temporary : keySlice);
  }

  /** What is lost beside the value. */
  private lostBeside(rows: RowTable, row: number): PartLoss[] {
    const lost: PartLoss[] = [];
    if (rows.metaPos[row]! >= 0) lost.push({ what: 'key-meta', detail: 'the metadata of a key' });
    if (this.losesMilliseconds())
      lost.push({ what: 'expiry-fraction', detail: `an expiry at ${this.expireAt.signed()}, not at a full second` });
    return lost;
  }

  private losesMilliseconds(): boolean {
    return this.hasExpiry && this.forms.expiry === 'EXPIREAT' && this.expireAt.signed() % 1000n !== 0n;
  }

  /** A first look at a value of which something may be lost: nothing of it has been written yet. */
  private scan(rows: RowTable, row: number): readonly PartLoss[] {
    const { forms, driver, header } = this;
    const type = rows.kind[row]!;
    const version = STREAM_VERSIONS.get(type);
    let scan: ValueCommands | undefined;
    if (version !== undefined) {
      if (forms.streams !== undefined && version > forms.streams.version) scan = this.streamScan;
    } else if (FIELD_EXPIRY_TYPES.has(type) && rows.codecOf(row).type === 'hash') {
      const isForeign = header.magic === 'VALKEY' && forms.fieldExpiry === 'HPEXPIREAT';
      if (forms.fieldExpiry === undefined || isForeign) scan = this.fieldScan;
    }
    if (scan === undefined) return NONE;
    scan.begin(this.argument, false, true);
    driver.readValue(row, version === undefined ? 'element' : 'blob', scan);
    scan.end();
    return [...scan.lost];
  }

  /** After the value's commands. What was found out only now cannot be unsaid, but the key can be deleted again. */
  private finishKey({ lost }: ValueCommands, isSaid: boolean): void {
    if (!isSaid && !this.mayLose(lost)) {
      this.keyCommand(DEL, 2);
      return;
    }
    const { placement, isMoved } = this;
    if (this.hasExpiry && (placement === undefined || isMoved)) this.writeExpiry();
    if (isMoved) placement?.built();
  }

  private writeExpiry(): void {
    const { writer, expireAt, forms } = this;
    if (forms.expiry === 'PEXPIREAT') {
      this.keyCommand(PEXPIREAT, 3);
      writer.int64(expireAt);
    } else {
      const ms = expireAt.signed();
      this.keyCommand(EXPIREAT, 3);
      writer.arguments(ms / 1000n + (ms % 1000n > 0n ? 1n : 0n));
    }
  }

  private keyCommand(name: Uint8Array, count: number): void {
    const { writer, argument } = this;
    writer.start(count);
    writer.encoded(name);
    writer.encoded(argument.bytes, argument.end);
  }
}

/** Whether the value is a string whose bytes stand in the file as they are. */
function isPlainString(rows: RowTable, row: number, bytes: Uint8Array): boolean {
  const lead = bytes[rows.valuePos[row]!]!;
  return rows.kind[row] === TYPE.STRING && lead <= LEN_64;
}

const NONE: readonly PartLoss[] = [];

/** Why a value of this type has no commands. */
function missingCommands(type: ValueType, module: string, target: string): PartLoss {
  switch (type) {
    case 'module':
      return { what: module === VECTORSET_MODULE ? 'vector-set' : 'module', detail: `a value of the module ${module}` };
    case 'stream':
      return { what: 'stream', detail: `${target} has no streams` };
    case 'array':
      return { what: 'array', detail: `${target} has no arrays` };
    case 'cron':
      return { what: 'cron-job', detail: 'a cron job' };
    case 'pathhash':
      return { what: 'path-hash', detail: 'a path hash' };
    default:
      return { what: 'value', detail: `a value of type ${type}` };
  }
}
