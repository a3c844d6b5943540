/** `serve`: a server on a file or a data directory. */
import type { Command } from 'commander';
import { addExamples, defineCommand, SOURCE } from '../define-command.js';
import type { Invocation } from '../invocation.js';

/** `argv` is read as redis-server reads it, and not by commander. */
export function registerServe(parent: Command, invocation: Invocation, argv: readonly string[]): void {
  const command = defineCommand(parent, 'serve', 'a server for any Redis client, on a dump or on a data directory')
    .usage('[<src> | <redis.conf>] [--<setting> <value>]...')
    .argument('[words...]', `${SOURCE}, which is only read; or redis.conf; then settings`)
    .allowUnknownOption()
    .action(async () => {
      const { runServe } = await import('../commands/serve.js');
      invocation.exitCode = await runServe(argv, invocation);
    })
    .addHelpText(
      'after',
      `
A source is opened to be looked at: every command that reads works, what would write is answered READONLY. Keys of a plain
dump are decoded from the file when somebody asks for them; a log, or what is compressed or piped, is loaded.
Without a source it stands in for redis-server: settings are those of redis.conf, on the command line with two dashes, and
the files in --dir are loaded, gone on with and saved by the rules of the server (save points, appendonly, appendfsync).

It listens to 127.0.0.1, port 6379. Another --bind is refused without a --requirepass.
SIGTERM and SIGINT end it as SHUTDOWN does; exit code 0. Scripts, modules, replication and clusters there are none.`,
    );
  addExamples(command, [
    'serve dump.rdb',
    'serve /backup/appendonlydir --port 7000',
    'serve --dir /data --appendonly yes --appendfsync everysec',
    "serve --dir /data --save '60 1000' --port 7000",
    'serve /etc/redis/redis.conf --port 7000',
    'serve dump.rdb --bind 0.0.0.0 --requirepass secret',
  ]);
}
