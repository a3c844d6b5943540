/**
 * How a server is told its settings at the start: redis.conf, and the command line in redis-server's own form
 *
 *     [<file> | -] [--<name> <word>… ]… [-]
 *
 * where `-`, first or last, is a file that is read from the standard input. What comes later overrides what came before, but that
 * save points add up.
 */
import { type ByteString, toByteString } from '../../bytes/byte-string.js';
import type { Files } from '../../bytes/files.js';
import { encodePath } from '../../bytes/path.js';
import { formatQuoted } from '../../bytes/quote.js';
import { splitArguments } from '../../bytes/split-arguments.js';
import { ConfigReader, unsupported } from './config-reader.js';
import type { ConfigValues } from './config-values.js';

export interface ConfigSource {
  readonly files: Files;
  /** All of the standard input. */
  readonly readInput: () => Uint8Array;
}

export interface StartConfig {
  readonly values: ConfigValues;
  /** The file, as it was named; undefined where there is none. */
  readonly path: string | undefined;
}

/** The settings in a file. Throws ConfigFileError. */
export function readConfigFile(path: string, files: Files): ConfigValues {
  const reader = new ConfigReader(files);
  reader.file(path, { path: undefined, line: 0, text: '' });
  return reader.values();
}

/** `args`: those behind the name of the command. Throws ConfigFileError. */
export function readConfigArguments(args: readonly string[], { files, readInput }: ConfigSource): StartConfig {
  const reader = new ConfigReader(files);
  const isFile = args[0] !== undefined && !args[0].startsWith('-');
  const path = isFile ? args[0] : undefined;
  let rest = isFile ? args.slice(1) : args;
  const isInputFirst = !isFile && rest[0] === '-';
  const isInputLast = !isInputFirst && rest.at(-1) === '-';
  if (isInputFirst) rest = rest.slice(1);
  if (isInputLast) rest = rest.slice(0, -1);
  let breaks = path === undefined ? 0 : reader.file(path, { path: undefined, line: 0, text: '' });
  if (isInputFirst || isInputLast) breaks += reader.text(readInput(), '-');
  for (const [at, words] of options(rest).entries()) {
    const [name = '', ...values] = words;
    const shown = [name, ...values.map((word) => formatQuoted(Uint8Array.from(word, (char) => char.charCodeAt(0))))];
    const place = { path: undefined, line: breaks + 2 + at, text: shown.join(' ') };
    if (name.toLowerCase() === 'sentinel') throw unsupported('a sentinel', place);
    reader.directive(words, place);
  }
  return { values: reader.values(), path };
}

/**
 * The options in words, names without their dashes. What follows a name is a value whatever it looks like, unless the name came with
 * one, as in `'--port 6379'`; of `--save` alone, in front of another option or at the end, the value is the empty text.
 */
function options(args: readonly string[]): ByteString[][] {
  const found: ByteString[][] = [];
  let mayBegin = true;
  for (const [at, arg] of args.entries()) {
    const bytes = encodePath(arg);
    if (!mayBegin || !arg.startsWith('--')) {
      // What stands in front of every option is no directive.
      if (found.length === 0) found.push([]);
      found.at(-1)!.push(toByteString(bytes));
      mayBegin = true;
      continue;
    }
    const words = splitArguments(bytes.subarray(2))?.map((word) => toByteString(word)) ?? [toByteString(bytes)];
    found.push(words);
    mayBegin = words.length > 1;
    const next = args[at + 1];
    if (arg.toLowerCase() !== '--save' || !(next === undefined || next.startsWith('--'))) continue;
    words.push('');
    mayBegin = true;
  }
  return found;
}
