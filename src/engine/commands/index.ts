/** Every command that the engine has, by its name in upper case; subcommands as `XGROUP CREATE`. */
import { allCommands } from '../../aof/command-table.js';
import type { CommandFunction, CommandTable } from '../call.js';
import { HASH_COMMANDS } from './hash.js';
import { HASH_EXPIRY_COMMANDS } from './hash-expiry.js';
import { LIST_COMMANDS } from './list.js';
import { SET_COMMANDS } from './set.js';
import { GEO_COMMANDS } from './geo.js';
import { GEO_SEARCH_COMMANDS } from './geo-search.js';
import { ZSET_COMMANDS } from './zset.js';
import { ZSET_COMBINE_COMMANDS } from './zset-combine.js';
import { ZSET_POP_COMMANDS } from './zset-pop.js';
import { ZSET_RANGE_COMMANDS } from './zset-range.js';

/** The tables of the files beside this one. */
const TABLES: readonly CommandTable[] = [
  LIST_COMMANDS,
  SET_COMMANDS,
  HASH_COMMANDS,
  HASH_EXPIRY_COMMANDS,
  ZSET_COMMANDS,
  ZSET_RANGE_COMMANDS,
  ZSET_COMBINE_COMMANDS,
  ZSET_POP_COMMANDS,
  GEO_COMMANDS,
  GEO_SEARCH_COMMANDS,
];

let byId: (CommandFunction | undefined)[] | undefined;

/** By the `id` of a CommandSpec; undefined for what the engine does not have. */
export function commandFunctions(): readonly (CommandFunction | undefined)[] {
  if (byId === undefined) {
    const all: CommandTable = Object.assign({}, ...TABLES);
    byId = allCommands().map(({ name }) => all[name]);
  }
  return byId;
}
