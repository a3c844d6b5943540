/**
 * Looks up the command of one view after another. Logs have few different names, and nearly all of them take eight bytes at
 * the most: those are found again by two numbers, a hundred million times a second.
 */
import { type CommandSpec, lookupCommand } from './command-table.js';
import type { CommandView } from './command-view.js';

const SLOTS = 256;
const MAX_CACHED_NAME = 8;
const NO_BYTES = new Uint8Array(0);

export class CommandLookup {
  private readonly firstWords = new Int32Array(SLOTS);
  private readonly secondWords = new Int32Array(SLOTS);
  /** Size of the name; 0 where nothing is held. */
  private readonly sizes = new Uint8Array(SLOTS);
  private readonly specs: (CommandSpec | undefined)[] = new Array<undefined>(SLOTS).fill(undefined);
  private viewed: Uint8Array = NO_BYTES;
  private words: DataView = new DataView(NO_BYTES.buffer);

  /** As lookupCommand. */
  find(view: CommandView): CommandSpec | undefined {
    const start = view.ranges[0]!;
    const size = view.ranges[1]! - start;
    // An elided name has its start below 0.
    if (start < 0 || size > MAX_CACHED_NAME || size === 0) return lookupCommand(view);
    const { bytes } = view;
    const first = size < 4 ? shortWord(bytes, start, size) : this.wordsOf(bytes).getInt32(start, true);
    // Of up to eight bytes the last four, which may be some of the first.
    const second = size <= 4 ? 0 : this.words.getInt32(start + size - 4, true);
    const slot = (Math.imul(first ^ Math.imul(second, 31), 0x9e3779b1) >>> 24) & (SLOTS - 1);
    if (this.firstWords[slot] === first && this.secondWords[slot] === second && this.sizes[slot] === size)
      return this.specs[slot];
    const spec = lookupCommand(view);
    // Of a container the second argument decides.
    if (spec === undefined || spec.isSubcommand || spec.subcommands !== undefined) return spec;
    this.sizes[slot] = size;
    this.firstWords[slot] = first;
    this.secondWords[slot] = second;
    this.specs[slot] = spec;
    return spec;
  }

  private wordsOf(bytes: Uint8Array): DataView {
    if (bytes !== this.viewed) {
      this.viewed = bytes;
      this.words = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    }
    return this.words;
  }
}

function shortWord(bytes: Uint8Array, start: number, size: number): number {
  let word = 0;
  for (let at = 0; at < size; at++) word = (word << 8) | bytes[start + at]!;
  return word;
}
