/** What commands of a server have in common: the server itself, who it says it is, and the form of HELP. */
import type { Call, CommandFunction } from '../../engine/call.js';
import { CommandError, type Reply, Status } from '../../engine/reply.js';
import { isSince } from '../../engine/settings.js';
import type { Target } from '../../rdb/versions.js';
import { Server } from '../server.js';
import { connectionOf } from '../server-context.js';

/** The server whose client's command it is. */
export function serverOf(call: Call): Server {
  const { context } = connectionOf(call);
  if (context instanceof Server) return context;
  throw new TypeError('this command is of a server');
}

/** The release that tests hold it beside; of other generations the first. */
const RELEASES: Readonly<Record<string, string>> = { 'redis:7.0': '7.0.15' };

/** The version that it gives for its own, such as `7.0.15`. */
export function releaseOf({ name }: Target): string {
  return RELEASES[name] ?? `${name.slice(name.indexOf(':') + 1)}.0`;
}

/** X HELP: what there is, each with its lines indented. */
export function help(name: string, lines: readonly string[]): CommandFunction {
  return ({ engine }: Call): Reply => {
    const verb = isSince(engine.settings.target, { redis: '7.2', valkey: '7.2' }) ? 'Print' : 'Prints';
    const frame = `${name} <subcommand> [<arg> [value] [opt] ...]. Subcommands are:`;
    return [frame, ...lines, 'HELP', `    ${verb} this help.`].map((line) => new Status(line));
  };
}

/** A subcommand with arguments that do not go with it; the name as it was sent. */
export function wrongSubcommand({ args }: Call, container: string): CommandError {
  return new CommandError(
    `ERR unknown subcommand or wrong number of arguments for '${args[1]}'. Try ${container} HELP.`,
  );
}
