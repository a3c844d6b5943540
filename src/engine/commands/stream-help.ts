/** What XINFO HELP and XGROUP HELP answer, in the form that servers have for it. */
import type { Call, CommandTable } from '../call.js';
import { type Reply, Status } from '../reply.js';
import { isSince } from '../settings.js';

export const STREAM_HELP_COMMANDS: CommandTable = {
  'XGROUP HELP': (call) => help(call, 'XGROUP', XGROUP_LINES),
  'XINFO HELP': (call) => help(call, 'XINFO', XINFO_LINES),
};

const XGROUP_LINES: readonly string[] = [
  'CREATE <key> <groupname> <id|$> [option]',
  '    A new group that begins behind <id>, or behind what is there. Options are:',
  '    * MKSTREAM',
  '      Where there is no stream, an empty one is made.',
  '    * ENTRIESREAD entries_read',
  '      How many entries the group is to have read (internal use).',
  'CREATECONSUMER <key> <groupname> <consumer>',
  '    A new consumer of the group.',
  'DELCONSUMER <key> <groupname> <consumer>',
  '    Removes a consumer with all that it has pending.',
  'DESTROY <key> <groupname>',
  '    Removes a group.',
  'SETID <key> <groupname> <id|$> [ENTRIESREAD entries_read]',
  '    Moves a group to <id>, and sets how many entries it has read.',
];

const XINFO_LINES: readonly string[] = [
  'CONSUMERS <key> <groupname>',
  '    The consumers of a group.',
  'GROUPS <key>',
  '    The groups of a stream.',
  'STREAM <key> [FULL [COUNT <count>]]',
  '    A stream and its counters; FULL: its entries and groups as well.',
];

function help({ engine }: Call, name: string, lines: readonly string[]): Reply {
  const verb = isSince(engine.settings.target, { redis: '7.2', valkey: '7.2' }) ? 'Print' : 'Prints';
  const frame = `${name} <subcommand> [<arg> [value] [opt] ...]. Subcommands are:`;
  return [frame, ...lines, 'HELP', `    ${verb} this help.`].map((line) => new Status(line));
}
