/**
 * What all ways of writing a dump as commands have in common: the target, `SELECT` and `FUNCTION LOAD`, the filter, the
 * losses, and the output. Commands are handed over whole, about 256 KiB at a time; what a failure leaves is whole commands,
 * too.
 */
import { EncodeError } from '../../bytes/errors.js';
import { formatQuoted } from '../../bytes/quote.js';
import { Slice } from '../../bytes/slice.js';
import { ByteWriter, type WriteBytes } from '../../bytes/writer.js';
import { CommandWriter } from '../../codecs/resp.js';
import type { RdbDriver, RowHandler } from '../../rdb/driver.js';
import type { RowFilter } from '../../rdb/filter.js';
import type { LargeRequest } from '../../rdb/large-value.js';
import type { AuxEntry, EndEntry, FunctionEntry, HeaderEntry, RdbRecord, RdbWarning } from '../../rdb/model.js';
import type { RowTable } from '../../rdb/rows.js';
import { SourceTarget } from '../../rdb/source-target.js';
import type { Target } from '../../rdb/versions.js';
import { IGNORE_VALUE } from '../../rdb/visitor.js';
import type { PartLoss } from '../adapt-hash.js';
import { type LossEntry, LossLedger, type UnsupportedPolicy } from '../loss.js';
import { type CommandForms, commandForms } from './forms.js';

export interface CommandOptions {
  /** The server that will read the commands. Default: that which wrote the dump. */
  readonly target?: Target | undefined;
  /** Keys to be written. With a filter, function libraries are left out. */
  readonly filter?: RowFilter | undefined;
  /** Keys and libraries that are there already are replaced. Default: false. */
  readonly replace?: boolean | undefined;
  /** What happens to what cannot be said. Default: `error`, an EncodeError. */
  readonly onUnsupported?: UnsupportedPolicy | undefined;
  /** Hears of each loss. */
  readonly onLoss?: ((loss: LossEntry) => void) | undefined;
  /** Takes the output; the bytes are valid during the call only. */
  readonly write: WriteBytes;
  readonly onWarning?: ((warning: RdbWarning) => void) | undefined;
  /**
   * Takes the place of the command SELECT: what has been handed over by then is for the databases before. For output of
   * which somebody else knows what stands in front of it.
   */
  readonly onSelect?: ((db: number) => void) | undefined;
  /** Hears where the commands of each key and of each function library begin and end. */
  readonly units?: UnitListener | undefined;
  /** How a key comes to its place where that takes several commands. Default: it is written where it belongs. */
  readonly placement?: KeyPlacement | undefined;
  /** True asks for a pause: whoever takes the output cannot keep up. */
  readonly isBehind?: (() => boolean) | undefined;
  /** What counts as now, Unix ms. Default: the clock. */
  readonly nowMs?: number | undefined;
}

/** Hears of units: the commands of one key, or of one function library. */
export interface UnitListener {
  /**
   * Before the commands of a key, with what writes them. The key may be given another name here; it is valid during the call
   * only. False: the key is left out.
   */
  keyStart(rows: RowTable, row: number, key: Slice, writer: CommandWriter): boolean;
  /** Before the command of a function library. False: it is left out. */
  functionStart(name: string, writer: CommandWriter): boolean;
  /** After the last command of what was begun; there may be none. */
  unitEnd(writer: CommandWriter): void;
}

/**
 * Keys are built under another name, and moved to their own by somebody who has seen that all of it went well: what there is
 * of a key is then all of it.
 */
export interface KeyPlacement {
  /** A key that is there is replaced; else strings, which take one command, are written by SET NX. */
  readonly replaces: boolean;
  /** Points `name` at the name under which `key` is built. */
  temporary(key: Slice, name: Slice): void;
  /** The key in hand is built, and is to be moved. */
  built(): void;
}

/** Output after which {@link CommandRows.full} asks for a pause. */
const PAUSE_BYTES = 1024 * 1024;
const MEMBER_EXPIRY_AUX = 'keydb-subexpire-key';

/**
 * Give it to an {@link RdbDriver}, set {@link CommandRows.driver}, drive to the end; then, and after an error as well,
 * call {@link CommandRows.flush}. Several dumps may follow one another.
 */
