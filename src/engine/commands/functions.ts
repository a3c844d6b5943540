/**
 * Libraries of functions, as data: what the first line of their code says is checked, what follows is never run. So a library
 * that a server refuses because its code fails, or registers nothing, is taken here.
 */
import { type ByteString, fromByteString, toByteString } from '../../bytes/byte-string.js';
import { compileGlob } from '../../bytes/glob.js';
import { encodeFunctionDump } from '../../rdb/dump.js';
import { isOption } from '../arguments.js';
import type { Call, CommandTable } from '../call.js';
import type { FunctionLibrary } from '../engine.js';
import { CommandError, MapReply, OK, type Reply, SetReply, Status } from '../reply.js';
import { decodeLibraries, functionsIn, parseLibrary } from './functions-code.js';

export const FUNCTION_COMMANDS: CommandTable = {
  'FUNCTION LOAD': load,
  'FUNCTION DELETE': remove,
  'FUNCTION FLUSH': flush,
  'FUNCTION RESTORE': restore,
  'FUNCTION LIST': list,
  'FUNCTION DUMP': dump,
  'FUNCTION STATS': stats,
  'FUNCTION KILL': () => {
    throw notBusy();
  },
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
  checkFunctions(call, [library], new Set([library.name]));
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
  const gone = policy === 'FLUSH' ? engine.functions.keys() : libraries.map(({ name }) => name);
  checkFunctions(call, libraries, new Set(gone));
  if (policy === 'FLUSH') engine.functions.clear();
  for (const library of libraries) engine.functions.set(library.name, library);
  call.dirty++;
  return OK;
}

/** A function has one name among all libraries but those that are about to go; a library has one function at least. */
function checkFunctions({ engine }: Call, libraries: readonly FunctionLibrary[], gone: ReadonlySet<ByteString>): void {
  if (engine.isLoading) return;
  const names = new Set<ByteString>();
  for (const [name, { code }] of engine.functions)
    if (!gone.has(name)) for (const registered of functionsIn(code)) names.add(registered.name);
  for (const { code } of libraries) {
    if (!code.includes('register_function')) throw new CommandError('ERR No functions registered');
    for (const { name } of functionsIn(code)) {
      if (names.has(name)) throw new CommandError(`ERR Function ${name} already exists`);
      names.add(name);
    }
  }
}

/** FUNCTION LIST [LIBRARYNAME pattern] [WITHCODE]. What a library registers is told by its code, which is not run. */
function list({ args, engine }: Call): Reply {
  let pattern: ByteString | undefined;
  let withCode = false;
  for (let at = 2; at < args.length; at++) {
    if (!withCode && isOption(args[at], 'WITHCODE')) withCode = true;
    else if (pattern === undefined && isOption(args[at], 'LIBRARYNAME')) {
      pattern = args[++at];
      if (pattern === undefined) throw new CommandError('ERR library name argument was not given');
    } else throw new CommandError(`ERR Unknown argument ${args[at]}`);
  }
  const glob = pattern === undefined ? undefined : compileGlob(fromByteString(pattern));
  return [...engine.functions.values()]
    .filter(({ name }) => glob?.matches(fromByteString(name), 0, name.length) ?? true)
    .map((library) => libraryReply(library, withCode));
}

function libraryReply({ name, engine, code }: FunctionLibrary, withCode: boolean): Reply {
  const functions = functionsIn(code).map(
    (one) =>
      new MapReply([
        ['name', one.name],
        ['description', one.description ?? null],
        ['flags', new SetReply(one.flags.map((flag) => new Status(flag)))],
      ]),
  );
  return new MapReply([
    ['library_name', name],
    ['engine', engine.toUpperCase()],
    ['functions', functions],
    ...(withCode ? [['library_code', code] as const] : []),
  ]);
}

/** FUNCTION DUMP */
function dump({ engine }: Call): Reply {
  const sources = [...engine.functions.values()].map(({ code }) => fromByteString(code));
  return toByteString(encodeFunctionDump(sources, engine.settings.target));
}

/** FUNCTION STATS */
function stats({ engine }: Call): Reply {
  const libraries = [...engine.functions.values()];
  const count = libraries.reduce((sum, { code }) => sum + functionsIn(code).length, 0);
  const counts = new MapReply([
    ['libraries_count', libraries.length],
    ['functions_count', count],
  ]);
  return new MapReply([
    ['running_script', null],
    ['engines', new MapReply([['LUA', counts]])],
  ]);
}

export function notBusy(): CommandError {
  return new CommandError('NOTBUSY No scripts in execution right now.');
}

function subcommandSyntax(args: readonly ByteString[]): CommandError {
  return new CommandError(
    `ERR unknown subcommand or wrong number of arguments for '${args[1]}'. Try ${args[0]!.toUpperCase()} HELP.`,
  );
}
