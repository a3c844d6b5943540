/**
 * Libraries of functions, as data: what the first line of their code says is checked, what follows is never run. So a library
 * that a server refuses because its code fails, or registers nothing, is taken here.
 */
import { type ByteString, fromByteString } from '../../bytes/byte-string.js';
import { SHA1_WORDS, sha1 } from '../../codecs/sha1.js';
import { isOption } from '../arguments.js';
import type { Call, CommandTable } from '../call.js';
import { CommandError, OK, type Reply } from '../reply.js';
import { decodeLibraries, parseLibrary } from './functions-code.js';

export const FUNCTION_COMMANDS: CommandTable = {
  'FUNCTION LOAD': load,
  'FUNCTION DELETE': remove,
  'FUNCTION FLUSH': flush,
  'FUNCTION RESTORE': restore,
  'SCRIPT LOAD': scriptLoad,
  'SCRIPT FLUSH': scriptFlush,
};

/** FUNCTION LOAD [REPLACE] function-code */
function load(call: Call): Reply {
  const { args, engine } = call;
  let isReplace = false;
  for (let at = 2; at < args.length - 1; at++) {
    if (!isOption(args[at], 'REPLACE')) throw new CommandError(`ERR Unknown option given: ${args[at]}`);
    isReplace = true;
  }
  const library = parseLibrary(args.at(-1)!);
  if (engine.functions.has(library.name) && !isReplace)
    throw new CommandError(`ERR Library '${library.name}' already exists`);
  engine.functions.set(library.name, library);
  call.dirty++;
  return library.name;
}

/** FUNCTION DELETE library-name */
function remove(call: Call): Reply {
  if (!call.engine.functions.delete(call.args[2]!)) throw new CommandError('ERR Library not found');
  call.dirty++;
  return OK;
}

/** FUNCTION FLUSH [ASYNC | SYNC] */
function flush(call: Call): Reply {
  const { args, engine } = call;
  if (args.length > 3) throw subcommandSyntax(args);
  if (args.length === 3 && !isOption(args[2], 'ASYNC') && !isOption(args[2], 'SYNC'))
    throw new CommandError('ERR FUNCTION FLUSH only supports SYNC|ASYNC option');
  engine.functions.clear();
  call.dirty++;
  return OK;
}

/** FUNCTION RESTORE serialized-value [FLUSH | APPEND | REPLACE] */
function restore(call: Call): Reply {
  const { args, engine } = call;
  if (args.length > 4) throw subcommandSyntax(args);
  const policy = args[3]?.toUpperCase() ?? 'APPEND';
  if (policy !== 'FLUSH' && policy !== 'APPEND' && policy !== 'REPLACE')
    throw new CommandError('ERR Wrong restore policy given, value should be either FLUSH, APPEND or REPLACE.');
  const libraries = decodeLibraries(args[2]!, engine);
  if (policy === 'APPEND')
    for (const { name } of libraries)
      if (engine.functions.has(name)) throw new CommandError(`ERR Library ${name} already exists`);
  if (policy === 'FLUSH') engine.functions.clear();
  for (const library of libraries) engine.functions.set(library.name, library);
  call.dirty++;
  return OK;
}

/** SCRIPT LOAD script: old logs hold it. Nothing is kept, since nothing is run. */
function scriptLoad({ args }: Call): Reply {
  const code = fromByteString(args[2]!);
  const words = new Int32Array(SHA1_WORDS);
  sha1(code, 0, code.length, words, 0);
  return Array.from(words, (word) => (word >>> 0).toString(16).padStart(8, '0')).join('');
}

/** SCRIPT FLUSH [ASYNC | SYNC] */
function scriptFlush({ args }: Call): Reply {
  if (args.length > 3 || (args.length === 3 && !isOption(args[2], 'ASYNC') && !isOption(args[2], 'SYNC')))
    throw new CommandError('ERR SCRIPT FLUSH only support SYNC|ASYNC option');
  return OK;
}

function subcommandSyntax(args: readonly ByteString[]): CommandError {
  return new CommandError(
    `ERR unknown subcommand or wrong number of arguments for '${args[1]}'. Try ${args[0]!.toUpperCase()} HELP.`,
  );
}