export abstract class CommandRows implements RowHandler {
  driver!: RdbDriver;
  readonly ledger: LossLedger;
  /** The last record of the dump that was read last. */
  ending: EndEntry | undefined;
  protected readonly out: ByteWriter;
  protected readonly writer: CommandWriter;
  protected readonly policy: UnsupportedPolicy;
  protected readonly replace: boolean;
  protected readonly nowMs: number;
  /** The key in hand. */
  protected readonly keySlice = new Slice();
  protected keyDb = 0;
  protected target!: Target;
  protected forms!: CommandForms;
  protected header!: HeaderEntry;
  private readonly filter: RowFilter | undefined;
  private readonly source = new SourceTarget();
  private readonly options: CommandOptions;
  private readonly units: UnitListener | undefined;
  private isPrepared = false;
  /** The database that the commands so far have selected; −1: none. */
  private selected = -1;
  private pausedAt = 0;
  /** The commands of a large value are being written. */
  isInLarge = false;

  constructor(options: CommandOptions) {
    this.options = options;
    this.out = new ByteWriter(options.write);
    this.writer = new CommandWriter(this.out);
    this.policy = options.onUnsupported ?? 'error';
    this.replace = options.replace ?? false;
    this.nowMs = options.nowMs ?? Date.now();
    this.filter = options.filter;
    this.units = options.units;
    this.ledger = new LossLedger(options.onLoss ?? (() => undefined));
  }

  /** Hands over the whole commands that wait; also after an error. */
  flush(): void {
    this.writer.takeBack();
    this.out.flush();
  }

  /** Bytes that wait to be handed over. */
  get pendingBytes(): number {
    return this.out.pos;
  }

  /** Others write in between: the next command selects its database anew. */
  forgetSelected(): void {
    this.selected = -1;
  }

  record(record: RdbRecord): void {
    switch (record.kind) {
      case 'header':
        this.header = record;
        this.source.start(record);
        this.isPrepared = false;
        break;
      case 'aux':
        this.source.aux(record);
        this.readAux(record);
        break;
      case 'function':
        if (this.filter === undefined) this.writeFunction(record);
        break;
      case 'module-aux':
        this.loseRecord({ what: 'module-aux', detail: `data of the module ${record.module}` });
        break;
      case 'slot-import':
        this.loseRecord({ what: 'slot-import', detail: `job ${formatQuoted(record.job)}` });
        break;
      case 'command':
        this.select(record.db);
        this.writer.command(...record.args);
        break;
      case 'end':
        this.ending = record;
        if (record.trailing === 'aof')
          this.loseRecord({ what: 'aof-tail', detail: `${record.trailingBytes} bytes of commands behind the dump` });
        break;
      default:
      // Databases are selected when they have a key; sizes and templates say nothing that commands need.
    }
  }

  key(rows: RowTable, row: number, bytes: Uint8Array): void {
    if (this.filter !== undefined && !this.filter.accepts(this.driver, row)) return;
    this.open(rows, row);
    const { units } = this;
    if (units?.keyStart(rows, row, this.keySlice, this.writer) === false) return;
    this.writeKey(rows, row, bytes);
    units?.unitEnd(this.writer);
  }

  largeStart(rows: RowTable, row: number, bytes: Uint8Array): LargeRequest {
    if (this.filter !== undefined && !this.filter.acceptsLarge(this.driver, row))
      return { level: 'skip', sink: NO_VALUE };
    this.open(rows, row);
    if (this.units?.keyStart(rows, row, this.keySlice, this.writer) === false) return { level: 'skip', sink: NO_VALUE };
    const request = this.startLarge(rows, row, bytes);
    this.isInLarge = request !== undefined;
    if (!this.isInLarge) this.units?.unitEnd(this.writer);
    return request ?? { level: 'skip', sink: NO_VALUE };
  }

  largeEnd(): void {
    if (!this.isInLarge) return;
    this.endLarge();
    this.isInLarge = false;
    this.units?.unitEnd(this.writer);
  }

  warning(warning: RdbWarning): void {
    this.options.onWarning?.(warning);
  }

  /** The filter wants no more keys. */
  get isFinished(): boolean {
    return this.filter?.exhausted === true && !this.isInLarge;
  }

  full(): boolean {
    if (this.isFinished || this.options.isBehind?.() === true) return true;
    const written = this.out.offset;
    if (written - this.pausedAt < PAUSE_BYTES) return false;
    this.pausedAt = written;
    return true;
  }

  /** A key whose record is whole. {@link keySlice} and {@link keyDb} are set. */
  protected abstract writeKey(rows: RowTable, row: number, bytes: Uint8Array): void;

