/** Which arguments of a command are keys, and what it does to each: the rules of command-table.ts on one command. */

import { type CommandSpec, KEY_ROLE, type KeyRole, type KeyRule } from './command-table.js';
import type { CommandWords } from './command-words.js';

/**
 * The keys of one command after the other; made once, asked per command, without allocating. A key that a command names
 * twice is found twice. An argument that says where the keys are, and that makes no sense, gives none.
 */
export class KeyPositions {
  count = 0;
  /** The first {@link count} are valid until the next {@link locate}: indexes of arguments, which may be elided. */
  index: Int32Array<ArrayBuffer> = new Int32Array(64);
  /** The {@link KeyRole} of each. */
  role: Uint8Array<ArrayBuffer> = new Uint8Array(64);

  /** Finds the keys of a command, in the order of its rules; returns how many there are. */
  locate(words: CommandWords, spec: CommandSpec): number {
    this.count = 0;
    const { keys } = spec;
    for (let at = 0; at < keys.length; at++) this.apply(words, keys[at]!);
    return this.count;
  }

  private apply(words: CommandWords, rule: KeyRule): void {
    switch (rule.kind) {
      case 'range':
        this.range(words, rule.role, rule.first, rule.last, rule.step);
        break;
      case 'count':
        this.counted(words, rule.role, rule.first, rule.step);
        break;
      case 'store':
        this.behindStore(words, rule.role, rule.first);
        break;
      case 'streams':
        this.streams(words, rule.role, rule.first);
        break;
      case 'sort':
        this.sortTarget(words, rule.role);
        break;
      case 'migrate':
        this.migrated(words, rule.role);
    }
  }

  private range(words: CommandWords, role: KeyRole, first: number, last: number, step: number): void {
    const stop = Math.min(last < 0 ? words.argc + last : last, words.argc - 1, words.held - 1);
    for (let at = first; at <= stop; at += step) this.add(at, role);
  }

  private counted(words: CommandWords, role: KeyRole, first: number, step: number): void {
    const last = first + 1 + (words.count(first) - 1) * step;
    // Servers refuse a number that says more than there is.
    if (last < words.argc) this.range(words, role, first + 1, last, step);
  }

  /** GEORADIUS: the last STORE or STOREDIST wins, and what follows one is no option. */
  private behindStore(words: CommandWords, role: KeyRole, first: number): void {
    let found = -1;
    for (let at = first; at + 1 < words.held; at++) {
      if (words.is(at, 'STORE') || words.is(at, 'STOREDIST')) found = ++at;
    }
    if (found > 0) this.add(found, role);
  }

  private streams(words: CommandWords, role: KeyRole, first: number): void {
    for (let at = first; at < words.held; at++) {
      if (!words.is(at, 'STREAMS')) continue;
      const half = words.argc - at - 1;
      if (half % 2 === 0) this.range(words, role, at + 1, at + half / 2, 1);
      return;
    }
  }

  /** SORT: the last STORE wins; the arguments of LIMIT, GET and BY are no options, though they may look like them. */
  private sortTarget(words: CommandWords, role: KeyRole): void {
    let found = -1;
    for (let at = 2; at < words.held; at++) {
      if (words.is(at, 'LIMIT')) at += 2;
      else if (words.is(at, 'GET') || words.is(at, 'BY')) at++;
      else if (words.is(at, 'STORE') && at + 1 < words.held) found = ++at;
    }
    if (found > 0) this.add(found, role);
  }

  /** MIGRATE host port key db timeout …: an empty key says that those behind KEYS are meant. */
  private migrated(words: CommandWords, role: KeyRole): void {
    if (words.argc < 6 || words.held < 4) return;
    if (words.size(3) > 0) {
      this.add(3, role);
      return;
    }
    for (let at = 6; at < words.held; at++) {
      if (words.is(at, 'AUTH')) at++;
      else if (words.is(at, 'AUTH2')) at += 2;
      else if (words.is(at, 'KEYS')) {
        this.range(words, role, at + 1, -1, 1);
        return;
      }
    }
  }

  private add(index: number, role: KeyRole): void {
    if (this.count === this.index.length) this.grow();
    this.index[this.count] = index;
    this.role[this.count++] = role;
  }

  private grow(): void {
    const index = new Int32Array(this.index.length * 2);
    const role = new Uint8Array(this.role.length * 2);
    index.set(this.index);
    role.set(this.role);
    this.index = index;
    this.role = role;
  }
}

const shared = new KeyPositions();

/** Calls `each` with the index and the role of every key of a command. Not to be called from within itself. */
export function forEachKey(words: CommandWords, spec: CommandSpec, each: (index: number, role: KeyRole) => void): void {
  const count = shared.locate(words, spec);
  for (let at = 0; at < count; at++) each(shared.index[at]!, shared.role[at]! as KeyRole);
}

/** Whether a role may change the key; reading does not. */
export function isWriting(role: KeyRole): boolean {
  return role !== KEY_ROLE.READ;
}
