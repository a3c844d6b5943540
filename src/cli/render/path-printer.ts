/**
 * `get --path`: one part of a value, or a range of parts.
 *
 *     string  a range of bytes      list    an index or a range       hash    a field
 *     set     a member              zset    a member: its score       stream  an id: its fields and values
 *     array   an index
 *
 * Ranges are written 0..9 or 0~9, both ends count, negative ones from the end.
 */
import type { Slice } from '../../bytes/slice.js';
import { JsonWriter } from '../../convert/json/json-writer.js';
import { NO_SINK } from '../../inspect/no-sink.js';
import type { LargeRequest } from '../../rdb/large-value.js';
import type { ValueType } from '../../rdb/model.js';
import type { KeyInfo } from '../../rdb/visitor.js';
import { NotFoundError, UsageError } from '../failures.js';
import type { EncodingChoice } from '../options.js';
import type { Output } from '../output.js';
import { lineText, parseBytesArgument } from './bytes-text.js';
import { type DecodeChoice, decompressValue } from './decode-value.js';
import { formatIndexRange, type IndexRange, parseIndexRange, RangePicker } from './index-range.js';
import type { ValuePrinter } from './value-printer.js';

export interface PathOptions {
  readonly decode: DecodeChoice;
  readonly json: boolean;
  readonly encoding: EncodingChoice;
}
