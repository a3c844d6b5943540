/** `get`: one value. */
import { FormatError } from '../../bytes/errors.js';
import { Slice } from '../../bytes/slice.js';
import { NdjsonHandler } from '../../convert/json/ndjson-handler.js';
import type { RdbDriver } from '../../rdb/driver.js';
import { RowKeyInfo } from '../../rdb/key-info.js';
import type { LargeRequest } from '../../rdb/large-value.js';
import type { RdbRecord, RdbWarning } from '../../rdb/model.js';
import { NO_SINK } from '../../rdb/no-sink.js';
import type { RowTable } from '../../rdb/rows.js';
import { EXIT } from '../exit-codes.js';
import { inSource, NotFoundError, OutputError, withHint } from '../failures.js';
import { type IndexChoice, openIndexed } from '../indexed-source.js';
import type { Invocation } from '../invocation.js';
import type { EncodingChoice } from '../options.js';
import type { Output } from '../output.js';
import { readRows, type StreamingHandler } from '../read-rows.js';
import { lineText, parseBytesArgument } from '../render/bytes-text.js';
import type { DecodeChoice } from '../render/decode-value.js';
import { PathPrinter } from '../render/path-printer.js';
import { RawPrinter } from '../render/raw-printer.js';
import { TextPrinter } from '../render/text-printer.js';
import type { ValuePrinter } from '../render/value-printer.js';
import { Session, type SharedOptions } from '../session.js';
import type { SourceSpec } from '../source.js';

export interface GetOptions extends SharedOptions, IndexChoice {
  readonly db?: readonly number[];
  readonly path?: string;
  readonly decode: DecodeChoice;
  readonly encoding: EncodingChoice;
}

export async function runGet(
  arg: string,
  keyText: string,
  options: GetOptions,
  invocation: Invocation,
): Promise<number> {
  const key = parseBytesArgument(keyText);
  const session = new Session(options, invocation.signal, invocation.nowMs, true);
  const specs = await session.resolve([arg]);
  return await session.toOutput(specs, async (output) => {
    const handler = new GetHandler(key, options, session, output);
    for (const spec of specs) {
      if (handler.foundDb !== undefined) break;
      if (await readIndexed(spec, key, handler, options, session, output)) continue;
      await session.read(spec, async (source) => {
        handler.onWarning = (warning) => session.warn(warning, spec);
        await readRows(source, handler, session, output);
        handler.finish();
      });
    }
    if (handler.foundDb === undefined) throw notFound(arg, key, options.db);
    if (handler.otherDbs.length > 0) {
      session.note(
        `this is the key of db ${handler.foundDb}; it is also in ${handler.otherDbs.map((db) => `-n ${db}`).join(', ')}`,
      );
    }
    return EXIT.OK;
  });
}

/** By the index beside the dump; false where the dump must be read from its start. */
async function readIndexed(
  spec: SourceSpec,
  key: Uint8Array,
  handler: GetHandler,
  options: GetOptions,
  session: Session,
  output: Output,
): Promise<boolean> {
  const source = await openIndexed(spec, key, options, session);
  if (source === undefined) return false;
  try {
    handler.onWarning = (warning) => session.warn({ ...warning, offset: source.offsetInDump(warning.offset) }, spec);
    await readRows(session.watch(source), handler, session, output);
    handler.finish();
    return true;
  } catch (error) {
    // What is wrong with the dump is said by whoever has read all of it, unless the value is being printed already.
    if (error instanceof FormatError) {
      if (handler.foundDb === undefined) return false;
      error.offset = source.offsetInDump(error.offset);
    }
    throw error instanceof OutputError ? error : inSource(error, spec.name);
  } finally {
    source.close();
  }
}

class GetHandler implements StreamingHandler {
  driver!: RdbDriver;
  foundDb: number | undefined;
  readonly otherDbs: number[] = [];
  onWarning: (warning: RdbWarning) => void = () => undefined;
  private readonly slice = new Slice();
  private readonly info = new RowKeyInfo();
  private readonly dbs: ReadonlySet<number> | undefined;
  private printer: ValuePrinter | undefined;
  private ndjson: NdjsonHandler | undefined;
  private isInLarge = false;

