/** `prefix`: what keys begin with. */
import type { Command } from 'commander';
import { FilterTextError, parseCount } from '../../rdb/filter-text.js';
import { addExamples, defineCommand, sourceArgument } from '../define-command.js';
import type { Invocation } from '../invocation.js';
import { idleJobsOption } from '../jobs.js';
import { addMemoryOption } from '../memory-options.js';
import { addFilterOptions, addReplayOptions, addSharedOptions, reading, repeated } from '../options.js';
import { parseBytesArgument } from '../render/bytes-text.js';
import { reportFormatOption } from '../report-option.js';

const DEFAULT_DEPTH = 3;
const DEFAULT_SHARE = 0.001;

export function registerPrefix(parent: Command, invocation: Invocation): void {
  const command = defineCommand(parent, 'prefix', 'a tree of what keys begin with: how many, and how much they take')
    .addArgument(sourceArgument('<src...>'))
    .addOption(
      repeated('--sep <text>', 'what ends a part of a key; may be repeated (default: learned)', parseSeparator),
    )
    .option('--depth <n>', `parts that are told apart (default: ${DEFAULT_DEPTH})`, reading(parseDepth), DEFAULT_DEPTH)
    .option(
      '--min-share <share>',
      'what is smaller, in size and in keys, goes to (other) (default: 0.1%)',
      reading(parseShare),
      DEFAULT_SHARE,
    )
    .addOption(idleJobsOption())
    .addOption(reportFormatOption())
    .action(async (sources, options) => {
      const { runPrefix } = await import('../commands/prefix.js');
      invocation.exitCode = await runPrefix(sources, options, invocation);
    });
  addSharedOptions(addMemoryOption(addReplayOptions(addFilterOptions(command)))).addHelpText(
    'after',
    `
Separators are learned from the first keys: the most frequent of : / | # ~ . ; , - _ that names the same beginnings again
and again; a key is cut at the first of them that it has. Ids are counted as one: * stands for a number, and there are
<uuid> <hex> <date> <email> <ip> <ulid> <id> (random letters and digits) and <binary>.
A prefix, its (other) and its (own) keys always add up. Bytes are those of values in the file, or with --memory what MEMORY USAGE says. Keys of software that is
known, such as BullMQ, Sidekiq or Celery, are named.`,
  );
  addExamples(command, [
    'prefix dump.rdb',
    'prefix dump.rdb --sep / --sep . --depth 4 --min-share 1%',
    "prefix shards/ -k 'user:*' --ttl none",
    'prefix dump.rdb -f csv -o prefixes.csv',
  ]);
}

function parseSeparator(text: string): Uint8Array[] {
  const separator = parseBytesArgument(text);
  if (separator.length === 0) throw new FilterTextError('a separator has at least one character');
  if (separator.length > 32) throw new FilterTextError('a separator has at most 32 bytes');
  return [separator];
}

function parseDepth(text: string): number {
  const depth = parseCount(text);
  if (depth < 1 || depth > 32) throw new FilterTextError('a depth from 1 to 32 is possible');
  return depth;
}

function parseShare(text: string): number {
  const match = /^(\d+(?:\.\d*)?|\.\d+)\s*(%?)$/.exec(text.trim());
  const share = Number(match?.[1] ?? NaN) / (match?.[2] ? 100 : 1);
  if (!(share >= 0 && share <= 1)) throw new FilterTextError(`'${text}' is no share: write 0.1% or 0.001`);
  return share;
}
