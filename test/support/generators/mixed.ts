/** Commands of every family on one dataset, in transactions now and then, for engine-differential.ts. */
import type { Chance, Generated } from '../engine-differential.js';
import { bitmaps, hyperLogLogs } from './bits.js';
import { functions } from './functions.js';
import { generic } from './generic.js';
import { geo } from './geo.js';
import { hashes } from './hashes.js';
import { lists } from './lists.js';
import { sets } from './sets.js';
import { sorts } from './sort.js';
import { sortedSets } from './sorted-sets.js';
import { streams } from './streams.js';
import { strings } from './strings.js';

type Family = (chance: Chance) => Generated;

/** Twice where a family has many commands. */
const FAMILIES: readonly Family[] = [
  ...[strings, lists, sets, hashes, sortedSets, sortedSets, streams, streams],
  ...[bitmaps, hyperLogLogs, geoOfHashes, generic, generic, sortsOfText, functions],
];

const MOST_IN_TRANSACTION = 6;

/** A generator of its own for each run: it remembers which transaction it is in. */
export function mixed(): Family {
  const pending: Generated[] = [];
  return (chance) => {
    const next = pending.shift();
    if (next !== undefined) return next;
    if (!chance.odds(0.03)) return family(chance);
    const commands = Array.from({ length: 1 + chance.integer(MOST_IN_TRANSACTION) }, () => plain(chance));
    for (const args of commands) pending.push({ args, isQueued: true });
    pending.push(chance.odds(0.1) ? ['DISCARD'] : ['EXEC']);
    return { args: ['MULTI'], isQueued: true };
  };
}

/**
 * What is random is so where other families may have changed what it draws from. SCAN comes by keys that have expired in the
 * order of a table.
 */
function family(chance: Chance): Generated {
  for (;;) {
    const command = chance.pick(FAMILIES)(chance);
    const name = String(('args' in command ? command.args : command)[0]);
    if (/^scan$/i.test(name) || (!('args' in command) && /^[sz]randmember|^hrandfield/i.test(name))) continue;
    return command;
  }
}

/** Distances as scores differ in their last digit: sines are the C library's own. */
function geoOfHashes(chance: Chance): Generated {
  for (;;) {
    const command = geo(chance);
    const args = 'args' in command ? command.args : command;
    if (!args.some((arg) => /^storedist$/i.test(String(arg)))) return command;
  }
}

/** As text: for numbers the server looks at an error that another command may have left behind (errno of strtod). */
function sortsOfText(chance: Chance): Generated {
  const command = sorts(chance);
  const args = 'args' in command ? command.args : command;
  const isSafe = args.some((arg, at) => /^alpha$/i.test(String(arg)) || (arg === 'nosort' && args[at - 1] === 'BY'));
  if (isSafe || !/^sort/i.test(String(args[0]))) return command;
  // What has the same weight as others may lie anywhere: by themselves.
  return [...args.filter((arg, at) => arg !== 'BY' && args[at - 1] !== 'BY'), 'ALPHA'];
}

/** One whose reply can stand inside another, and that has the same effect on both sides. */
function plain(chance: Chance): Extract<Generated, readonly unknown[]> {
  for (;;) {
    const command = family(chance);
    if (!('args' in command)) return command;
  }
}
