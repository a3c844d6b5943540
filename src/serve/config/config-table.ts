/** The settings by name: what config-rows.ts says, as data. */
import type { ConfigKind } from './config-kind.js';
import { CONFIG_ROWS } from './config-rows.js';
import { MOST_LONG, MOST_UNSIGNED } from './config-size.js';

export interface ConfigRow {
  readonly name: string;
  /** Another name that the server knows it by; undefined: there is none. */
  readonly alias: string | undefined;
  /** `fixed`: it is read at the start. `guarded`: it changes where `enable-protected-configs` allows that. `hidden`: no pattern finds it. */
  readonly access: 'open' | 'fixed' | 'guarded' | 'hidden';
  readonly kind: ConfigKind;
  /** As it is kept. */
  readonly initial: string;
}

const BOUNDS: Readonly<Record<string, bigint>> = {
  min: -(2n ** 31n),
  max: 2n ** 31n - 1n,
  long: MOST_LONG,
  ulong: MOST_UNSIGNED,
};

export const CONFIG_TABLE: readonly ConfigRow[] = CONFIG_ROWS.split('\n')
  .map((line) => line.trim())
  .filter((line) => line !== '' && !line.startsWith('--'))
  .map(parseRow);

const ROWS_BY_NAME: ReadonlyMap<string, ConfigRow> = new Map(
  CONFIG_TABLE.flatMap((row) => namesOf(row).map((name) => [name, row])),
);

/** By its own name or the other one, in any letters. */
export function configRow(name: string): ConfigRow | undefined {
  return ROWS_BY_NAME.get(name.toLowerCase());
}

export function namesOf({ name, alias }: ConfigRow): string[] {
  return alias === undefined ? [name] : [name, alias];
}

function parseRow(line: string): ConfigRow {
  const [, names, access, kind, initial] = /^(\S+) {2}(\S+) {2}(\S+)(?: {2}(.*))?$/.exec(line)!;
  const [name, alias] = names!.split(',');
  return {
    name: name!,
    alias,
    access: access === '-' ? 'open' : (access as ConfigRow['access']),
    kind: parseKind(kind!),
    initial: initial ?? '',
  };
}

function parseKind(text: string): ConfigKind {
  const [name, first, second] = text.split(':');
  switch (name) {
    case 'int':
    case 'size':
      return { name, least: bound(first!), most: bound(second!) };
    case 'octal':
      return { name, least: 0n, most: BigInt(`0o${first}`) };
    case 'one-of':
    case 'any-of':
      return { name, words: first!.split('|') };
    default:
      return { name: name as 'text' };
  }
}

function bound(word: string): bigint {
  return BOUNDS[word] ?? BigInt(word);
}
