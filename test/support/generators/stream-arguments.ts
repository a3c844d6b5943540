/** What random commands on streams are made of. */
import type { Engine } from '../../../src/engine/engine.js';
import type { Argument, Chance, Generated } from '../engine-differential.js';

export const STREAMS = ['x:s', 'x:t', 'x:u'];
const OTHERS = ['x:list', 'x:none', 'x:none'];
export const GROUPS = ['g', 'h', ''];
export const CONSUMERS = ['c', 'd', 'e', ''];
export const BAD_NUMBERS = ['-1', 'x', '', '1.5', '9223372036854775808', ' 1', '01'];
const ODD_IDS = [
  ...['0-0', '0-*', '-', '+', '$', '>', '(5', '(', '(-', '((1', 'x', '', '-1', '1-', '1-x', '1-1-1', '05-1', '+5-1'],
  ...[' 5-1', '5-+1', '5--1', '5--01', '5-1\x00z', '18446744073709551615', '18446744073709551616'],
  ...['18446744073709551615-18446744073709551615', '(18446744073709551615-18446744073709551615', '(0-0'],
  ...['18446744073709551614-5', '9007199254740993-9007199254740993', '0'.repeat(127), '0'.repeat(128)],
];

export type Maker = (chance: Chance) => Generated;

/** Ids rise slowly, so that most of what is added can be: for each engine on its own. */
class Ids {
  private ms = 1;

  next(chance: Chance): string {
    if (chance.odds(0.2)) this.ms += chance.integer(4);
    if (chance.odds(0.03)) this.ms = Math.max(1, this.ms - chance.integer(20));
    return `${this.ms}-${chance.odds(0.5) ? '*' : chance.integer(6)}`;
  }

  seen(chance: Chance): string {
    const ms = Math.max(0, this.ms - chance.integer(12) + 1);
    return chance.odds(0.1) ? String(ms) : `${ms}-${chance.integer(6)}`;
  }
}

const idsByEngine = new WeakMap<Engine, Ids>();

function idsOf({ engine }: Chance): Ids {
  const ids = idsByEngine.get(engine) ?? new Ids();
  idsByEngine.set(engine, ids);
  return ids;
}

export function nextId(chance: Chance): string {
  return chance.odds(0.03) ? chance.pick(ODD_IDS) : idsOf(chance).next(chance);
}

export function seenId(chance: Chance): string {
  return chance.odds(0.02) ? chance.pick(ODD_IDS) : idsOf(chance).seen(chance);
}

export function someIds(chance: Chance, most: number): string[] {
  return Array.from({ length: 1 + chance.integer(most) }, () => seenId(chance));
}

/** One end of an interval. */
export function limit(chance: Chance): string {
  if (chance.odds(0.4)) return chance.pick(['-', '+']);
  return (chance.odds(0.3) ? '(' : '') + seenId(chance);
}

export function key(chance: Chance): string {
  return chance.odds(0.04) ? chance.pick(OTHERS) : chance.pick(STREAMS);
}

export function maybe(chance: Chance, probability: number, ...args: Argument[]): Argument[] {
  return chance.odds(probability) ? args : [];
}

export function number(chance: Chance, below: number): Argument {
  return chance.odds(0.03) ? chance.pick(BAD_NUMBERS) : chance.integer(below);
}

export function pairs(chance: Chance): Argument[] {
  if (chance.odds(0.03)) return ['a', 'b', 'c'];
  if (chance.odds(0.6)) return ['a', chance.pick(['', '1', '-70000', '127', 'text', '9223372036854775807']), 'b', 2];
  const fields = chance.some(['a', '12', 'f'.repeat(chance.pick([1, 63, 64, 130])), ''], 3);
  return fields.flatMap((field) => [field, chance.pick(['v', '-1', '4096', 'x'.repeat(chance.integer(80))])]);
}

/** Words that older servers do not know. */
export function references(chance: Chance): Argument[] {
  if (!chance.has('XDELEX')) return maybe(chance, 0.01, 'KEEPREF');
  const word = chance.odds(0.6) ? chance.pick(['KEEPREF', 'DELREF', 'acked']) : undefined;
  return word === undefined ? [] : [word, ...maybe(chance, 0.02, 'KEEPREF')];
}

/** Any of these commands, as far as the server has them. */
export function oneOf(chance: Chance, makers: readonly Maker[]): Generated {
  for (;;) {
    const generated = chance.pick(makers)(chance);
    const args = 'args' in generated ? generated.args : generated;
    if (chance.has(String(args[0]))) return generated;
  }
}
