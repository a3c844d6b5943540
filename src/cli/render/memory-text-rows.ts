/** `memory` key by key: lines for people. */
import type { KeyFacts } from '../../inspect/facts/key-facts.js';
import type { Output } from '../output.js';
import { lineText } from './bytes-text.js';
import { fitMiddle } from './fit.js';
import type { MemoryRows } from './memory-rows.js';
import { formatBytes, formatCount } from './quantity.js';
import type { Style } from './style.js';

/** Columns of a line beside the key. */
const COLUMNS = [10, 11, 11] as const;
const TYPE_COLUMNS = 6;
const ENCODING_COLUMNS = 10;
const OTHER_COLUMNS = COLUMNS.reduce((sum, columns) => sum + columns, 0) + TYPE_COLUMNS + ENCODING_COLUMNS + 8;
const LEAST_KEY_COLUMNS = 16;

/** Lines of fixed columns: how wide all keys to come are is not known. */
export class MemoryTextRows implements MemoryRows {
  private readonly room: number;
  private isFirst = true;

  constructor(
    private readonly output: Output,
    private readonly style: Style,
    width: number,
  ) {
    this.room = Math.max(LEAST_KEY_COLUMNS, width - OTHER_COLUMNS);
  }

  get isBehind(): boolean {
    return this.output.isBehind;
  }

  record(): void {}

  key(facts: KeyFacts): void {
    if (this.isFirst)
      this.output.text(`${this.style.dim(line(['memory', 'in the file', 'elements'], 'type', 'encoding', 'key'))}\n`);
    this.isFirst = false;
    const { bytes, start, end } = facts.key;
    const numbers = [formatBytes(facts.memoryBytes), formatBytes(facts.valueBytes), formatCount(facts.elements)];
    const key = fitMiddle(lineText(bytes, start, end), this.room);
    this.output.text(`${line(numbers, facts.type, facts.memoryEncoding || facts.encoding, key)}\n`);
  }

  finish(): void {
    if (!this.isFirst) this.output.text('\n');
  }
}

function line(numbers: readonly string[], type: string, encoding: string, key: string): string {
  const right = numbers.map((text, at) => text.padStart(COLUMNS[at]!)).join(' ');
  return `${right}  ${type.padEnd(TYPE_COLUMNS)}  ${encoding.padEnd(ENCODING_COLUMNS)}  ${key}`;
}
