/** Every command that the engine has, by its name in upper case; subcommands as `XGROUP CREATE`. */
import { allCommands } from '../../aof/command-table.js';
import type { CommandFunction, CommandTable } from '../call.js';
import { ARRAY_COMMANDS } from './array.js';
import { BITFIELD_COMMANDS } from './bitfield.js';
import { BITMAP_COMMANDS } from './bitmap.js';
import { EXPIRE_COMMANDS } from './expire.js';
import { FUNCTION_COMMANDS } from './functions.js';
import { GENERIC_COMMANDS } from './generic.js';
import { GEO_COMMANDS } from './geo.js';
import { GEO_SEARCH_COMMANDS } from './geo-search.js';
import { HASH_COMMANDS } from './hash.js';
import { HASH_EXPIRY_COMMANDS } from './hash-expiry.js';
import { HYPERLOGLOG_COMMANDS } from './hyperloglog.js';
import { LIST_COMMANDS } from './list.js';
import { RESTORE_COMMANDS } from './restore.js';
import { SERVER_COMMANDS } from './server.js';
import { SET_COMMANDS } from './set.js';
import { SORT_COMMANDS } from './sort.js';
import { STREAM_COMMANDS } from './stream.js';
import { STREAM_CLAIM_COMMANDS } from './stream-claim.js';
import { STREAM_DELETE_COMMANDS } from './stream-delete.js';
import { STREAM_GROUP_COMMANDS } from './stream-groups.js';
import { STREAM_IDMP_COMMANDS } from './stream-idmp.js';
import { STREAM_READ_COMMANDS } from './stream-read.js';
import { STRING_COMMANDS } from './string.js';
import { STRING_INCREX_COMMANDS } from './string-increx.js';
import { STRING_NUMBER_COMMANDS } from './string-number.js';
import { STRING_SET_COMMANDS } from './string-set.js';
import { VECTORSET_COMMANDS } from './vectorset.js';
import { ZSET_COMMANDS } from './zset.js';
import { ZSET_COMBINE_COMMANDS } from './zset-combine.js';
import { ZSET_POP_COMMANDS } from './zset-pop.js';
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
  RESTORE_COMMANDS,
  SORT_COMMANDS,
  SERVER_COMMANDS,
  FUNCTION_COMMANDS,
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
  ARRAY_COMMANDS,
  STREAM_COMMANDS,
  STREAM_GROUP_COMMANDS,
  STREAM_CLAIM_COMMANDS,
  STREAM_READ_COMMANDS,
  STREAM_DELETE_COMMANDS,
  STREAM_IDMP_COMMANDS,
  VECTORSET_COMMANDS,
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
