/** The keys that a command may change, before it does: what the command table knows, on commands as arguments. */
import { type CommandSpec, KEY_ROLE, type KeyRole } from '../aof/command-table.js';
import type { CommandWords } from '../aof/command-words.js';
import { isWriting, KeyPositions } from '../aof/key-positions.js';
import type { ByteString } from '../bytes/byte-string.js';
import { isOption, parseInt64 } from './arguments.js';

/** Whether a command changes keys that it names. */
export function changesKeys({ keys }: CommandSpec): boolean {
  return keys.some(({ role }) => role !== KEY_ROLE.READ);
}

const positions = new KeyPositions();

/** Calls `visit` for each, a key that is named twice twice. Not to be called from within itself. */
export function forEachChangedKey(
  spec: CommandSpec,
  args: readonly ByteString[],
  visit: (key: ByteString) => void,
): void {
  const count = positions.locate(new ListedWords(args), spec);
  for (let at = 0; at < count; at++) if (isWriting(positions.role[at]! as KeyRole)) visit(args[positions.index[at]!]!);
}

class ListedWords implements CommandWords {
  readonly argc: number;
  readonly held: number;

  constructor(private readonly args: readonly ByteString[]) {
    this.argc = args.length;
    this.held = args.length;
  }

  is(index: number, word: string): boolean {
    return isOption(this.args[index], word);
  }

  size(index: number): number {
    return this.args[index]!.length;
  }

  count(index: number): number {
    const value = parseInt64(this.args[index] ?? '');
    return typeof value === 'number' && value > 0 && value <= MAX_COUNT ? value : 0;
  }
}

const MAX_COUNT = 2 ** 31 - 1;
