/**
 * Explanations: one record of a dump, byte by byte, as spans that say what each byte means.
 *
 * The file is skimmed up to the record; then annotators walk over its bytes as the format lays them out. So damage shows
 * where it is: what could be read stands before it, and what lies behind bounds that are sound is read all the same.
 */
import { FormatError } from '../bytes/errors.js';
import type { Limits } from '../bytes/limits.js';
import { formatQuoted } from '../bytes/quote.js';
import type { ByteSource } from '../bytes/source.js';
import { Annotator } from './explain/annotator.js';
import { findRecord } from './explain/find.js';
import type { FoundRecord, Where } from './explain/finder.js';
import { annotateEnd, annotateHeader, annotateRecord } from './explain/record.js';
import { DEFAULT_MAX_SPANS, ERROR_LABEL, type Span, SpanList } from './explain/spans.js';
import { type FileFacts, opcodeName, typeName } from './explain/values.js';
import { judgeValue } from './explain/verdict.js';

export type { Where } from './explain/finder.js';
export type { Span } from './explain/spans.js';

export interface ExplainOptions {
  /**
   * Spans at the most; what is left becomes one more at each level that is open, `… n more bytes`. Where an offset far
   * inside a record was asked for, half of them are kept for its surroundings. Default: 2000.
   */
  readonly maxSpans?: number;
  /** `largeValueBytes`: of a value that takes more in the file only the head is looked at. Default: 64 MiB. */
  readonly limits?: Partial<Pick<Limits, 'largeValueBytes'>>;
}

/** A record and the spans that it consists of. */
export interface Explanation {
  readonly record: ExplainedRecord;
  readonly spans: readonly Span[];
}

export interface ExplainedRecord {
  /** File offset of the record, its key attributes included. */
  readonly offset: number;
  /** Bytes; of a record that cannot be read to its end, up to the end of the file. */
  readonly size: number;
  /** `header`, the name of a value type (`HASH_LISTPACK`) or opcode (`AUX`, `EOF`), `tail`, or `broken record`. */
  readonly what: string;
  /** Of a key. */
  readonly db?: number;
  readonly key?: Uint8Array;
}

/** There is no such key, or no such offset in the file. */
export class NotFoundError extends RangeError {
  override readonly name: string = 'NotFoundError';
}

/**
 * Explains the record that holds the byte at `offset` (of the file after decompression), or the record of `key`, the
 * first one where it stands in several databases and none is given. The header, the end of the file and what follows it
 * can be explained by offset too. Reads the source from its start, and does not close it.
 *
 * Where the record is damaged its explanation holds spans labelled `error`.
 *
 * Throws NotFoundError, RangeError for an offset that is none, and FormatError and its kin where the file cannot be read
 * as far as the record.
 */
export async function explainAt(source: ByteSource, where: Where, options: ExplainOptions = {}): Promise<Explanation> {
  const target = 'offset' in where ? where.offset : undefined;
  if (target !== undefined && !(Number.isSafeInteger(target) && target >= 0)) {
    throw new RangeError(`${target} is no offset`);
  }
  const { found, file } = await findRecord(source, where, options.limits ?? {});
  if (found === undefined) throw notFound(where);
  const list = new SpanList(Math.max(1, options.maxSpans ?? DEFAULT_MAX_SPANS), target);
  const size = annotate(found, file, list);
  if (target !== undefined && target >= found.offset + size) throw found.error ?? notFound(where);
  list.markHit();
  return { record: describe(found, size, file), spans: list.spans };
}

/** Returns the size of the record. */
function annotate(found: FoundRecord, file: FileFacts, list: SpanList): number {
  const { bytes, error } = found;
  const cut = bytes.length < found.size;
  const ann = new Annotator(list, bytes, 0, bytes.length, {
    base: found.offset,
    inner: false,
    depth: 0,
    cut,
    early: false,
  });
  ann.whole(found.size, () => walk(ann, found, file));
  if (list.spans.some((span) => span.label === ERROR_LABEL)) return ann.pos;
  // What no single span shows, such as fields out of order, the decoder knows.
  const problem = error ?? (found.typePos === undefined || cut ? undefined : judgeValue(bytes, found.typePos, file));
  if (problem !== undefined) ann.fail(problem);
  return ann.pos;
}

function walk(ann: Annotator, found: FoundRecord, file: FileFacts): void {
  switch (found.kind) {
    case 'header':
      annotateHeader(ann, file);
      return;
    case 'record':
      annotateRecord(ann, file);
      return;
    case 'end':
      annotateEnd(ann, file, found.checksum ?? 'not compared');
      return;
    case 'tail':
      ann.leaf('bytes behind the end', ann.end, () => formatQuoted(ann.bytes, 0, ann.end, TAIL_TEXT_BYTES));
      return;
    case 'broken':
      annotateBroken(ann, found, file);
      return;
  }
}

const TAIL_TEXT_BYTES = 64;

/** The driver has failed at this record: either its bounds are wrong, or what it says within them. */
function annotateBroken(ann: Annotator, found: FoundRecord, file: FileFacts): void {
  try {
    annotateRecord(ann, file);
  } catch (error) {
    // The driver knows better why: it has seen where the file ends.
    throw error instanceof FormatError && found.error !== undefined ? found.error : error;
  }
  ann.endHere();
}

function describe(found: FoundRecord, size: number, file: FileFacts): ExplainedRecord {
  const { offset, db, key } = found;
  return { offset, size, what: nameOf(found, file), ...(db !== undefined && { db }), ...(key && { key }) };
}

function nameOf({ kind, code }: FoundRecord, { dialect }: FileFacts): string {
  if (kind === 'end') return 'EOF';
  if (kind === 'broken') return 'broken record';
  if (kind !== 'record') return kind;
  return typeName(code!, dialect) ?? opcodeName(code!, dialect) ?? 'unknown';
}

function notFound(where: Where): NotFoundError {
  if ('offset' in where) return new NotFoundError(`the file has no byte at ${where.offset}`);
  const db = where.db === undefined ? '' : ` in db ${where.db}`;
  return new NotFoundError(`no key ${formatQuoted(where.key)}${db}`);
}
