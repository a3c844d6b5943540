/** How much the row groups of several files may hold together. */

/** A file with a row group in the making. */
export interface BudgetedTable {
  readonly heldBytes: number;
  writeGroup(): void;
}

/** Rows, or bytes, between two looks at what is held: a look costs more than a row. */
const LOOK_ROWS = 256;
const LOOK_BYTES = 256 * 1024;

export class RowGroupBudget {
  /** A row holds bytes that are valid only now: its group has to be written when it is complete. */
  isSpent = false;
  /** Bytes that have been added since the last look. */
  unseenBytes = 0;
  private readonly tables: BudgetedTable[] = [];
  private rowsLeft = LOOK_ROWS;

  constructor(
    /** Of one table. */
    private readonly groupBytes: number,
    /** Of all of them. */
    private readonly totalBytes: number,
  ) {}

  add(table: BudgetedTable): void {
    this.tables.push(table);
  }

  /** A row of `table` is complete: its group, or the largest one, is written where there is too much. */
  afterRow(table: BudgetedTable): void {
    if (this.isSpent) {
      this.isSpent = false;
      table.writeGroup();
    } else if (--this.rowsLeft === 0 || this.unseenBytes > LOOK_BYTES) {
      this.rowsLeft = LOOK_ROWS;
      this.unseenBytes = 0;
      this.look(table);
    }
  }

  private look(table: BudgetedTable): void {
    if (table.heldBytes > this.groupBytes) table.writeGroup();
    let total = 0;
    let largest = table;
    for (const one of this.tables) {
      total += one.heldBytes;
      if (one.heldBytes > largest.heldBytes) largest = one;
    }
    if (total > this.totalBytes) largest.writeGroup();
  }
}
