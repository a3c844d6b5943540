/**
 * Rows to `RESTORE key ttl payload [REPLACE] [ABSTTL] [IDLETIME s | FREQ n]`, with payloads as the target's own DUMP gives
 * them: the value's bytes as they stand in the file where the target loads that type, else decoded and encoded anew.
 *
 * Servers before 5.0 know no ABSTTL: there the time to live counts from {@link CommandOptions.nowMs}. A key that has expired
 * gets a time that has passed, or 1 ms.
 */

import { EncodeError } from '../../bytes/errors.js';
import { Int64 } from '../../bytes/int64.js';
import { copyBytes } from '../../bytes/slice.js';
import { encodeArgument } from '../../codecs/resp.js';
import { OPCODE, TYPE } from '../../rdb/constants.js';
import type { LargeRequest } from '../../rdb/large-value.js';
import { skipKeyMeta } from '../../rdb/opcodes.js';
import { ROW_FREQ, ROW_IDLE, type RowTable } from '../../rdb/rows.js';
import type { PartLoss } from '../adapt-hash.js';
import { type AdaptedValue, adaptValue, mayHaveNewLayout, missingType, type ValueRules } from '../adapt-value.js';
import { BoundaryScan } from '../boundary.js';
import { ExpiryMover, KEEP_EXPIRY } from '../expiry-action.js';
import { COPY_MODULE, COPY_UNLESS_BOUNDARY, REWRITE, rawRules } from '../loadable.js';
import { rowExpires } from '../row-attributes.js';
import { isEmptied, ValueRewriter } from '../value-rewriter.js';
import { KeyArgument } from './batch.js';
import { type CommandOptions, CommandRows } from './command-rows.js';
import { LargeBytes, LargeDecoded, MAX_PAYLOAD_BYTES } from './large-payload.js';
import { moduleName } from './module-name.js';
import { PayloadWriter } from './payload.js';
import { commandName } from './value-commands.js';

const RESTORE = commandName('RESTORE');
const REPLACE = commandName('REPLACE');
const ABSTTL = commandName('ABSTTL');
const IDLETIME = commandName('IDLETIME');
const FREQ = commandName('FREQ');
const DEL = commandName('DEL');
const NO_TTL = encodeArgument(new Uint8Array([0x30]));
/** Types that refer to records of their file, which a payload leaves behind. */
const REFERRING_TYPES = [TYPE.HASH_TMPL_LP_REF, TYPE.HASH_TMPL_ARRAY_REF];
const NO_META = new Uint8Array(0);

export interface RestoreOptions extends CommandOptions {
  /** The largest payload. Default: 512 MiB, what servers take at their default settings. */
  readonly maxPayloadBytes?: number | undefined;
}

export class RestoreHandler extends CommandRows {
  private readonly maxPayloadBytes: number;
  private readonly isSameVersion: boolean;
  private rules!: Uint8Array;
  private valueRules!: ValueRules;
  private rewriter!: ValueRewriter;
  private boundaries!: BoundaryScan;
  private payload!: PayloadWriter;
  private readonly argument = new KeyArgument();
  /** Of the key in hand: milliseconds, absolute or relative as the target wants them; 0: none. */
  private readonly ttl = new Int64();
  private idleSeconds = -1;
  private freq = -1;
  private meta = NO_META;
  private rdbType = 0;
  private largeBytes: LargeBytes | undefined;
  private largeDecoded: LargeDecoded | undefined;

  constructor(options: RestoreOptions) {
    super(options);
    this.maxPayloadBytes = options.maxPayloadBytes ?? MAX_PAYLOAD_BYTES;
    this.isSameVersion = options.target === undefined;
  }

  protected prepare(): void {
    const { forms, target, nowMs, header, writer } = this;
    if (!forms.restore) throw new EncodeError(`${target.name} has no RESTORE`);
    this.rules = rawRules(header, target, false);
    for (const type of REFERRING_TYPES) this.rules[type] = REWRITE;
    this.valueRules = {
      target,
      expiry: new ExpiryMover(KEEP_EXPIRY, nowMs),
      skipExpiredBeforeMs: -Infinity,
      nowMs,
      dropModules: false,
      isSameVersion: this.isSameVersion,
    };
    this.rewriter = new ValueRewriter(this.valueRules);
    this.boundaries = new BoundaryScan(target.boundaryBacklen);
    this.payload = new PayloadWriter(writer, target.version);
  }