  /** A key whose value is streamed; undefined where it is not wanted. The key's bytes are valid during the call only. */
  protected abstract startLarge(rows: RowTable, row: number, bytes: Uint8Array): LargeRequest | undefined;

  /** The value that {@link startLarge} asked for has come. */
  protected abstract endLarge(): void;

  /** The target is known. */
  protected abstract prepare(): void;

  protected select(db: number): void {
    if (this.selected === db) return;
    this.selected = db;
    const { onSelect } = this.options;
    if (onSelect === undefined) this.writer.command('SELECT', db);
    else {
      this.flush();
      onSelect(db);
    }
  }

  /**
   * Whether the key in hand is to be written although it loses `parts`, which are said. Throws EncodeError under the
   * policy `error`.
   */
  protected mayLose(parts: readonly PartLoss[]): boolean {
    for (const part of parts) this.lose(part, this.policy === 'convert' ? 'convert' : 'drop', true);
    return parts.length === 0 || this.policy === 'convert';
  }

  /** The key in hand is left out as a whole, whatever the policy. Throws EncodeError under `error`. */
  protected loseKey(part: PartLoss): void {
    this.lose(part, 'drop', true);
  }

  private loseRecord(part: PartLoss): void {
    this.lose(part, 'drop', false);
  }

  private lose({ what, detail }: PartLoss, policy: 'drop' | 'convert', isKey: boolean): void {
    const { keySlice: key } = this;
    if (this.policy === 'error') {
      const place = isKey ? ` (db ${this.keyDb}, key ${formatQuoted(key.bytes, key.start, key.end)})` : '';
      throw new EncodeError(`the commands cannot say this: ${detail}${place}`);
    }
    this.ledger.add({
      what,
      db: isKey ? this.keyDb : undefined,
      key: isKey ? key.copy() : undefined,
      policy,
      detail,
    });
  }

  private open(rows: RowTable, row: number): void {
    this.settle();
    this.driver.readKey(row, this.keySlice);
    this.keyDb = rows.db[row]!;
  }

  /** The aux fields that name the writer come before everything that needs a target. */
  private settle(): void {
    if (this.isPrepared) return;
    this.isPrepared = true;
    this.target = this.options.target ?? this.source.resolve();
    this.forms = commandForms(this.target);
    this.prepare();
  }

  /** KeyDB: the expiry of a member of the key before it. */
  private readAux({ name, value }: AuxEntry): void {
    if (name.length !== MEMBER_EXPIRY_AUX.length || new TextDecoder().decode(name) !== MEMBER_EXPIRY_AUX) return;
    this.loseRecord({ what: 'member-expiry', detail: `the expiry of the member ${formatQuoted(value)}` });
  }

  private writeFunction({ code, name, engine, description }: FunctionEntry): void {
    this.settle();
    if (!this.forms.functions) {
      this.loseRecord({ what: 'function', detail: `${this.target.name} has no function libraries` });
      return;
    }
    const { units, writer } = this;
    if (units?.functionStart(name ?? libraryName(code), writer) === false) return;
    const verb = this.replace ? ['LOAD', 'REPLACE'] : ['LOAD'];
    writer.command('FUNCTION', ...verb, isPreGa(code) ? withFirstLine(code, engine, name) : code);
    units?.unitEnd(writer);
    if (description !== undefined) this.ledger.omit('function descriptions');
  }
}

/** Takes no notice. */
const NO_VALUE = { ...IGNORE_VALUE, blob: () => undefined, raw: () => undefined };

const HASH_SIGN = 0x23;
const MAX_FIRST_LINE = 1024;

/** Libraries of the 7.0 release candidates lack the first line that names engine and library. */
function isPreGa(code: Uint8Array): boolean {
  return !(code[0] === HASH_SIGN && code[1] === 0x21);
}

/** By the first line, `#!lua name=mylib`. */
function libraryName(code: Uint8Array): string {
  const line = new TextDecoder().decode(code.subarray(0, MAX_FIRST_LINE)).split('\n')[0]!;
  return /\bname=(\S+)/.exec(line)?.[1] ?? '';
}

function withFirstLine(code: Uint8Array, engine = 'LUA', name = ''): Uint8Array {
  const line = new TextEncoder().encode(`#!${engine.toLowerCase()} name=${name}\n`);
  const out = new Uint8Array(line.length + code.length);
  out.set(line);
  out.set(code, line.length);
  return out;
}
