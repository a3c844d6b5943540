/** `explain`: annotated bytes. */
import type { Command } from 'commander';
import { parseCount } from '../../rdb/filter-text.js';
import { addExamples, defineCommand, sourceArgument } from '../define-command.js';
import type { Invocation } from '../invocation.js';
import { addReplayOptions, addSharedOptions, databaseOption, reading } from '../options.js';

export function registerExplain(parent: Command, invocation: Invocation): void {
  const command = defineCommand(parent, 'explain', 'the bytes of one record, annotated')
    .addArgument(sourceArgument())
    .option('--offset <n>', 'the record at this offset of the file, or around it', reading(parseOffset))
    .option('--key <key>', 'the record of this key, or "…" with the escapes of redis-cli')
    .addOption(databaseOption())
    .action(async (source, options) => {
      const { runExplain } = await import('../commands/explain.js');
      invocation.exitCode = await runExplain(source, options, invocation);
    });
  addExamples(addSharedOptions(addReplayOptions(command)), [
    'explain dump.rdb --key user:1',
    'explain dump.rdb --offset 0',
    'explain dump.rdb --offset 0x4d2',
  ]);
}

function parseOffset(text: string): number {
  return /^0x[0-9a-f]+$/i.test(text) ? Number(text) : parseCount(text);
}
