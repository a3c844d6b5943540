/**
 * Which bytes of a log are cut, and why. Transactions are kept as a whole or not at all; where damage has swallowed a MULTI
 * or an EXEC, what comes first behind it tells which side of the transaction was lost.
 */
import { CONTROL, type CommandView } from '../command-view.js';
import { decodeSelect } from '../log-state.js';
import type { Confidence } from './salvage-resume.js';

/**
 * `damage`: what cannot be read. `tail`: the end of the file, from the last whole command on. `transaction`: whole commands
 * of a transaction of which a part is missing. `half-transaction`: the same, left behind by a server (traps.ts).
 * `inside-value`: what looked like commands and was a value. `uncertain`: what looked like commands, with too little
 * confidence. `nested-multi`, `stray-exec`: this one command, which servers ignore. `annotation`: one without line end.
 * `unloadable`: a command with too few arguments, which makes servers crash or stop. `later`: whole, and later than what was asked for.
 */
export type CutReason =
  | 'damage'
  | 'tail'
  | 'transaction'
  | 'half-transaction'
  | 'inside-value'
  | 'uncertain'
  | 'nested-multi'
  | 'stray-exec'
  | 'annotation'
  | 'unloadable'
  | 'later';

/** Bytes that are left out: `[start, end)` in the file. */
export interface Cut {
  readonly start: number;
  readonly end: number;
  readonly reason: CutReason;
  /** Whole commands in it; what is damaged may have been more. */
  readonly commands: number;
  /** How sure it is that commands begin at `end`; undefined where nothing follows, or where that was never in doubt. */
  readonly confidence: Confidence | undefined;
  /** A SELECT stands in the damage: what follows may belong to another database, up to the next SELECT. */
  readonly mayHideSelect: boolean;
}

export class SalvageLedger {
  private cuts: Cut[] = [];
  /** −1: none has been selected, and a server begins with a SELECT of whichever it is. */
  private db = -1;
  /** Offset of the MULTI of the open transaction; −1 outside. */
  private multiOffset = -1;
  /** Commands since then, MULTI included. */
  private inside = 0;
  /** Where reading went on behind damage, until it is known whether that was inside of a transaction; −1 otherwise. */
  private resumedAt = -1;
  private sinceResumed = 0;
  /** Where, inside the open transaction, a server has started anew. */
  private restartAt = -1;
  private insideAtRestart = 0;
  private annotationAt = -1;
  private isUnended = false;

  copy(): SalvageLedger {
    const copy = new SalvageLedger();
    Object.assign(copy, this);
    copy.cuts = [...this.cuts];
    return copy;
  }

  command(view: CommandView): void {
    this.inside++;
    this.sinceResumed++;
    if (view.control !== CONTROL.NONE) this.control(view);
    this.annotationAt = -1;
    this.isUnended = false;
  }

  /** A command that no server should be given; to be called before {@link command}. */
  unloadable(view: CommandView): void {
    this.cut(view.offset, view.endOffset, 'unloadable', 1);
    this.inside--;
    this.sinceResumed--;
  }

  annotation(offset: number, isUnended: boolean): void {
    if (this.annotationAt < 0) this.annotationAt = offset;
    if (isUnended) this.annotationAt = offset;
    this.isUnended = isUnended;
  }

  /** Bytes that cannot be read. `confidence` undefined: to the end of the file. */
  gap(start: number, end: number, confidence: Confidence | undefined, mayHideSelect: boolean): void {
    if (this.multiOffset >= 0) {
      if (this.restartAt >= 0) this.cutHalf();
      else if (start > this.multiOffset) this.cut(this.multiOffset, start, 'transaction', this.inside);
      this.multiOffset = -1;
    }
    const isTail = confidence === undefined;
    this.cuts.push({
      start,
      end,
      reason: isTail ? 'tail' : 'damage',
      commands: 0,
      confidence,
      mayHideSelect: mayHideSelect && !isTail,
    });
    this.resumedAt = end;
    this.sinceResumed = 0;
  }

  /** Bytes that could be read as commands, and are not taken for such. */
  skip(start: number, end: number, reason: 'inside-value' | 'uncertain', commands: number): void {
    this.cut(start, end, reason, commands);
  }

  /** What follows the damage that ends at `end` is of low confidence. */
  doubt(end: number): void {
    this.cuts = this.cuts.map((cut) =>
      cut.end === end && cut.confidence !== undefined ? { ...cut, confidence: 'low' } : cut,
    );
  }

  /** The end of the file. */
  end(sizeBytes: number): void {
    if (this.multiOffset >= 0) {
      if (this.restartAt >= 0) this.cutHalf();
      else this.cut(this.multiOffset, sizeBytes, 'transaction', this.inside);
    } else if (this.isUnended) {
      this.cut(this.annotationAt, sizeBytes, 'annotation', 0);
    }
  }

  /** All cuts in the order of the file; what lies in another is left out. */
  finish(): Cut[] {
    const merged: Cut[] = [];
    for (const cut of this.cuts.sort((a, b) => a.start - b.start || b.end - a.end)) {
      const last = merged.at(-1);
      if (last !== undefined && cut.start < last.end) {
        // Damage that begins inside of what was cut already.
        if (cut.end <= last.end) continue;
        merged.push({ ...cut, start: last.end });
      } else {
        merged.push(cut);
      }
    }
    return merged;
  }

  private control(view: CommandView): void {
    if (view.control === CONTROL.MULTI) this.multi(view);
    else if (view.control === CONTROL.EXEC) this.exec(view);
    else this.select(view);
  }

  private multi(view: CommandView): void {
    this.resumedAt = -1;
    if (this.multiOffset >= 0) {
      if (this.restartAt < 0) {
        // Servers ignore it: so does whoever reads the file after us.
        this.cut(view.offset, view.endOffset, 'nested-multi', 1);
        this.inside--;
        return;
      }
      this.cutHalf();
    }
    this.multiOffset = view.offset;
    this.inside = 1;
    this.restartAt = -1;
  }

  private exec(view: CommandView): void {
    if (this.multiOffset >= 0) {
      this.multiOffset = -1;
      this.restartAt = -1;
    } else if (this.resumedAt >= 0) {
      this.cut(this.resumedAt, view.endOffset, 'transaction', this.sinceResumed);
    } else {
      this.cut(view.offset, view.endOffset, 'stray-exec', 1);
    }
    this.resumedAt = -1;
  }

  private select(view: CommandView): void {
    const db = decodeSelect(view);
    if (db === undefined) return;
    if (this.multiOffset >= 0 && this.restartAt < 0 && db === this.db) {
      this.restartAt = this.annotationAt >= 0 ? this.annotationAt : view.offset;
      this.insideAtRestart = this.inside - 1;
    }
    this.db = db;
  }

  /** From the MULTI to where a server started anew. */
  private cutHalf(): void {
    this.cut(this.multiOffset, this.restartAt, 'half-transaction', this.insideAtRestart);
    this.multiOffset = -1;
    this.restartAt = -1;
  }

  private cut(start: number, end: number, reason: CutReason, commands: number): void {
    this.cuts.push({ start, end, reason, commands, confidence: undefined, mayHideSelect: false });
  }
}