  protected writeKey(rows: RowTable, row: number, bytes: Uint8Array): void {
    this.readAttributes(rows, row, bytes);
    const rule = this.rules[rows.kind[row]!]!;
    if (this.isRewritten(rule, rows, row, bytes)) {
      this.writeAdapted(this.rewriter.adapt(this.driver, row), this.lostBeside(rows, row));
      return;
    }
    if (!this.mayCopy(rule, rows, row, bytes)) return;
    const start = rows.valuePos[row]!;
    const end = rows.end[row]!;
    if (end - start > this.maxPayloadBytes) {
      this.loseKey(tooLarge(end - start));
      return;
    }
    if (!this.mayLose(this.lostBeside(rows, row))) return;
    this.writeHead(this.rdbType, end - start);
    this.payload.copy(bytes, start, end);
    this.writeTail();
  }

  protected startLarge(rows: RowTable, row: number, bytes: Uint8Array): LargeRequest | undefined {
    this.readAttributes(rows, row, bytes);
    const rule = this.rules[this.rdbType]!;
    const isCopied = rule !== COPY_UNLESS_BOUNDARY && !this.isRewritten(rule, rows, row, bytes);
    if (isCopied && !this.mayCopy(rule, rows, row, bytes)) return undefined;
    if (!this.mayLose(this.lostBeside(rows, row))) return undefined;
    // The window moves on under the key.
    this.keySlice.set(this.keySlice.copy(), 0, this.keySlice.length);
    if (isCopied) {
      this.largeBytes = new LargeBytes(this.maxPayloadBytes);
      return this.largeBytes.request;
    }
    const { type, encoding } = rows.codecOf(row);
    this.largeDecoded = new LargeDecoded(type, encoding, this.maxPayloadBytes);
    return this.largeDecoded.request;
  }

  protected endLarge(): void {
    const { largeBytes, largeDecoded } = this;
    this.largeBytes = undefined;
    this.largeDecoded = undefined;
    if (largeBytes !== undefined) {
      if (largeBytes.isTooLarge) this.loseKey(tooLarge(largeBytes.sizeBytes));
      else this.writeRestore(this.rdbType, largeBytes.chunks, largeBytes.sizeBytes);
    } else if (largeDecoded !== undefined) {
      if (largeDecoded.isTooLarge) this.loseKey({ what: 'value', detail: 'a value too large to be encoded anew' });
      else this.writeAdapted(adaptValue(largeDecoded.value, this.rdbType, this.valueRules));
    }
  }

  private readAttributes(rows: RowTable, row: number, bytes: Uint8Array): void {
    const flags = rows.flags[row]!;
    const metaPos = rows.metaPos[row]!;
    const { restoreOptions } = this.forms;
    this.rdbType = rows.kind[row]!;
    this.idleSeconds = restoreOptions && flags & ROW_IDLE ? rows.idleSeconds[row]! : -1;
    this.freq = restoreOptions && flags & ROW_FREQ ? rows.freq[row]! : -1;
    const keepsMeta = metaPos >= 0 && this.target.records.keyMeta;
    this.meta = keepsMeta ? copyBytes(bytes, metaPos, skipKeyMeta(bytes, metaPos, rows.keyPos[row]!)) : NO_META;
    this.ttl.set(0, 0);
    if (!rowExpires(rows, row)) return;
    this.ttl.set(rows.expireHi[row]!, rows.expireLo[row]!);
    const ms = restoreOptions ? this.ttl.signed() : this.ttl.signed() - BigInt(Math.floor(this.nowMs));
    // RESTORE takes no time below 0, and 0 for none.
    if (ms <= 0n) this.ttl.set(0, 1);
    else if (!restoreOptions) this.ttl.set(Number(ms >> 32n), Number(BigInt.asIntN(32, ms)));
  }

  private lostBeside(rows: RowTable, row: number): PartLoss[] {
    const isLost = rows.metaPos[row]! >= 0 && !this.target.records.keyMeta;
    return isLost ? [{ what: 'key-meta', detail: 'the metadata of a key' }] : [];
  }