  constructor(
    private readonly wanted: Uint8Array,
    private readonly options: GetOptions,
    private readonly session: Session,
    private readonly output: Output,
  ) {
    this.dbs = options.db && new Set(options.db);
  }

  /** Without a database to look in, others may have the key as well. */
  get isFinished(): boolean {
    return this.foundDb !== undefined && this.dbs !== undefined && !this.isInLarge;
  }

  record(_record: RdbRecord): void {}

  key(rows: RowTable, row: number, bytes: Uint8Array): void {
    if (!this.isWanted(row)) return;
    this.choosePrinter(row, false);
    if (this.printer === undefined) {
      this.ndjson!.key(rows, row, bytes);
    } else {
      this.driver.readValue(row, 'element', this.printer.begin(this.info));
      this.printer.end();
    }
    this.written();
  }

  largeStart(rows: RowTable, row: number, bytes: Uint8Array): LargeRequest {
    if (!this.isWanted(row)) return { level: 'skip', sink: NO_SINK };
    this.isInLarge = true;
    this.choosePrinter(row, true);
    if (this.printer === undefined) return this.ndjson!.largeStart(rows, row, bytes);
    return { level: 'element', sink: this.printer.begin(this.info) };
  }

  largeEnd(): void {
    if (!this.isInLarge) return;
    this.isInLarge = false;
    if (this.printer === undefined) this.ndjson!.largeEnd();
    else this.printer.end();
    this.written();
  }

  warning(warning: RdbWarning): void {
    this.onWarning(warning);
  }

  full(): boolean {
    return this.isFinished || this.output.isBehind;
  }

  finish(): void {
    this.ndjson?.finish();
    this.ndjson = undefined;
  }

  private isWanted(row: number): boolean {
    const { driver, slice, wanted, dbs } = this;
    const db = driver.rows.db[row]!;
    if (dbs !== undefined && !dbs.has(db)) return false;
    driver.readKey(row, slice);
    if (slice.length !== wanted.length) return false;
    for (let index = 0; index < wanted.length; index++) {
      if (slice.bytes[slice.start + index] !== wanted[index]) return false;
    }
    if (this.foundDb === undefined) {
      this.foundDb = db;
      return true;
    }
    if (db !== this.foundDb && !this.otherDbs.includes(db)) this.otherDbs.push(db);
    return false;
  }

  /** No printer: the record of ndjson.md. */
  private choosePrinter(row: number, large: boolean): void {
    const { info, options, output, session, driver } = this;
    info.read(driver, row, large);
    const { path, decode, json = false, encoding } = options;
    const onForms = (forms: readonly string[]): void => {
      if (forms.length > 0) session.note(`the value is ${forms.join(', in it ')}`);
    };
    if (path !== undefined) {
      this.printer = new PathPrinter(path, output, { decode, json, encoding, onForms });
    } else if (!json && output.isTerminal) {
      this.printer = new TextPrinter(output, session.style, decode);
    } else if (!json && info.type === 'string') {
      this.printer = new RawPrinter(output, decode, onForms);
    } else {
      this.ndjson = new NdjsonHandler({ encoding, write: (bytes, start, end) => output.write(bytes, start, end) });
      this.ndjson.driver = driver;
    }
  }

  /** The rest of the file may take a while: the value should not wait for it. */
  private written(): void {
    this.ndjson?.flush();
    this.output.flush();
  }
}

function notFound(source: string, key: Uint8Array, dbs: readonly number[] | undefined): Error {
  const where = dbs === undefined ? '' : ` in db ${dbs.join(', ')}`;
  const error = new NotFoundError(`${source}: there is no key ${lineText(key)}${where}`);
  return withHint(error, `rdb-inspect keys ${source} -k '…*' lists keys`);
}
