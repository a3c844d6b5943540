/** How many arguments commands take of clients, by generation: the table has what the newest servers take. */
import { type CommandSpec, fitsArity } from '../aof/command-table.js';
import type { Target } from '../rdb/versions.js';
import { isSince } from './settings.js';

interface Former {
  readonly arity: number;
  /** First versions that take what the table says; a family that never did is missing. */
  readonly until: { readonly redis?: string; readonly valkey?: string };
}

/** As COMMAND of Redis 7.0.15, 8.0.2, 8.6.3, Valkey 8.1.1 and 9.1.2 says. */
const FORMERLY: Readonly<Record<string, Former>> = {
  ZRANK: { arity: 3, until: { redis: '7.2', valkey: '7.2' } },
  ZREVRANK: { arity: 3, until: { redis: '7.2', valkey: '7.2' } },
  'COMMAND GETKEYS': { arity: -4, until: { redis: '7.2', valkey: '7.2' } },
  'COMMAND GETKEYSANDFLAGS': { arity: -4, until: { redis: '7.2', valkey: '7.2' } },
  'SCRIPT DEBUG': { arity: 3, until: { valkey: '9.1' } },
  'CLUSTER REPLICATE': { arity: 3, until: { valkey: '9.1' } },
};

/** Whether the server takes so many arguments, the name included. */
export function takesArguments(spec: CommandSpec, argc: number, target: Target): boolean {
  const former = FORMERLY[spec.name];
  return fitsArity(
    former === undefined || isSince(target, former.until) ? spec : { ...spec, arity: former.arity },
    argc,
  );
}
