/** The options that commands about logs share. */
import { Argument, type Command, Option } from 'commander';
import { parseTimeMs } from '../convert/expiry-action.js';
import { FilterTextError, parseKeyRegex } from '../rdb/filter-text.js';
import { choiceOption, databaseOption, encodingOption, globOption, reading, repeated } from './options.js';

/** What a log can be, for people. */
export const LOG = 'an append-only file, its directory, a manifest, a data directory, - or an http(s) URL';

export function logArgument(name = '<src>'): Argument {
  return new Argument(name, LOG);
}

/** Which commands, in which form. */
export function addLineOptions(command: Command, formatFlags: string): Command {
  return command
    .addOption(choiceOption(formatFlags, 'text, or an object per line', ['text', 'ndjson']))
    .addOption(commandOption())
    .addOption(databaseOption())
    .addOption(globOption('-k, --match <glob>', 'commands with a key that matches a Redis glob; may be repeated'))
    .addOption(globOption('-K, --not-match <glob>', 'commands without a key that matches'))
    .option('--key-regex <regex>', 'commands with a key that matches a regular expression', reading(parseKeyRegex))
    .addOption(timeOption('--since <time>', 'not before this time: ISO 8601, or Unix seconds'))
    .addOption(timeOption('--until <time>', 'not after it'))
    .addOption(encodingOption())
    .option('--bare', 'the commands alone, as redis-cli reads them')
    .option('--full', 'long arguments whole, also on a terminal');
}

export function commandOption(): Option {
  return repeated('-c, --command <names>', 'commands of these names: set,del or "xgroup create"', parseNames);
}

/** A time as Unix ms. */
export function timeOption(flags: string, description: string): Option {
  return new Option(flags, description).argParser(reading(parseMoment));
}

/** Digits that say ms in place of seconds. */
const MS_DIGITS = 12;

/** Unix ms of ISO 8601, of Unix seconds as logs have them, or of Unix ms. Throws FilterTextError. */
export function parseMoment(text: string): number {
  const word = text.trim();
  if (/^\d+$/.test(word) && word.length < MS_DIGITS) return Number(word) * 1000;
  try {
    return parseTimeMs(word);
  } catch (error) {
    if (!(error instanceof FilterTextError)) throw error;
    throw new FilterTextError(`'${text}' is no time: write 2026-01-31T12:00:00Z, or Unix seconds`);
  }
}

function parseNames(text: string): string[] {
  return text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}
