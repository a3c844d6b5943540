/** The options of `import` and `verify` about keys and the flow, and what their texts mean. */
import { type Command, Option } from 'commander';
import { FilterTextError, parseCount, parseDurationMs, parseSize } from '../rdb/filter-text.js';
import type { ConnectionFlags } from './connection-options.js';
import { addKeyChangeOptions, type KeyChangeOptions } from './convert-options.js';
import { choiceOption, type FilterOptions, reading } from './options.js';
import type { SharedOptions } from './session.js';

/** What commander makes of the options that say which keys are meant, and where they go. */
export interface KeysAtTargetOptions extends SharedOptions, FilterOptions, KeyChangeOptions, ConnectionFlags {
  /** As they were written: they are read with the command. */
  readonly rename?: readonly string[];
}

/** Limits of the flow. */
export interface Rate {
  readonly keysPerSecond?: number;
  readonly bytesPerSecond?: number;
}

/** What commander makes of {@link addFlowOptions}. */
export interface FlowOptions {
  readonly mode: 'auto' | 'restore' | 'commands';
  readonly onExists: 'error' | 'skip' | 'replace';
  readonly onUnsupported: 'drop' | 'convert';
  readonly rate?: Rate;
  readonly wait?: number;
  /** Milliseconds. */
  readonly retry?: number;
  readonly resume?: string;
  readonly dryRun?: boolean;
  readonly verify?: boolean;
  readonly report?: string;
}

/** Those that `verify` must be given as `import` was. */
export function addKeysAtTargetOptions(command: Command): Command {
  const rename = new Option(
    '--rename <pattern=name>',
    "new names: 'old:(.*)=new:$1', a regular expression for the whole key; may be repeated, the first that matches",
  ).argParser((text: string, previous: readonly string[] | undefined) => [...(previous ?? []), text]);
  return addKeyChangeOptions(command).addOption(rename);
}

/** How keys are written, and how fast. */
export function addFlowOptions(command: Command): Command {
  return command
    .addOption(
      choiceOption('--mode <mode>', 'RESTORE, commands, or RESTORE and commands where the server does not take that', [
        'auto',
        'restore',
        'commands',
      ]),
    )
    .addOption(
      choiceOption('--on-exists <policy>', 'a key that the server has: it fails, is left as it is, or is replaced', [
        'error',
        'skip',
        'replace',
      ]),
    )
    .addOption(
      choiceOption(
        '--on-unsupported <policy>',
        'what the server cannot hold: keep what it can, or leave such keys out',
        ['convert', 'drop'],
      ),
    )
    .option(
      '--rate <limits>',
      'at most so much in a second: 5000 (keys), 20MB (bytes), or 5000,20MB',
      reading(parseRate),
    )
    .option(
      '--wait <n>',
      'replicas that must have a key before it counts (default: 1 where there are any)',
      reading(parseCount),
    )
    .addOption(retryOption())
    .option('--resume <file>', 'keep in this file how far it came, and go on from there where it is')
    .option('--dry-run', 'write nothing, and say what would be written')
    .option('--verify', 'compare with the server afterwards, as the command verify does');
}

export function retryOption(): Option {
  return new Option('--retry <duration>', 'try a server that fails again for so long (default: 60s; 0: not)').argParser(
    reading(parseDurationMs),
  );
}

/** `5000` keys, `20MB` bytes (also `20MB/s`), or both with a comma between them. Throws FilterTextError. */
export function parseRate(text: string): Rate {
  const rate: { keysPerSecond?: number; bytesPerSecond?: number } = {};
  for (const part of text.split(',')) {
    const word = part.trim().replace(/\/s(?:ec)?$/i, '');
    const isBytes = /b$/i.test(word);
    const isKeys = /^\d+$/.test(word);
    const name = isBytes ? 'bytesPerSecond' : 'keysPerSecond';
    if (!isBytes && !isKeys)
      throw new FilterTextError(`'${part}' is no rate: write 5000 for keys, 20MB for bytes, or 5000,20MB`);
    if (rate[name] !== undefined) throw new FilterTextError(`'${text}' limits ${isBytes ? 'bytes' : 'keys'} twice`);
    const limit = isBytes ? parseSize(word) : parseCount(word);
    if (limit === 0) throw new FilterTextError(`'${part}' lets nothing through`);
    rate[name] = limit;
  }
  return rate;
}
