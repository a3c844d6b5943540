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
import { copyBytes } from '../../bytes/slice.js';
import { JsonWriter } from '../../convert/json/json-writer.js';
import type { LargeRequest } from '../../rdb/large-value.js';
import type { ValueType } from '../../rdb/model.js';
import { NO_SINK } from '../../rdb/no-sink.js';
import type { KeyInfo } from '../../rdb/visitor.js';
import { NotFoundError, UsageError } from '../failures.js';
import type { EncodingChoice } from '../options.js';
import type { Output } from '../output.js';
import { lineText, parseBytesArgument } from './bytes-text.js';
import { type DecodeChoice, decodeValue, terminalText } from './decode-value.js';
import { indentJson } from './indent-json.js';
import { type IndexRange, parseIndexRange, RangePicker, resolveRange } from './index-range.js';
import { scoreText } from './quantity.js';
import type { ValuePrinter } from './value-printer.js';

export interface PathOptions {
  readonly decode: DecodeChoice;
  readonly json: boolean;
  readonly encoding: EncodingChoice;
  /** Told what was recognised. */
  readonly onForms: (forms: readonly string[]) => void;
}

export class PathPrinter implements ValuePrinter {
  private results: Uint8Array[] = [];
  private picker: RangePicker | undefined;
  private isOne = true;
  private type: ValueType = 'string';

  constructor(
    private readonly path: string,
    private readonly output: Output,
    private readonly options: PathOptions,
  ) {}

  /** Throws UsageError for a path that the type has no use for. */
  begin({ type }: KeyInfo): LargeRequest['sink'] {
    this.type = type;
    switch (type) {
      case 'string':
        return this.ofString();
      case 'list':
        return this.ofList();
      case 'hash':
        return { ...NO_SINK, hashField: this.pairs((value: Slice) => value.copy()) };
      case 'set':
        return { ...NO_SINK, setMember: (member) => this.pairs((found: Slice) => found.copy())(member, member) };
      case 'zset':
        return { ...NO_SINK, zsetMember: this.pairs((score: number) => scoreBytes(score)) };
      case 'stream':
        return this.ofStream();
      case 'array':
        return this.ofArray();
      default:
        throw new UsageError(`--path has no meaning in a value of type ${type}`);
    }
  }

  /** Throws NotFoundError where nothing is at the path. */
  end(): void {
    if (this.picker !== undefined) this.results = this.picker.finish();
    if (this.results.length === 0) throw new NotFoundError(`this ${this.type} has nothing at ${this.path}`);
    if (this.options.json) this.printJson();
    else if (this.isOne) this.printOne(this.results[0]!);
    else for (const part of this.results) this.output.text(`${lineText(part)}\n`);
  }

  private ofString(): LargeRequest['sink'] {
    const range = this.range('a range of bytes');
    return {
      ...NO_SINK,
      string: ({ bytes, start, end }) => {
        const picked = resolveRange(range, end - start);
        if (picked.end > picked.start) this.results.push(copyBytes(bytes, start + picked.start, start + picked.end));
      },
    };
  }

  private ofList(): LargeRequest['sink'] {
    const range = this.range('an index or a range of indexes');
    const picker = new RangePicker(range);
    this.picker = picker;
    this.isOne = range.isIndex;
    return { ...NO_SINK, listItem: (item) => picker.add(item) };
  }

  private ofStream(): LargeRequest['sink'] {
    if (!/^\d+-\d+$/.test(this.path))
      throw new UsageError(`a stream is asked for an id such as 1526985054069-0, not ${this.path}`);
    this.isOne = false;
    let isWanted = false;
    return {
      ...NO_SINK,
      streamEntry: ({ ms, seq }) => {
        isWanted = `${ms.unsigned()}-${seq.unsigned()}` === this.path;
      },
      streamField: (field, value) => {
        if (isWanted) this.results.push(field.copy(), value.copy());
      },
    };
  }

  private ofArray(): LargeRequest['sink'] {
    if (!/^\d{1,20}$/.test(this.path)) throw new UsageError(`an array is asked for an index, not ${this.path}`);
    const wanted = BigInt(this.path);
    return {
      ...NO_SINK,
      arrayElement: (index, value) => {
        if (index.unsigned() === wanted) this.results.push(value.copy());
      },
    };
  }

  /** Looks for the element whose name is the path; the first one counts. */
  private pairs<T>(copy: (value: T) => Uint8Array): (name: Slice, value: T) => void {
    const wanted = parseBytesArgument(this.path);
    return (name, value) => {
      if (this.results.length === 0 && isEqual(name, wanted)) this.results.push(copy(value));
    };
  }

  private range(what: string): IndexRange {
    const range = parseIndexRange(this.path);
    if (range === undefined) throw new UsageError(`a ${this.type} is asked for ${what} such as 0..9, not ${this.path}`);
    return range;
  }

  private printOne(value: Uint8Array): void {
    const isDecoded = this.options.decode === 'auto';
    const { forms, bytes } = isDecoded ? decodeValue(value) : { forms: [], bytes: value };
    this.options.onForms(forms);
    if (!this.output.isTerminal) this.output.write(bytes);
    else this.output.text(`${(isDecoded && indentJson(bytes)) || (terminalText(bytes) ?? lineText(bytes))}\n`);
  }

  private printJson(): void {
    const out = new JsonWriter(this.options.encoding, (bytes, start, end) => this.output.write(bytes, start, end));
    if (!this.isOne) out.ascii('[');
    this.results.forEach((part, index) => {
      out.comma(index);
      out.string(part, 0, part.length);
    });
    if (!this.isOne) out.ascii(']');
    out.endLine();
    out.flush();
  }
}

function isEqual({ bytes, start, end }: Slice, wanted: Uint8Array): boolean {
  if (end - start !== wanted.length) return false;
  for (let index = 0; index < wanted.length; index++) if (bytes[start + index] !== wanted[index]) return false;
  return true;
}

function scoreBytes(score: number): Uint8Array {
  return new TextEncoder().encode(scoreText(score));
}
