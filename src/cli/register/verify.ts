/** `verify`: whether a live server has what a dump or a log has. */
import type { Command } from 'commander';
import { parseDurationMs } from '../../rdb/filter-text.js';
import { addConnectionOptions } from '../connection-options.js';
import { addExamples, defineCommand, sourceArgument } from '../define-command.js';
import { addKeysAtTargetOptions, retryOption } from '../import-options.js';
import type { Invocation } from '../invocation.js';
import { addFilterOptions, addReplayOptions, addSharedOptions, reading } from '../options.js';

export function registerVerify(parent: Command, invocation: Invocation): void {
  const command = defineCommand(parent, 'verify', 'whether a live server has what a dump or a log has')
    .addArgument(sourceArgument())
    .action(async (source, options) => {
      const { runVerify } = await import('../commands/verify.js');
      invocation.exitCode = await runVerify(source, options, invocation);
    });
  addConnectionOptions(command, 'with')
    .option('--ttl-tolerance <duration>', 'how far expiries may lie apart (default: 1s)', reading(parseDurationMs))
    .addOption(retryOption())
    .option('--no-extra', 'do not look for keys that only the server has');
  addSharedOptions(addReplayOptions(addFilterOptions(addKeysAtTargetOptions(command)))).addHelpText(
    'after',
    `
Nothing is written. Every key is compared: by the digest that the server computes where it may be asked for that (DEBUG
DIGEST-VALUE), else by its value; expiries, streams' groups and function libraries as well. --db-map, --rename, --set-ttl
and the filters must be those of the import. With --sample 1% a share of the keys is compared. Keys that have expired by now
are counted, and are no difference. With filters, keys that only the server has are not looked for.
Options of a connection are those of redis-cli and win over the URL; -n chooses databases of the source.
Exit codes: 0 the same, 1 keys are missing, different or extra, 4 some could not be compared, 5 the server could not be
reached, or refused.`,
  );
  addExamples(command, [
    'verify dump.rdb --with redis://127.0.0.1:6379',
    "verify dump.rdb -h 10.0.0.5 --askpass -k 'user:*' --db-map 0:3 --no-extra",
    'verify dump.rdb --with rediss://10.0.0.5 --cacert ca.pem --sample 1% --json',
  ]);
}
