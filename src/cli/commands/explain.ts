/** `explain`: the bytes of one record, annotated. */
import type { ByteSource } from '../../bytes/source.js';
import { type Explanation, explainAt, NotFoundError as NothingThere, type Where } from '../../inspect/explain.js';
import { EXIT } from '../exit-codes.js';
import { NotFoundError, UsageError } from '../failures.js';
import type { Invocation } from '../invocation.js';
import { jsonBytes, parseBytesArgument } from '../render/bytes-text.js';
import { formatExplanation } from '../render/hex.js';
import { Session, type SharedOptions } from '../session.js';

export interface ExplainCommandOptions extends SharedOptions {
  readonly offset?: number;
  readonly key?: string;
  readonly db?: readonly number[];
}

const DEFAULT_COLUMNS = 100;

export async function runExplain(arg: string, options: ExplainCommandOptions, invocation: Invocation): Promise<number> {
  const where = whereOf(options);
  const session = new Session(options, invocation.signal, invocation.nowMs);
  const spec = await session.resolveOne(arg);
  return await session.toOutput([spec], async (output) => {
    const explanation = await session.read(spec, (source) => explain(source, where));
    const columns = output.isTerminal ? process.stdout.columns : DEFAULT_COLUMNS;
    output.text(
      session.json
        ? `${JSON.stringify(explanationJson(spec.name, explanation))}\n`
        : formatExplanation(explanation, session.style, columns),
    );
    return EXIT.OK;
  });
}

async function explain(source: ByteSource, where: Where): Promise<Explanation> {
  try {
    return await explainAt(source, where);
  } catch (error) {
    throw error instanceof NothingThere ? new NotFoundError(error.message) : error;
  }
}

function whereOf({ offset, key, db = [] }: ExplainCommandOptions): Where {
  if ((offset === undefined) === (key === undefined)) throw new UsageError('one of --offset and --key is wanted');
  if (db.length > 1) throw new UsageError('a record stands in one database: -n takes one number here');
  if (offset !== undefined) return { offset };
  return { key: parseBytesArgument(key!), ...(db.length === 1 && { db: db[0]! }) };
}

function explanationJson(source: string, { record, spans }: Explanation): object {
  const { key, ...rest } = record;
  return {
    schema: 'rdb-inspect/explain@1',
    source,
    record: { ...rest, ...(key && { key: jsonBytes(key) }) },
    spans: spans.map(({ bytes, ...span }) => ({ ...span, hex: Buffer.from(bytes).toString('hex') })),
  };
}
