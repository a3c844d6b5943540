/**
 * Commands in bulk, where the window lies in the memory of a workspace: compiled code passes those that are plainly in order and
 * whose names it has been told of (kernels/assembly/resp-scan.as.ts). It is told of a name when the first command with it has
 * been looked at, as one of which nothing has to be said, however often it comes.
 *
 *     slot   32 bytes, chosen by a hash of the name's first eight bytes
 *      0     the name as it stands in the log, zeros behind it
 *     16     the least and the greatest number of arguments, the name included
 *     24     size of the name
 *     28     0, or 1: one with an argument EX or PX is not passed; 2 and more: 1 + the CONTROL of the name
 */
import type { Window } from '../bytes/window.js';
import { RESP_COMMANDS, RESP_NAMES, RESP_NAMES_SIZE, WINDOW } from '../kernels/memory-map.js';
import type { Workspace } from '../kernels/workspace.js';
import { CONTROL, type CommandView } from './command-view.js';
import type { LogState } from './log-state.js';

const MAX_NAME = 16;
const SLOT_SIZE = 32;
const HASH_FACTOR = 0x9e3779b1;
const MAX_ARGUMENTS = 0x7fffffff;

/** Usage: {@link learn} names, {@link run}. */
export class CommandScan {
  /** What the last {@link run} has passed; of the arguments the names are some, of the commands MULTI and EXEC. */
  commands = 0;
  arguments = 0;
  transactions = 0;
  private readonly names: DataView;
  private readonly counts: Int32Array;

  /** The names that the workspace knew are forgotten. */
  constructor(private readonly workspace: Workspace) {
    const names = workspace.uint8(RESP_NAMES, RESP_NAMES_SIZE).fill(0);
    this.names = new DataView(names.buffer, names.byteOffset, names.length);
    this.counts = workspace.int32(RESP_COMMANDS, 4);
  }

  /**
   * Commands with the name of this one may be passed from now on. `arity` as in CommandSpec; with `isTimed` those that have an
   * argument EX or PX may not; of control commands only SELECT outside of transactions, and transactions as a whole. A name that falls on the slot of another one replaces it.
   */
  learn(view: CommandView, arity: number, isTimed: boolean): void {
    const size = view.size(0);
    if (size > MAX_NAME || view.isElided(0)) return;
    const { names } = this;
    const words = [0, 4, 8, 12].map((at) => wordOf(view, at, size));
    const slot = (Math.imul(words[0]! ^ Math.imul(words[1]!, 31), HASH_FACTOR) >>> 24) * SLOT_SIZE;
    for (let at = 0; at < 4; at++) names.setInt32(slot + 4 * at, words[at]!, true);
    names.setInt32(slot + 16, Math.abs(arity), true);
    names.setInt32(slot + 20, arity < 0 ? MAX_ARGUMENTS : arity, true);
    names.setInt32(slot + 24, size, true);
    names.setInt32(slot + 28, view.control !== CONTROL.NONE ? 1 + view.control : isTimed ? 1 : 0, true);
  }

  /** Passes commands from the window's position on, moving that and the state. False where there were none. */
  run(window: Window, state: LogState): boolean {
    if (window.kernels !== this.workspace) return false;
    const { counts } = this;
    const open = state.inTransaction ? -1 : 0;
    window.pos = this.workspace.kernels.respScan(WINDOW + window.pos, WINDOW + window.end, open) - WINDOW;
    this.commands = counts[0]!;
    this.arguments = counts[1]!;
    this.transactions = counts[2]!;
    if (this.commands === 0) return false;
    state.passed(this.commands, window.offset, counts[3]!);
    return true;
  }
}

/** Four bytes of a name, little endian, with zeros behind its end. */
function wordOf(view: CommandView, from: number, size: number): number {
  const start = view.start(0);
  let word = 0;
  for (let at = Math.min(size, from + 4) - 1; at >= from; at--) word = (word << 8) | view.bytes[start + at]!;
  return word;
}
