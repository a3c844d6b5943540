/** `keys`: one key per line. */
import { formatQuoted } from '../../bytes/quote.js';
import { Slice } from '../../bytes/slice.js';
import { JsonWriter } from '../../convert/json/json-writer.js';
import { ShardFilter } from '../../convert/shard-filter.js';
import type { RdbDriver, RowHandler } from '../../rdb/driver.js';
import type { RowFilter } from '../../rdb/filter.js';
import { RowKeyInfo } from '../../rdb/key-info.js';
import type { LargeRequest } from '../../rdb/large-value.js';
import type { EndEntry, RdbRecord, RdbWarning } from '../../rdb/model.js';
import { NO_SINK } from '../../rdb/no-sink.js';
import type { RowTable } from '../../rdb/rows.js';
import { EXIT } from '../exit-codes.js';
import { UsageError } from '../failures.js';
import type { Invocation } from '../invocation.js';
import { type EncodingChoice, type FilterOptions, filterOf } from '../options.js';
import type { Output } from '../output.js';
import { readRows } from '../read-rows.js';
import { isRawLine } from '../render/bytes-text.js';
import { Session, type SharedOptions } from '../session.js';

export interface KeysOptions extends SharedOptions, FilterOptions {
  readonly null?: boolean;
  readonly encoding: EncodingChoice;
}

export async function runKeys(arg: string, options: KeysOptions, invocation: Invocation): Promise<number> {
  if (options.null && options.json) throw new UsageError('--null and --json exclude each other');
  const session = new Session(options, invocation.signal, invocation.nowMs, true);
  const specs = await session.resolve([arg]);
  const filter = new ShardFilter(filterOf(options) ?? {}, session.nowMs);
  return await session.toOutput(specs, async (output) => {
    const printer = createPrinter(options, output);
    try {
      for (const spec of specs) {
        if (filter.exhausted) break;
        await session.read(spec, async (source) => {
          filter.next(source);
          const handler = new KeysHandler(filter, printer, output, (warning) => session.warn(warning, spec));
          await readRows(source, handler, session, output);
          if (handler.ending !== undefined) session.warnTail(handler.ending, spec);
        });
      }
    } finally {
      printer.flush();
    }
    return EXIT.OK;
  });
}

class KeysHandler implements RowHandler {
  driver!: RdbDriver;
  ending: EndEntry | undefined;
  private largeWanted = false;

  constructor(
    private readonly filter: RowFilter,
    private readonly printer: KeyPrinter,
    private readonly output: Output,
    private readonly onWarning: (warning: RdbWarning) => void,
  ) {}

  record(record: RdbRecord): void {
    if (record.kind === 'end') this.ending = record;
  }

  key(_rows: RowTable, row: number): void {
    if (!this.filter.accepts(this.driver, row)) return;
    this.printer.key(this.driver, row);
  }

  largeStart(_rows: RowTable, row: number): LargeRequest {
    this.largeWanted = this.filter.acceptsLarge(this.driver, row);
    if (this.largeWanted) this.printer.largeStart(this.driver, row);
    return { level: 'skip', sink: NO_SINK };
  }

  largeEnd(valueBytes: number): void {
    if (this.largeWanted) this.printer.largeEnd(valueBytes);
    this.largeWanted = false;
  }

  warning(warning: RdbWarning): void {
    this.onWarning(warning);
  }

  get isFinished(): boolean {
    return this.filter.exhausted && !(this.largeWanted && this.printer.needsSize);
  }

  full(): boolean {
    return this.output.isBehind || this.filter.exhausted;
  }
}

interface KeyPrinter {
  /** A large key is complete only when its size is known. */
  readonly needsSize: boolean;
  key(driver: RdbDriver, row: number): void;
  largeStart(driver: RdbDriver, row: number): void;
  largeEnd(valueBytes: number): void;
  flush(): void;
}

function createPrinter(options: KeysOptions, output: Output): KeyPrinter {
  if (options.json) return new JsonPrinter(options.encoding, output);
  return new LinePrinter(output, options.null ?? false);
}

const NEWLINE = 0x0a;

class LinePrinter implements KeyPrinter {
  readonly needsSize = false;
  private readonly slice = new Slice();

  constructor(
    private readonly output: Output,
    private readonly raw: boolean,
  ) {}

  key(driver: RdbDriver, row: number): void {
    const { slice, output } = this;
    driver.readKey(row, slice);
    const { bytes, start, end } = slice;
    if (this.raw || isRawLine(bytes, start, end)) output.write(bytes, start, end);
    else output.text(formatQuoted(bytes, start, end));
    output.byte(this.raw ? 0 : NEWLINE);
  }

  largeStart(driver: RdbDriver, row: number): void {
    this.key(driver, row);
  }

  largeEnd(): void {}

  flush(): void {}
}

/** `{"db":0,"key":"user:1","type":"hash","encoding":"listpack","expireAt":4102444800000,"size":42}`. */
class JsonPrinter implements KeyPrinter {
  readonly needsSize = true;
  private readonly out: JsonWriter;
  private readonly info = new RowKeyInfo();

  constructor(encoding: EncodingChoice, output: Output) {
    this.out = new JsonWriter(encoding, (bytes, start, end) => output.write(bytes, start, end));
  }

  key(driver: RdbDriver, row: number): void {
    this.info.read(driver, row, false);
    this.writeStart();
    this.writeEnd(this.info.valueBytes!);
  }

  largeStart(driver: RdbDriver, row: number): void {
    this.info.read(driver, row, true);
    this.writeStart();
  }

  largeEnd(valueBytes: number): void {
    this.writeEnd(valueBytes);
  }

  flush(): void {
    this.out.flush();
  }

  private writeStart(): void {
    const { out, info } = this;
    out.ascii('{"db":');
    out.count(info.db);
    out.ascii(',"key":');
    out.slice(info.key);
    out.ascii(`,"type":"${info.type}","encoding":"${info.encoding}"`);
    if (info.expireAt === undefined) return;
    out.ascii(',"expireAt":');
    out.time(info.expireAt);
  }

  private writeEnd(size: number): void {
    const { out } = this;
    out.ascii(',"size":');
    out.count(size);
    out.ascii('}');
    out.endLine();
  }
}
