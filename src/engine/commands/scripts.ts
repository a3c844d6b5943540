/** Scripts: known by their SHA-1, as clients ask for them, and never run. Their effects stand in a log on their own. */
import { type ByteString, fromByteString } from '../../bytes/byte-string.js';
import { SHA1_WORDS, sha1 } from '../../codecs/sha1.js';
import { isOption, parseInt64 } from '../arguments.js';
import type { Call, CommandTable } from '../call.js';
import type { Engine } from '../engine.js';
import { CommandError, notAnInteger, OK, type Reply } from '../reply.js';
import { isSince } from '../settings.js';
import { notBusy } from './functions.js';
import { functionsIn } from './functions-code.js';

export const SCRIPT_COMMANDS: CommandTable = {
  'SCRIPT LOAD': load,
  'SCRIPT EXISTS': exists,
  'SCRIPT FLUSH': flush,
  'SCRIPT KILL': () => {
    throw notBusy();
  },
  EVAL: evaluate,
  EVAL_RO: evaluate,
  EVALSHA: evaluateKnown,
  EVALSHA_RO: evaluateKnown,
  FCALL: callFunction,
  FCALL_RO: callFunction,
};

/** SCRIPT LOAD script */
function load({ args, engine }: Call): Reply {
  const script = args[2]!;
  const bytes = fromByteString(script);
  const words = new Int32Array(SHA1_WORDS);
  sha1(bytes, 0, bytes.length, words, 0);
  const hex = Array.from(words, (word) => (word >>> 0).toString(16).padStart(8, '0')).join('');
  engine.scripts.set(hex, script);
  return hex;
}

/** SCRIPT EXISTS sha1 [sha1 ...] */
function exists({ args, engine }: Call): Reply {
  return args.slice(2).map((hex) => (engine.scripts.has(hex.toLowerCase()) ? 1 : 0));
}

/** SCRIPT FLUSH [ASYNC | SYNC] */
function flush({ args, engine }: Call): Reply {
  if (args.length > 3 || (args.length === 3 && !isOption(args[2], 'ASYNC') && !isOption(args[2], 'SYNC')))
    throw new CommandError('ERR SCRIPT FLUSH only support SYNC|ASYNC option');
  engine.scripts.clear();
  return OK;
}

/** EVAL script numkeys [key [key ...]] [arg [arg ...]] · EVAL_RO, with the same arguments */
function evaluate({ args }: Call): Reply {
  checkKeyCount(args, notAnInteger());
  throw notRun();
}

/** EVALSHA sha1 numkeys [key [key ...]] [arg [arg ...]] · EVALSHA_RO, with the same arguments */
function evaluateKnown({ args, engine }: Call): Reply {
  const known = engine.scripts.has(args[1]!.toLowerCase());
  if (args[1]!.length !== SHA1_DIGITS) throw unknownScript(engine);
  checkKeyCount(args, notAnInteger());
  throw known ? notRun() : unknownScript(engine);
}

const SHA1_DIGITS = 40;

/** FCALL function numkeys [key [key ...]] [arg [arg ...]] · FCALL_RO, with the same arguments */
function callFunction({ args, engine }: Call): Reply {
  const known = [...engine.functions.values()]
    .flatMap(({ code }) => functionsIn(code))
    .find(({ name }) => name === args[1]);
  if (known === undefined) throw new CommandError('ERR Function not found');
  checkKeyCount(args, new CommandError('ERR Bad number of keys provided'));
  if (isOption(args[0], 'FCALL_RO') && !known.flags.includes('no-writes'))
    throw new CommandError('ERR Can not execute a script with write flag using *_ro command.');
  throw notRun();
}

function checkKeyCount(args: readonly ByteString[], refusal: CommandError): void {
  const count = parseInt64(args[2]!);
  if (count === undefined) throw refusal;
  if (count > args.length - 3) throw new CommandError("ERR Number of keys can't be greater than number of args");
  if (count < 0) throw new CommandError("ERR Number of keys can't be negative");
}

function unknownScript({ settings }: Engine): CommandError {
  const advice = isSince(settings.target, { valkey: '8.0' }) ? '' : ' Please use EVAL.';
  return new CommandError(`NOSCRIPT No matching script.${advice}`);
}

function notRun(): CommandError {
  return new CommandError('ERR scripts and functions are kept here and not run');
}
