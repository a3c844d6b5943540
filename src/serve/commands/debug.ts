/**
 * DEBUG, as far as tests of servers ask for it; what is about the values of keys is the engine's. Nothing here crashes the server,
 * and what would is not there.
 */
import { isOption, parseInt64 } from '../../engine/arguments.js';
import type { Call, CommandFunction, CommandTable } from '../../engine/call.js';
import { DEBUG_COMMANDS as ENGINE_DEBUG } from '../../engine/commands/debug.js';
import { encodingOf } from '../../engine/commands/object.js';
import { CommandError, noSuchKey, OK, type Reply, Status } from '../../engine/reply.js';
import { isLocal } from '../local-client.js';
import { connectionOf } from '../server-context.js';
import { hashTableOfKey, hashTablesOf } from './debug-hash-table.js';
import { protocol } from './debug-protocol.js';
import { flushSleep, loadLog, reload, setActiveExpire, sleep } from './debug-store.js';
import { help, serverOf } from './server-of.js';

export const SERVE_DEBUG_COMMANDS: CommandTable = { DEBUG: debug };

interface Subcommand {
  /** Arguments, both names included; a command with others is as good as unknown. */
  readonly least: number;
  readonly most: number;
  readonly run: CommandFunction;
}

const NOT_ALLOWED =
  'ERR DEBUG command not allowed. If the enable-debug-command option is set to "local", you can run it from a local connection, otherwise you need to set this option in the configuration file, and then restart the server.';

const ok = (): Reply => OK;

const SUBCOMMANDS: Readonly<Record<string, Subcommand>> = {
  'AOF-FLUSH-SLEEP': { least: 3, most: 3, run: flushSleep },
  SLEEP: { least: 3, most: 3, run: sleep },
  'SET-ACTIVE-EXPIRE': { least: 3, most: 3, run: setActiveExpire },
  RELOAD: { least: 2, most: 5, run: reload },
  LOADAOF: { least: 2, most: 2, run: loadLog },
  PROTOCOL: { least: 3, most: 3, run: protocol },
  POPULATE: { least: 3, most: 5, run: populate },
  'QUICKLIST-PACKED-THRESHOLD': { least: 3, most: 3, run: packedThreshold },
  LISTPACK: { least: 3, most: 3, run: listpack },
  HTSTATS: { least: 3, most: 4, run: hashTablesOf },
  'HTSTATS-KEY': { least: 3, most: 3, run: hashTableOfKey },
  REPLYBUFFER: { least: 4, most: 4, run: replyBuffer },
  ERROR: { least: 3, most: 3, run: error },
  LOG: { least: 3, most: 3, run: log },
  'SET-SKIP-CHECKSUM-VALIDATION': { least: 3, most: 3, run: skipChecksums },
  'SET-DISABLE-DENY-SCRIPTS': { least: 3, most: 3, run: ok },
  'PAUSE-CRON': { least: 3, most: 3, run: ok },
  'DROP-CLUSTER-PACKET-FILTER': { least: 3, most: 3, run: ok },
  'CHANGE-REPL-ID': { least: 2, most: 2, run: ok },
  HELP: {
    least: 2,
    most: 2,
    run: help('DEBUG', [
      'AOF-FLUSH-SLEEP <microseconds>',
      '    So long each flush of the log takes.',
      'DIGEST',
      '    A digest of all data.',
      'DIGEST-VALUE <key> [<key> ...]',
      '    Digests of values.',
      'ERROR <string>',
      '    The error of that text.',
      'HTSTATS <dbid>',
      '    How full the tables of a database are.',
      'HTSTATS-KEY <key>',
      '    How full the table of a value is.',
      'LISTPACK <key>',
      '    Whether a value is packed.',
      'LOADAOF',
      '    Reads the log again.',
      'LOG <message>',
      "    Writes to the server's own log.",
      'OBJECT <key>',
      '    How a value is held.',
      'POPULATE <count> [<prefix>] [<size>]',
      '    Makes keys.',
      'PROTOCOL <type>',
      '    A reply of each type.',
      'QUICKLIST-PACKED-THRESHOLD <size>',
      '    Taken, and of no effect.',
      'RELOAD [NOSAVE] [NOFLUSH] [MERGE]',
      '    Saves the dump and reads it again.',
      'SET-ACTIVE-EXPIRE <0|1>',
      '    Whether expired keys go before somebody looks at them.',
      'SET-SKIP-CHECKSUM-VALIDATION <0|1>',
      '    Whether RESTORE and RELOAD take what has a wrong checksum.',
      'SLEEP <seconds>',
      '    Nothing is run for so long.',
    ]),
  },
};

