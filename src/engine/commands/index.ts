/** Every command that the engine has, by its name in upper case; subcommands as `XGROUP CREATE`. */
import { allCommands } from '../../aof/command-table.js';
import type { CommandFunction, CommandTable } from '../call.js';
import { ARRAY_COMMANDS } from './array.js';
import { BITFIELD_COMMANDS } from './bitfield.js';
import { BITMAP_COMMANDS } from './bitmap.js';
import { DEBUG_COMMANDS } from './debug.js';
import { EXPIRE_COMMANDS } from './expire.js';
import { FUNCTION_COMMANDS } from './functions.js';
import { GENERIC_COMMANDS } from './generic.js';
import { GEO_COMMANDS } from './geo.js';
import { GEO_SEARCH_COMMANDS } from './geo-search.js';
import { HASH_COMMANDS } from './hash.js';
import { HASH_EXPIRY_COMMANDS } from './hash-expiry.js';
import { HASH_EXPIRY_VALUE_COMMANDS } from './hash-expiry-values.js';
import { HASH_RANDOM_COMMANDS } from './hash-random.js';
import { HASH_READ_COMMANDS } from './hash-read.js';
import { HASH_TTL_COMMANDS } from './hash-ttl.js';
import { HYPERLOGLOG_COMMANDS } from './hyperloglog.js';
import { LCS_COMMANDS } from './lcs.js';
import { LIST_COMMANDS } from './list.js';
import { LIST_MOVE_COMMANDS } from './list-move.js';
import { LIST_POP_COMMANDS } from './list-pop.js';
import { LIST_READ_COMMANDS } from './list-read.js';
import { MEMORY_COMMANDS } from './memory.js';
import { OBJECT_COMMANDS } from './object.js';
import { PERSISTENCE_COMMANDS } from './persistence.js';
import { RESTORE_COMMANDS } from './restore.js';
import { SCAN_COMMANDS } from './scan.js';
import { SCRIPT_COMMANDS } from './scripts.js';
import { SERVER_COMMANDS } from './server.js';
import { SET_COMMANDS } from './set.js';
import { SET_COMBINE_COMMANDS } from './set-combine.js';
import { SET_RANDOM_COMMANDS } from './set-random.js';
import { SORT_COMMANDS } from './sort.js';
import { STREAM_COMMANDS } from './stream.js';
import { STREAM_CLAIM_COMMANDS } from './stream-claim.js';
import { STREAM_DELETE_COMMANDS } from './stream-delete.js';
import { STREAM_GROUP_READ_COMMANDS } from './stream-group-read.js';
import { STREAM_GROUP_COMMANDS } from './stream-groups.js';
import { STREAM_HELP_COMMANDS } from './stream-help.js';
import { STREAM_IDMP_COMMANDS } from './stream-idmp.js';
import { STREAM_INFO_COMMANDS } from './stream-info.js';
import { STREAM_PENDING_COMMANDS } from './stream-pending.js';
import { STREAM_RANGE_COMMANDS } from './stream-range.js';
import { STREAM_READ_COMMANDS } from './stream-read.js';
import { STRING_COMMANDS } from './string.js';
import { STRING_INCREX_COMMANDS } from './string-increx.js';
import { STRING_NUMBER_COMMANDS } from './string-number.js';
import { STRING_SET_COMMANDS } from './string-set.js';
import { VECTORSET_COMMANDS } from './vectorset.js';
import { VECTORSET_READ_COMMANDS } from './vectorset-read.js';
import { ZSET_COMMANDS } from './zset.js';
import { ZSET_COMBINE_COMMANDS } from './zset-combine.js';
import { ZSET_POP_COMMANDS } from './zset-pop.js';
import { ZSET_RANDOM_COMMANDS } from './zset-random.js';
import { ZSET_RANGE_COMMANDS } from './zset-range.js';

/** The tables of the files beside this one. */
const TABLES: readonly CommandTable[] = [
  STRING_COMMANDS,
  STRING_SET_COMMANDS,
  STRING_NUMBER_COMMANDS,
  STRING_INCREX_COMMANDS,
  BITMAP_COMMANDS,
  BITFIELD_COMMANDS,
  HYPERLOGLOG_COMMANDS,
  GENERIC_COMMANDS,
  EXPIRE_COMMANDS,
  SCRIPT_COMMANDS,
  SCAN_COMMANDS,
  OBJECT_COMMANDS,
  LCS_COMMANDS,
  DEBUG_COMMANDS,
  RESTORE_COMMANDS,
  SORT_COMMANDS,
  PERSISTENCE_COMMANDS,
  SERVER_COMMANDS,
  MEMORY_COMMANDS,
  FUNCTION_COMMANDS,
  LIST_COMMANDS,
  LIST_POP_COMMANDS,
  LIST_MOVE_COMMANDS,
  LIST_READ_COMMANDS,
  SET_COMMANDS,
  SET_COMBINE_COMMANDS,
  SET_RANDOM_COMMANDS,
  HASH_COMMANDS,
  HASH_EXPIRY_COMMANDS,
  HASH_EXPIRY_VALUE_COMMANDS,
  HASH_TTL_COMMANDS,
  HASH_RANDOM_COMMANDS,
  HASH_READ_COMMANDS,
  ZSET_COMMANDS,
  ZSET_RANGE_COMMANDS,
  ZSET_COMBINE_COMMANDS,
  ZSET_POP_COMMANDS,
  ZSET_RANDOM_COMMANDS,
  GEO_COMMANDS,
  GEO_SEARCH_COMMANDS,
  ARRAY_COMMANDS,
  STREAM_COMMANDS,
  STREAM_GROUP_COMMANDS,
  STREAM_CLAIM_COMMANDS,
  STREAM_RANGE_COMMANDS,
  STREAM_READ_COMMANDS,
  STREAM_GROUP_READ_COMMANDS,
  STREAM_PENDING_COMMANDS,
  STREAM_INFO_COMMANDS,
  STREAM_HELP_COMMANDS,
  STREAM_DELETE_COMMANDS,
  STREAM_IDMP_COMMANDS,
  VECTORSET_COMMANDS,
  VECTORSET_READ_COMMANDS,
];

type Functions = readonly (CommandFunction | undefined)[];

let byId: Functions | undefined;

const withMore = new WeakMap<CommandTable, Functions>();

/**
 * By the `id` of a CommandSpec; undefined for what the engine does not have. `more`: those of whoever serves, which go before;
 * made once for each such table.
 */
export function commandFunctions(more?: CommandTable): Functions {
  if (more === undefined) {
    byId ??= functionsOf(Object.assign({}, ...TABLES));
    return byId;
  }
  let functions = withMore.get(more);
  if (functions === undefined) {
    functions = functionsOf(Object.assign({}, ...TABLES, more));
    withMore.set(more, functions);
  }
  return functions;
}

function functionsOf(table: CommandTable): Functions {
  return allCommands().map(({ name }) => table[name]);
}
