/** ACL, of a server that has one user: `default`, who may do everything, with or without a password. */
import { createHash, randomBytes } from 'node:crypto';
import { findCommand } from '../../aof/command-table.js';
import { type ByteString, fromByteString } from '../../bytes/byte-string.js';
import { integerArgument, isOption, numberArgument } from '../../engine/arguments.js';
import { takesArguments } from '../../engine/arity.js';
import type { Call, CommandTable } from '../../engine/call.js';
import { CommandError, MapReply, OK, type Reply, SetReply, wrongArity } from '../../engine/reply.js';
import { isSince } from '../../engine/settings.js';
import { shownName } from '../shown-words.js';
import { aclLogOf } from './acl-log.js';
import { commandsOf, subcommandsOf } from './command.js';
import { CATEGORIES, factsOf } from './command-facts.js';
import { DEFAULT_USER } from './hello.js';
import { help, serverOf } from './server-of.js';

export const ACL_COMMANDS: CommandTable = {
  'ACL WHOAMI': () => DEFAULT_USER,
  'ACL USERS': () => [DEFAULT_USER],
  'ACL LIST': (call) => [userLine(call)],
  'ACL CAT': cat,
  'ACL GETUSER': getUser,
  'ACL SETUSER': setUser,
  'ACL DELUSER': delUser,
  'ACL DRYRUN': dryRun,
  'ACL GENPASS': genPass,
  'ACL LOG': log,
  'ACL LOAD': noFile,
  'ACL SAVE': noFile,
  'ACL HELP': help('ACL', [
    'CAT [<category>]',
    '    The categories of commands, or the commands of one.',
    'DELUSER <username> [<username> ...]',
    '    Deletes users; the default one stays.',
    'DRYRUN <username> <command> [<arg> ...]',
    '    Whether a user may run a command.',
    'GENPASS [<bits>]',
    '    A password by chance, of 256 bits where nothing else is said.',
    'GETUSER <username>',
    '    What a user may do.',
    'LIST',
    '    All users.',
    'LOG [<count> | RESET]',
    '    Who was refused.',
    'SETUSER <username> <attribute> [<attribute> ...]',
    '    Changes nothing but what the default user may do anyway.',
    'USERS',
    '    The names of all users.',
    'WHOAMI',
    '    The user of this client.',
  ]),
};

function passwordsOf(call: Call): string[] {
  const { password } = serverOf(call).config;
  return password === '' ? [] : [createHash('sha256').update(fromByteString(password)).digest('hex')];
}

function userLine(call: Call): string {
  const [hash] = passwordsOf(call);
  return `user ${DEFAULT_USER} on ${hash === undefined ? 'nopass' : `#${hash}`} ${sanitizes(call)}~* &* +@all`;
}

/** Servers of 7.2 and later name what is the default. */
function sanitizes({ engine }: Call): string {
  return isSince(engine.settings.target, { redis: '7.2', valkey: '7.2' }) ? 'sanitize-payload ' : '';
}

/** ACL CAT [category] */
function cat(call: Call): Reply {
  const { args } = call;
  if (args.length === 2) return [...CATEGORIES];
  const category = args[2]!.toLowerCase();
  if (!CATEGORIES.some((each) => each === category)) throw new CommandError(`ERR Unknown category '${args[2]}'`);
  return commandsOf(call).flatMap((spec) => {
    const all = spec.subcommands === undefined ? [spec] : [spec, ...subcommandsOf(call, spec)];
    return all.filter((each) => factsOf(each).categories.some((own) => own === category)).map(shownName);
  });
}

/** ACL GETUSER username */
function getUser(call: Call): Reply {
  if (call.args[2] !== DEFAULT_USER) return null;
  const passwords = passwordsOf(call);
  const flags = [
    'on',
    ...(passwords.length === 0 ? ['nopass'] : []),
    ...(sanitizes(call) === '' ? [] : ['sanitize-payload']),
  ];
  return new MapReply([
    ['flags', new SetReply(flags)],
    ['passwords', passwords],
    ['commands', '+@all'],
    ['keys', '~*'],
    ['channels', '&*'],
    ['selectors', []],
  ]);
}

