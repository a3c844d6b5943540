/** `export`: every key with its value. */
import { type JsonFormat, NdjsonHandler, type NdjsonOptions } from '../../convert/json/ndjson-handler.js';
import type { EndEntry, RdbRecord } from '../../rdb/model.js';
import { EXIT } from '../exit-codes.js';
import { UsageError, withHint } from '../failures.js';
import { type EncodingChoice, type FilterOptions, filterOf } from '../options.js';
import type { Output } from '../output.js';
import type { Invocation } from '../program.js';
import { readRows } from '../read-rows.js';
import { Session, type SharedOptions } from '../session.js';
import { ShardFilter } from '../shard-filter.js';

export interface ExportOptions extends SharedOptions, FilterOptions {
  readonly format: string;
  readonly all?: boolean;
  readonly encoding: EncodingChoice;
}

const FORMATS: readonly JsonFormat[] = ['ndjson', 'json'];

export async function runExport(arg: string, options: ExportOptions, invocation: Invocation): Promise<number> {
  const format = parseFormat(options.format);
  const session = new Session(options, invocation.signal, invocation.nowMs, true);
  const specs = await session.resolve([arg]);
  const asked = filterOf(options);
  const filter = asked && new ShardFilter(asked, session.nowMs);
  return await session.toOutput(specs, async (output) => {
    let current = specs[0]!;
    const { all = false, encoding } = options;
    const handler = new ExportHandler(output, {
      format,
      all,
      encoding,
      ...(filter && { filter }),
      write: (bytes, start, end) => output.write(bytes, start, end),
      onWarning: (warning) => session.warn(warning, current),
    });
    try {
      for (const spec of specs) {
        if (handler.isFinished) break;
        current = spec;
        await session.read(spec, async (source) => {
          filter?.next(source);
          await readRows(source, handler, session, output);
          if (handler.ending !== undefined) session.warnTail(handler.ending, spec);
        });
      }
    } catch (error) {
      handler.flush();
      throw error;
    }
    handler.finish();
    return EXIT.OK;
  });
}

/** The lines are those of the library; what is added is when to pause and when to stop. */
class ExportHandler extends NdjsonHandler {
  ending: EndEntry | undefined;
  private isInLarge = false;

  constructor(
    private readonly output: Output,
    private readonly options: NdjsonOptions,
  ) {
    super(options);
  }

  get isFinished(): boolean {
    return this.options.filter?.exhausted === true && !this.isInLarge;
  }

  override record(record: RdbRecord): void {
    if (record.kind === 'end') this.ending = record;
    super.record(record);
  }

  override largeStart(...row: Parameters<NdjsonHandler['largeStart']>): ReturnType<NdjsonHandler['largeStart']> {
    this.isInLarge = true;
    return super.largeStart(...row);
  }

  override largeEnd(): void {
    this.isInLarge = false;
    super.largeEnd();
  }

  override full(): boolean {
    return super.full() || this.output.isBehind || this.isFinished;
  }
}

function parseFormat(text: string): JsonFormat {
  const format = FORMATS.find((one) => one === text.toLowerCase());
  if (format !== undefined) return format;
  throw withHint(new UsageError(`there is no export format ${text}`), `-f ${FORMATS.join(' or -f ')}`);
}
