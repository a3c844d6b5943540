/** The values of all settings, as they are kept: byte strings by name, the server's own spelling. */
import type { ByteString } from '../../bytes/byte-string.js';
import { type ConfigKind, normalised, takesSeveralWords } from './config-kind.js';
import { MOST_LONG } from './config-size.js';
import { CONFIG_TABLE, type ConfigRow } from './config-table.js';

/** What was given: values by the setting's own name. What is missing is as at first. */
export type ConfigValues = ReadonlyMap<string, ByteString>;

/** A value as CONFIG SET gives it, in one word: what has several is parted at every blank. */
export function wordsOf(kind: ConfigKind, value: ByteString): readonly ByteString[] {
  if (!takesSeveralWords(kind)) return [value];
  return value === '' ? [] : value.split(' ');
}

/** All settings; to be read by those who know the kinds of what they read. */
export class SettingValues {
  private readonly values = new Map<string, ByteString>(CONFIG_TABLE.map(({ name, initial }) => [name, initial]));

  /** Throws ConfigRefusal for a value that a setting does not take. */
  constructor(given: ConfigValues = new Map()) {
    for (const row of CONFIG_TABLE) {
      const value = given.get(row.name);
      if (value !== undefined) this.values.set(row.name, this.normalised(row, value));
    }
  }

  /** What it would become. Throws ConfigRefusal. */
  normalised({ name, kind }: ConfigRow, value: ByteString): ByteString {
    return this.normalisedWords({ name, kind }, wordsOf(kind, value));
  }

  /** As {@link normalised}, of a value that comes in words. */
  normalisedWords({ name, kind }: Pick<ConfigRow, 'name' | 'kind'>, words: readonly ByteString[]): ByteString {
    return withinReason(name, normalised(name, kind, words, this.text(name)));
  }

  put(name: string, value: ByteString): void {
    this.values.set(name, value);
  }

  text(name: string): ByteString {
    return this.values.get(name)!;
  }

  isYes(name: string): boolean {
    return this.text(name) === 'yes';
  }

  /** Beyond 2^53 the nearest one that there is. */
  number(name: string): number {
    return Number(this.text(name));
  }
}

/** What the server takes, and then makes the nearest of that it works with. */
const REASON: Readonly<Record<string, readonly [least: bigint, most: bigint]>> = {
  hz: [1n, 500n],
  'repl-backlog-size': [16n * 1024n, MOST_LONG],
};

function withinReason(name: string, value: ByteString): ByteString {
  const bounds = REASON[name];
  if (bounds === undefined) return value;
  const [least, most] = bounds;
  const number = BigInt(value);
  return String(number < least ? least : number > most ? most : number);
}