/** What the default user is, and may, already. */
const ALREADY: ReadonlySet<string> = new Set([
  'on',
  'allkeys',
  'allchannels',
  'allcommands',
  '~*',
  '&*',
  '+@all',
  'sanitize-payload',
  'clearselectors',
]);

/** ACL SETUSER username [attribute [attribute ...]]: only what is so already can be asked for; a password is `requirepass`. */
function setUser(call: Call): Reply {
  const [, , user, ...attributes] = call.args;
  if (user !== DEFAULT_USER) throw new CommandError(`ERR this server has no other user than '${DEFAULT_USER}'`);
  const hasPassword = serverOf(call).config.password !== '';
  for (const attribute of attributes) {
    const isSo = ALREADY.has(attribute.toLowerCase()) || (isOption(attribute, 'NOPASS') && !hasPassword);
    if (!isSo) throw new CommandError(`ERR Error in ACL SETUSER modifier '${attribute}': ${reasonOf(attribute)}`);
  }
  return OK;
}

function reasonOf(attribute: ByteString): string {
  if (/^(?:[<>#!]|nopass$|resetpass$|reset$)/i.test(attribute)) return 'the password of this server is its requirepass';
  if (/^[-+~&%(]|^(?:off|nocommands|resetkeys|resetchannels|skip-sanitize-payload)$/i.test(attribute))
    return `'${DEFAULT_USER}' may do everything on this server`;
  return 'Syntax error';
}

/** ACL DELUSER username [username ...] */
function delUser({ args }: Call): Reply {
  if (args.slice(2).includes(DEFAULT_USER)) throw new CommandError("ERR The 'default' user cannot be removed");
  return 0;
}

/** ACL DRYRUN username command [arg [arg ...]] */
function dryRun(call: Call): Reply {
  const { args } = call;
  if (args[2] !== DEFAULT_USER) throw new CommandError(`ERR User '${args[2]}' not found`);
  const { target } = call.engine.settings;
  const container = /[\s|]/.test(args[3]!) ? undefined : findCommand(args[3]!);
  const spec = container?.subcommands === undefined ? container : findCommand(`${args[3]}|${args[4] ?? ''}`);
  if (spec === undefined || !isSince(target, spec.since)) throw new CommandError(`ERR Command '${args[3]}' not found`);
  if (!takesArguments(spec, args.length - 3, target)) throw wrongArity(shownName(spec));
  return OK;
}

const USUAL_BITS = 256;
const MOST_BITS = 4096;
const BITS_PER_DIGIT = 4;

/** ACL GENPASS [bits] */
function genPass({ args }: Call): Reply {
  const bits = args[2] === undefined ? USUAL_BITS : numberArgument(args[2]);
  if (bits < 1 || bits > MOST_BITS) {
    throw new CommandError(
      `ERR ACL GENPASS argument must be the number of bits for the output password, a positive number up to ${MOST_BITS}`,
    );
  }
  const digits = Math.ceil(bits / BITS_PER_DIGIT);
  return randomBytes(Math.ceil(digits / 2))
    .toString('hex')
    .slice(0, digits);
}

const USUAL_ENTRIES = 10;

/** ACL LOG [count | RESET] */
function log(call: Call): Reply {
  const { args } = call;
  const refused = aclLogOf(serverOf(call));
  if (isOption(args[2], 'RESET')) {
    refused.reset();
    return OK;
  }
  const count = args[2] === undefined ? USUAL_ENTRIES : Math.max(0, Number(integerArgument(args[2])));
  return refused.show(count, isSince(call.engine.settings.target, { redis: '7.2', valkey: '7.2' }));
}

function noFile(): Reply {
  throw new CommandError('ERR there is no ACL file: this server has one user');
}
