/** `memory`: what every key takes on a server. */
import { type Command, Option } from 'commander';
import { addExamples, defineCommand, sourceArgument } from '../define-command.js';
import type { Invocation } from '../invocation.js';
import { jobsOption } from '../jobs.js';
import { addModelOptions } from '../memory-options.js';
import { addFilterOptions, addReplayOptions, addSharedOptions, reading } from '../options.js';
import { reportFormatOption } from '../report-option.js';
import { parseWhatIf } from '../what-if-text.js';

export function registerMemory(parent: Command, invocation: Invocation): void {
  const command = defineCommand(parent, 'memory', 'what every key takes in the memory of a server')
    .addArgument(sourceArgument('<src...>'))
    .option(
      '--what-if <settings>',
      "the saving with other settings or another server: 'hash-max-listpack-entries=1024,target=valkey:8.1'",
      reading(parseWhatIf),
    )
    .option('--total', 'sums only')
    .addOption(new Option('--columns <set>', 'of CSV: those of redis-rdb-tools').choices(['rdbtools']))
    .addOption(reportFormatOption())
    .addOption(jobsOption())
    .action(async (sources, options) => {
      const { runMemory } = await import('../commands/memory.js');
      invocation.exitCode = await runMemory(sources, options, invocation);
    });
  addSharedOptions(addReplayOptions(addFilterOptions(addModelOptions(command)))).addHelpText(
    'after',
    `
Bytes are what MEMORY USAGE key SAMPLES 0 says once the server has loaded the dump. The whole data set takes more than they
add up to: --total, and the table on a terminal, have its tables too, and what MEMORY USAGE leaves out. The
saving of a --what-if is counted in all of that, since servers differ in what they leave out.`,
  );
  addExamples(command, [
    'memory dump.rdb',
    'memory dump.rdb --server valkey:8.1 --total',
    'memory dump.rdb --format csv --columns rdbtools -o memory.csv',
    "memory dump.rdb --what-if 'hash-max-listpack-entries=1024,target=valkey:8.1'",
  ]);
}
