/** `memory` key by key: lines of JSON, and a JSON array. */
import { JsonWriter } from '../../convert/json/json-writer.js';
import { type Literal, literal } from '../../convert/json/literal.js';
import type { FactCollector } from '../../inspect/facts/fact-handler.js';
import type { KeyFacts } from '../../inspect/facts/key-facts.js';
import type { Output } from '../output.js';

/** Writes keys as they come. */
export interface MemoryRows extends FactCollector {
  /** No keys follow. */
  finish(): void;
}

/** Prints nothing: only the sums are wanted. */
export const NO_ROWS: MemoryRows = { record: () => undefined, key: () => undefined, finish: () => undefined };

/** A line of JSON for each. */
export class MemoryJsonLines implements MemoryRows {
  private readonly out: JsonWriter;
  private readonly writer = new KeyWriter();

  constructor(private readonly output: Output) {
    this.out = jsonWriter(output);
  }

  get isBehind(): boolean {
    return this.output.isBehind;
  }

  record(): void {}

  key(facts: KeyFacts): void {
    this.writer.write(this.out, facts);
    this.out.endLine();
  }

  finish(): void {
    this.out.flush();
  }
}

/** The elements of a JSON array, on a line each. */
export class MemoryJsonElements implements MemoryRows {
  private readonly out: JsonWriter;
  private readonly writer = new KeyWriter();
  private count = 0;

  constructor(private readonly output: Output) {
    this.out = jsonWriter(output);
  }

  get isBehind(): boolean {
    return this.output.isBehind;
  }

  record(): void {}

  key(facts: KeyFacts): void {
    this.out.ascii(this.count++ === 0 ? '\n' : ',\n');
    this.writer.write(this.out, facts);
    this.out.endPiece();
  }

  finish(): void {
    if (this.count > 0) this.out.ascii('\n');
    this.out.endPiece();
    this.out.flush();
  }
}

function jsonWriter(output: Output): JsonWriter {
  return new JsonWriter('auto', (bytes, start, end) => output.write(bytes, start, end));
}

/** What stands between a key and its numbers, for one kind of value. */
interface Kind {
  readonly type: string;
  readonly encoding: string;
  readonly memoryEncoding: string;
  readonly text: Literal;
}

const DB = literal('{"db":');
const KEY = literal(',"key":');
const SIZE = literal(',"size":');
const ELEMENTS = literal(',"elements":');
const EXPIRE_AT = literal(',"expireAt":');
const CLOSE_BRACE = 0x7d;

/** Writes keys as JSON, the constant parts as they were laid out once. */
class KeyWriter {
  /** There are a few dozen at the most. */
  private readonly kinds: Kind[] = [];

  write(out: JsonWriter, facts: KeyFacts): void {
    const { expireAt } = facts;
    out.literal(DB);
    out.count(facts.db);
    out.literal(KEY);
    out.slice(facts.key);
    out.literal(this.kindOf(facts.type, facts.encoding, facts.memoryEncoding));
    out.count(facts.memoryBytes);
    out.literal(SIZE);
    out.count(facts.valueBytes);
    out.literal(ELEMENTS);
    out.count(facts.elements);
    if (expireAt !== undefined) {
      out.literal(EXPIRE_AT);
      out.time(expireAt);
    }
    out.byte(CLOSE_BRACE);
  }

  private kindOf(type: string, encoding: string, memoryEncoding: string): Literal {
    const { kinds } = this;
    for (let at = 0; at < kinds.length; at++) {
      const kind = kinds[at]!;
      if (kind.memoryEncoding === memoryEncoding && kind.encoding === encoding && kind.type === type) return kind.text;
    }
    const text = literal(`,"type":"${type}","encoding":"${encoding}","memoryEncoding":"${memoryEncoding}","memory":`);
    kinds.push({ type, encoding, memoryEncoding, text });
    return text;
  }
}
