/** `import`: a dump or a log into a live server. */
import type { Command } from 'commander';
import { addConnectionOptions } from '../connection-options.js';
import { reportOption } from '../convert-options.js';
import { addExamples, defineCommand, sourceArgument } from '../define-command.js';
import { addFlowOptions, addKeysAtTargetOptions } from '../import-options.js';
import type { Invocation } from '../invocation.js';
import { addFilterOptions, addReplayOptions, addSharedOptions } from '../options.js';

export function registerImport(parent: Command, invocation: Invocation): void {
  const command = defineCommand(parent, 'import', 'a dump or a log into a live server')
    .addArgument(sourceArgument())
    .action(async (source, options) => {
      const { runImport } = await import('../commands/import.js');
      invocation.exitCode = await runImport(source, options, invocation);
    });
  addFlowOptions(addConnectionOptions(command, 'to')).addOption(
    reportOption('every key that failed and every part that was lost'),
  );
  addSharedOptions(addReplayOptions(addFilterOptions(addKeysAtTargetOptions(command)))).addHelpText(
    'after',
    `
The server is a Redis or a Valkey of any version, a cluster, or the primary that sentinels name: any node of a cluster will do.
Options of a connection are those of redis-cli and win over the URL; -n chooses databases of the source, the URL or --db-map
those of the server. Keys go as RESTORE with a payload for the server's version; what it does not take so, as commands.
An import that was interrupted goes on where it ended if the same command with --resume FILE is run again. A source from a
pipe is first copied to a temporary file (in TMPDIR) for --resume and --verify.
Nothing is changed in the source, and no key of the server is, but those that the source has.
Exit codes: 0 everything that was asked for is written (keys that were skipped are no loss), 1 --verify found a difference,
4 keys failed or parts of them were lost, 5 the server could not be reached, or refused.`,
  );
  addExamples(command, [
    'import dump.rdb --to redis://127.0.0.1:6379',
    'import dump.rdb -h 10.0.0.5 --user app --askpass --tls --dry-run',
    "import dump.rdb --to redis://10.0.0.5 -k 'user:*' --db-map 0:3 --on-exists replace",
    "import dump.rdb.gz --to redis://cluster:7000 --rename 'old:(.*)=new:$1' --rate 5000,20MB",
    'import appendonlydir --to redis-sentinel://10.0.0.7,10.0.0.8/mymaster --resume state.json --verify',
    'import dump.rdb --to redis://10.0.0.5 --json --report failed.json | jq .counts',
  ]);
}
