/** CONFIG */
import type { ByteString } from '../../bytes/byte-string.js';
import type { Call, CommandTable } from '../../engine/call.js';
import { MapReply, OK, type Reply, syntaxError } from '../../engine/reply.js';
import { isLocal } from '../local-client.js';
import { connectionOf } from '../server-context.js';
import { help, serverOf } from './server-of.js';

export const CONFIG_COMMANDS: CommandTable = {
  'CONFIG GET': get,
  'CONFIG SET': set,
  'CONFIG RESETSTAT': resetStatistics,
  'CONFIG REWRITE': rewrite,
  'CONFIG HELP': help('CONFIG', [
    'GET <pattern> [<pattern> ...]',
    '    Settings whose names match, with their values.',
    'SET <name> <value> [<name> <value> ...]',
    '    Changes settings: all of them, or none.',
    'RESETSTAT',
    '    What INFO counts begins at nothing again.',
    'REWRITE',
    '    Writes the settings to the file that they came from.',
  ]),
};

/** CONFIG GET pattern [pattern ...] */
function get(call: Call): Reply {
  return new MapReply(serverOf(call).config.get(call.args.slice(2)));
}

/** CONFIG SET name value [name value ...] */
function set(call: Call): Reply {
  const { args } = call;
  if (args.length % 2 === 1) throw syntaxError();
  const pairs: [ByteString, ByteString][] = [];
  for (let at = 2; at < args.length; at += 2) pairs.push([args[at]!, args[at + 1]!]);
  serverOf(call).config.set(pairs, { isLocal: isLocal(connectionOf(call)) });
  return OK;
}

/** CONFIG RESETSTAT */
function resetStatistics(call: Call): Reply {
  const server = serverOf(call);
  server.stats.reset();
  server.latency.histograms.clear();
  return OK;
}

/** CONFIG REWRITE */
function rewrite(call: Call): Reply {
  serverOf(call).config.rewrite();
  return OK;
}
