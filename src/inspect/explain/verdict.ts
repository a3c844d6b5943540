/** What the decoder says about a value, where every span of it could be read. */
import { FormatError } from '../../bytes/errors.js';
import { DEFAULT_LIMITS } from '../../bytes/limits.js';
import { skipString } from '../../codecs/string.js';
import { type DecodeContext, ValueCursor } from '../../rdb/cursor.js';
import { typeTable } from '../../rdb/types/index.js';
import type { ValueSink } from '../../rdb/types/type-codec.js';
import { IGNORE_VALUE } from '../../rdb/visitor.js';
import type { FileFacts } from './values.js';

const NOWHERE: ValueSink = { ...IGNORE_VALUE, blob: () => undefined };

/**
 * Decodes the value of a whole record strictly, whose type byte is at `typePos`: order, pairs, ranges and references,
 * which no single span shows. Returns what is wrong, its offset counted in `bytes`.
 */
export function judgeValue(bytes: Uint8Array, typePos: number, file: FileFacts): FormatError | undefined {
  const context: DecodeContext = {
    dialect: file.dialect,
    version: file.version,
    limits: DEFAULT_LIMITS,
    deep: true,
    templates: new Map(file.templates),
    warn: () => undefined,
  };
  const codec = typeTable(context)[bytes[typePos]!];
  if (codec === undefined) return undefined;
  const cursor = new ValueCursor(context);
  try {
    cursor.start(bytes, skipString(bytes, typePos + 1, bytes.length), bytes.length, 'element');
    codec.read(cursor, NOWHERE).next();
    return undefined;
  } catch (error) {
    if (error instanceof FormatError) return error;
    throw error;
  }
}