  private isRewritten(rule: number, rows: RowTable, row: number, bytes: Uint8Array): boolean {
    if (rule === COPY_MODULE) {
      const module = this.moduleOf(rows, row, bytes);
      return (
        missingType('module', { module }, this.valueRules) === undefined && mayHaveNewLayout(module, this.valueRules)
      );
    }
    return rule === REWRITE || (rule === COPY_UNLESS_BOUNDARY && this.boundaries.finds(this.driver, row));
  }

  private moduleOf(rows: RowTable, row: number, bytes: Uint8Array): string {
    return moduleName(bytes, rows.valuePos[row]!, this.driver.window.end);
  }

  /** False, with the loss said, where the target lacks the module. */
  private mayCopy(rule: number, rows: RowTable, row: number, bytes: Uint8Array): boolean {
    if (rule !== COPY_MODULE) return true;
    const missing = missingType('module', { module: this.moduleOf(rows, row, bytes) }, this.valueRules);
    if (missing !== undefined) this.loseKey(missing);
    return missing === undefined;
  }

  private writeAdapted({ value, rdbType, losses }: AdaptedValue, others: readonly PartLoss[] = []): void {
    if (value === undefined) {
      for (const loss of losses) this.loseKey(loss);
      return;
    }
    if (!this.mayLose([...others, ...losses])) return;
    if (isEmptied(value)) {
      this.ledger.omit('empty keys');
      return;
    }
    const { rewriter } = this;
    const impossible = rewriter.encode(value, rdbType);
    if (impossible !== undefined) this.loseKey(impossible);
    else if (rewriter.end > this.maxPayloadBytes) this.loseKey(tooLarge(rewriter.end));
    else this.writeRestore(rewriter.rdbType, [rewriter.bytes], rewriter.end);
  }

  /** `pieces` hold `sizeBytes` bytes of the value, and possibly more. */
  private writeRestore(rdbType: number, pieces: readonly Uint8Array[], sizeBytes: number): void {
    this.writeHead(rdbType, sizeBytes);
    let left = sizeBytes;
    for (const piece of pieces) {
      const size = Math.min(left, piece.length);
      this.payload.copy(piece, 0, size);
      left -= size;
    }
    this.writeTail();
  }

  /** Everything before the bytes of the value. */
  private writeHead(rdbType: number, valueBytes: number): void {
    const { writer, payload, argument, ttl, meta } = this;
    this.select(this.keyDb);
    argument.set(this.keySlice);
    if (this.replace && !this.forms.restoreReplace) {
      writer.start(2);
      writer.encoded(DEL);
      writer.encoded(argument.bytes, argument.end);
    }
    writer.start(4 + this.optionCount());
    writer.encoded(RESTORE);
    writer.encoded(argument.bytes, argument.end);
    if (this.hasTtl) writer.int64(ttl);
    else writer.encoded(NO_TTL);
    const metaBytes = meta.length === 0 ? 0 : 1 + meta.length;
    payload.start(metaBytes + 1 + valueBytes);
    if (metaBytes > 0) {
      payload.byte(OPCODE.REDIS_KEY_META);
      payload.copy(meta, 0, meta.length);
    }
    payload.byte(rdbType);
  }

  /** Everything behind the bytes of the value. */
  private writeTail(): void {
    const { writer, payload, idleSeconds, freq } = this;
    payload.end();
    if (this.replace && this.forms.restoreReplace) writer.encoded(REPLACE);
    if (this.hasTtl && this.forms.restoreOptions) writer.encoded(ABSTTL);
    if (idleSeconds >= 0) {
      writer.encoded(IDLETIME);
      writer.count(idleSeconds);
    } else if (freq >= 0) {
      writer.encoded(FREQ);
      writer.count(freq);
    }
  }

  private optionCount(): number {
    const { replace, hasTtl, forms, idleSeconds, freq } = this;
    return (
      (replace && forms.restoreReplace ? 1 : 0) +
      (hasTtl && forms.restoreOptions ? 1 : 0) +
      (idleSeconds >= 0 || freq >= 0 ? 2 : 0)
    );
  }

  private get hasTtl(): boolean {
    return this.ttl.hi !== 0 || this.ttl.lo !== 0;
  }
}

function tooLarge(sizeBytes: number): PartLoss {
  return { what: 'value', detail: `a value of ${sizeBytes} bytes, more than servers take in one argument` };
}
