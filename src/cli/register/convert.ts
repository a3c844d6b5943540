/** `convert`: a dump for another server. */
import type { Command } from 'commander';
import { addConvertOptions, addLogFormOptions, formOfOutput } from '../convert-options.js';
import { addExamples, defineCommand, sourceArgument } from '../define-command.js';
import type { Invocation } from '../invocation.js';
import { jobsOption } from '../jobs.js';
import { addFilterOptions, addReplayOptions, addSharedOptions } from '../options.js';

export function registerConvert(parent: Command, invocation: Invocation): void {
  const command = defineCommand(parent, 'convert', 'a dump or a log for another server, or with some of its keys')
    .addArgument(sourceArgument())
    .addOption(jobsOption('of --to aof, a dump needs none: '))
    .action(async (source, options) => {
      const { runConvert } = await import('../commands/convert.js');
      invocation.exitCode = await runConvert(
        source,
        { ...options, to: options.to ?? formOfOutput(options.output, 'rdb') },
        invocation,
      );
    });
  addSharedOptions(
    addReplayOptions(addFilterOptions(addConvertOptions(addLogFormOptions(command, 'rdb')))),
  ).addHelpText(
    'after',
    `
What the server loads is copied as it is; the rest is written in a form that it does load. Whatever is lost is reported,
and the exit code is then 4. Under --on-unsupported error (the default) a loss ends the command, and no file is written.
--set-ttl and --skip-expired are about the expiries of keys and of hash fields. Filters choose the keys.
-o dump.rdb.gz is a backup that every command here reads; a server wants it unpacked.
--to aof writes commands, --to aof-dir a new directory (-o) with a base, an empty increment and a manifest.
An append-only file or directory is replayed, and what it holds is converted; without a --target the dump is one of the
server that wrote the log, by what stands in it (redis:7.0, where that says nothing). As another log it is copied as it is,
its files becoming one, or a base; with --compact, filters, --target, --base or anything else that is about keys it is what a rewrite
would have made of it.
Targets: redis:2.2 to redis:8.10, valkey:7.2 to valkey:9.2, keydb:6.`,
  );
  addExamples(command, [
    'convert dump.rdb --target redis:7.0 -o old.rdb',
    'convert dump.rdb --target redis:6.2 --on-unsupported convert --report lost.json -o old.rdb',
    "convert dump.rdb -k 'user:*' --db-map 0:3 -o users.rdb",
    'convert dump.rdb --set-ttl rebase --drop-modules -o staging.rdb',
    'convert dump.rdb --to aof-dir -o /data/appendonlydir',
    'convert appendonlydir -o dump.rdb',
    'convert appendonly.aof --to aof-dir --compact -o /data/appendonlydir',
  ]);
}
