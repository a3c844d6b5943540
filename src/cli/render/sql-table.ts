/** A table of any number of rows: its columns are as wide as the first thousand of them want. */
import stringWidth from 'string-width';
import { fitMiddle } from './fit.js';
import type { Style } from './style.js';

export interface GrowingColumn {
  readonly title: string;
  readonly isNumber: boolean;
}

export interface Cell {
  /** Safe to print. */
  readonly text: string;
  readonly isDim: boolean;
}

const LOOK_ROWS = 1000;
const GAP = 2;
/** Columns are not made narrower, whatever the terminal's width. */
const LEAST_WIDTH = 8;

export class GrowingTable {
  private waiting: (readonly Cell[])[] | undefined = [];
  private widths: readonly number[] = [];

  constructor(
    private readonly columns: readonly GrowingColumn[],
    /** Of a line. Cells that do not fit are cut; never where it is infinite. */
    private readonly width: number,
    private readonly style: Style,
    private readonly write: (text: string) => void,
  ) {}

  row(cells: readonly Cell[]): void {
    if (this.waiting === undefined) {
      this.writeRow(cells);
      return;
    }
    this.waiting.push(cells);
    if (this.waiting.length === LOOK_ROWS) this.begin();
  }

  finish(): void {
    this.begin();
  }

  private begin(): void {
    const rows = this.waiting;
    if (rows === undefined) return;
    this.waiting = undefined;
    const wanted = this.columns.map(({ title }, index) =>
      rows.reduce((most, row) => Math.max(most, stringWidth(row[index]!.text)), stringWidth(title)),
    );
    this.widths = fitColumns(wanted, this.width - GAP * (wanted.length - 1));
    this.writeLine(this.columns.map(({ title }) => ({ text: title, isDim: true })));
    for (const row of rows) this.writeRow(row);
  }

  private writeRow(cells: readonly Cell[]): void {
    this.writeLine(cells);
  }

  private writeLine(cells: readonly Cell[]): void {
    const padded = cells.map(({ text, isDim }, index) => {
      const width = this.widths[index]!;
      const shown = Number.isFinite(this.width) ? fitMiddle(text, width) : text;
      const space = ' '.repeat(Math.max(0, width - stringWidth(shown)));
      const painted = isDim ? this.style.dim(shown) : shown;
      if (this.columns[index]!.isNumber) return space + painted;
      return index === cells.length - 1 ? painted : painted + space;
    });
    this.write(`${padded.join(' '.repeat(GAP))}\n`);
  }
}

/** Narrows the widest columns until all of them fit into `room`, or cannot be narrowed any more. */
function fitColumns(wanted: readonly number[], room: number): number[] {
  const widths = [...wanted];
  let excess = widths.reduce((sum, width) => sum + width, 0) - room;
  while (excess > 0) {
    const widest = Math.max(...widths);
    if (widest <= LEAST_WIDTH) break;
    const next = Math.max(LEAST_WIDTH, ...widths.filter((width) => width < widest));
    const sharing = widths.filter((width) => width === widest).length;
    const cut = Math.max(1, Math.min(widest - next, Math.ceil(excess / sharing)));
    for (const [index, width] of widths.entries()) {
      if (width !== widest || excess <= 0) continue;
      widths[index] = width - Math.min(cut, excess);
      excess -= Math.min(cut, excess);
    }
  }
  return widths;
}