/** DEBUG subcommand [arg [arg ...]] */
function debug(call: Call): Reply {
  const { args } = call;
  const allowed = serverOf(call).config.text('enable-debug-command');
  if (allowed !== 'yes' && (allowed !== 'local' || !isLocal(connectionOf(call)))) throw new CommandError(NOT_ALLOWED);
  const found = SUBCOMMANDS[args[1]!.toUpperCase()];
  if (found !== undefined && args.length >= found.least && args.length <= found.most) return found.run(call);
  return ENGINE_DEBUG.DEBUG!(call);
}

/** DEBUG SET-SKIP-CHECKSUM-VALIDATION (0 | 1) */
function skipChecksums({ args, engine }: Call): Reply {
  engine.skipsChecksums = (Number.parseInt(args[2]!, 10) || 0) !== 0;
  return OK;
}

/** DEBUG POPULATE count [prefix] [size]: keys `prefix:0` and so on, of texts that are cut or filled with zeros to `size`. */
function populate(call: Call): Reply {
  const { args, db } = call;
  const count = positive(args[2]!);
  const prefix = args[3] ?? 'key';
  const size = args[4] === undefined ? undefined : positive(args[4]);
  for (let number = 0; number < count; number++) {
    const key = `${prefix}:${number}`;
    if (db.has(key)) continue;
    const text = `value:${number}`;
    db.set(key, size === undefined ? text : text.slice(0, size).padEnd(size, '\0'));
    call.touched(key);
  }
  return OK;
}

function positive(text: string): number {
  const value = parseInt64(text);
  if (typeof value !== 'number' || value < 0) throw new CommandError('ERR value is out of range, must be positive');
  return value;
}

const MOST_THRESHOLD = 2 ** 32;
const UNITS: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  k: 1000,
  kb: 1024,
  m: 1000 ** 2,
  mb: 1024 ** 2,
  g: 1000 ** 3,
  gb: 1024 ** 3,
};

/** DEBUG QUICKLIST-PACKED-THRESHOLD size: elements are never so long here that it mattered. */
function packedThreshold({ args }: Call): Reply {
  const [, digits, unit] = /^(\d+)([a-z]*)$/i.exec(args[2]!) ?? [];
  const bytes = Number(digits) * (UNITS[(unit ?? '-').toLowerCase()] ?? Number.NaN);
  if (!(bytes < MOST_THRESHOLD))
    throw new CommandError('ERR argument must be a memory value bigger than 1 and smaller than 4gb');
  return OK;
}

/** DEBUG LISTPACK key */
function listpack({ args, db, engine }: Call): Reply {
  const key = args[2]!;
  const value = db.peek(key);
  if (value === undefined) throw noSuchKey();
  if (encodingOf(engine, db, key, value) !== 'listpack') throw new CommandError('ERR Not a listpack encoded object.');
  return new Status('Listpack structure printed on stdout');
}

/** DEBUG REPLYBUFFER (PEAK-RESET-TIME time | RESIZING 0|1): taken, and of no effect. */
function replyBuffer(call: Call): Reply {
  const { args } = call;
  if (isOption(args[2], 'PEAK-RESET-TIME') || isOption(args[2], 'RESIZING')) return OK;
  return ENGINE_DEBUG.DEBUG!(call);
}

/** DEBUG ERROR text */
function error({ args }: Call): Reply {
  throw new CommandError(args[2]!);
}

/** DEBUG LOG message */
function log(call: Call): Reply {
  serverOf(call).warn(`DEBUG LOG: ${call.args[2]}`, connectionOf(call).transport.address);
  return OK;
}
