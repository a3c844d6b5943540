/** No replicas, no master, no cluster, no modules: what would speak to one is refused. */
import { allCommands } from '../../aof/command-table.js';
import { isOption } from '../../engine/arguments.js';
import type { Call, CommandFunction, CommandTable } from '../../engine/call.js';
import { CommandError, OK, type Reply, syntaxError } from '../../engine/reply.js';
import { NO_REPLY } from '../connection.js';
import { help } from './server-of.js';

export const REPLICATION_COMMANDS: CommandTable = {
  ROLE: () => ['master', 0, []],
  REPLICAOF: replicaof,
  SLAVEOF: replicaof,
  REPLCONF: replconf,
  FAILOVER: failover,
  SYNC: noReplicas,
  PSYNC: noReplicas,
  ...clusterCommands(),
  'MODULE LIST': () => [],
  'MODULE LOAD': noModules,
  'MODULE LOADEX': noModules,
  'MODULE UNLOAD': noModules,
  'MODULE HELP': help('MODULE', ['LIST', '    The modules that are loaded: none.']),
};

/** REPLICAOF (host port | NO ONE) · SLAVEOF, with the same arguments */
function replicaof({ args }: Call): Reply {
  if (isOption(args[1], 'NO') && isOption(args[2], 'ONE')) return OK;
  throw new CommandError('ERR this server cannot be a replica');
}

/** REPLCONF [option value ...] */
function replconf({ args }: Call): Reply {
  if (args.length % 2 === 0) throw syntaxError();
  return isOption(args[1], 'ACK') ? NO_REPLY : OK;
}

/** FAILOVER [TO host port [FORCE]] [ABORT] [TIMEOUT milliseconds] */
function failover({ args }: Call): Reply {
  if (args.length === 2 && isOption(args[1], 'ABORT')) throw new CommandError('ERR No failover in progress.');
  if (args.length > 1 && !isOption(args[1], 'TO') && !isOption(args[1], 'TIMEOUT')) throw syntaxError();
  throw new CommandError('ERR FAILOVER requires connected replicas.');
}

function noReplicas(): Reply {
  throw new CommandError('ERR this server takes no replicas');
}

function noModules(): Reply {
  throw new CommandError('ERR this server loads no modules');
}

/** All that there are, and what is said to those who speak to a cluster. */
function clusterCommands(): CommandTable {
  const names = allCommands()
    .map(({ name }) => name)
    .filter((name) => name.startsWith('CLUSTER '));
  return Object.fromEntries(
    [...names, 'ASKING', 'READONLY', 'READWRITE'].map((name): [string, CommandFunction] => [name, noCluster]),
  );
}

function noCluster(): Reply {
  throw new CommandError('ERR This instance has cluster support disabled');
}
