/** What DEBUG says of keys and of whole datasets: the digests, by which two servers are held side by side. */
import { isOption } from '../arguments.js';
import type { Call, CommandTable } from '../call.js';
import { digestEngine, digestStored } from '../digest.js';
import { CommandError, noSuchKey, type Reply, Status } from '../reply.js';
import { encodingOf } from './object.js';
import { encodeDumpOf } from './restore.js';

export const DEBUG_COMMANDS: CommandTable = { DEBUG: debug };

/** DEBUG DIGEST · DEBUG DIGEST-VALUE key [key ...] · DEBUG OBJECT key. What is about a server is answered by one. */
function debug(call: Call): Reply {
  const { args } = call;
  if (args.length === 2 && isOption(args[1], 'DIGEST')) return new Status(digestEngine(call.engine).digest);
  if (args.length >= 2 && isOption(args[1], 'DIGEST-VALUE')) return args.slice(2).map((key) => digestValue(call, key));
  if (args.length >= 3 && isOption(args[1], 'OBJECT')) return object(call);
  throw new CommandError(`ERR unknown subcommand or wrong number of arguments for '${args[1]}'. Try DEBUG HELP.`);
}

/** What has expired, and has not been looked at, is there. */
function digestValue({ db, engine }: Call, key: string): Reply {
  const value = db.keys.get(key);
  const digest = value === undefined ? NOTHING : digestStored(engine, value, db.expiryOf(key) !== undefined);
  return new Status(digest);
}

const NOTHING = '0'.repeat(40);

/** An address, and what only a server knows, are left at zero. */
function object({ db, args, engine }: Call): Reply {
  const key = args[2]!;
  const value = db.keys.get(key);
  if (value === undefined) throw noSuchKey();
  const size = encodeDumpOf(db, key, value).length - DUMP_OVERHEAD;
  return new Status(
    `Value at:0x0 refcount:1 encoding:${encodingOf(engine, db, key, value)} serializedlength:${size} lru:0 lru_seconds_idle:0`,
  );
}

/** A type byte before the value, and a footer behind it. */
const DUMP_OVERHEAD = 11;
