/** Commands on the files of an engine, where it has any: the replies are those of the server, the work is the store's. */
import { isOption } from '../arguments.js';
import type { Call, CommandTable } from '../call.js';
import type { Persistence } from '../persistence.js';
import { CommandError, OK, type Reply, Status, syntaxError } from '../reply.js';

export const PERSISTENCE_COMMANDS: CommandTable = {
  SAVE: save,
  BGSAVE: bgsave,
  LASTSAVE: (call) => filesOf(call).lastSave,
  BGREWRITEAOF: bgrewriteaof,
  SHUTDOWN: shutdown,
};

function filesOf({ engine }: Call): Persistence {
  if (engine.persistence === undefined) throw new CommandError('ERR this engine keeps no files');
  return engine.persistence;
}

/** SAVE */
function save(call: Call): Reply {
  filesOf(call).save();
  return OK;
}

/** BGSAVE [SCHEDULE] */
function bgsave(call: Call): Reply {
  const { args, isTransaction } = call;
  const isScheduled = args.length === 2 && isOption(args[1], 'SCHEDULE');
  if (args.length > 1 && !isScheduled) throw syntaxError();
  const waiting = isTransaction ? 'must' : isScheduled ? 'may' : 'none';
  return new Status(`Background saving ${filesOf(call).saveInBackground(waiting)}`);
}

/** BGREWRITEAOF */
function bgrewriteaof(call: Call): Reply {
  const start = filesOf(call).rewriteLog(call.isTransaction ? 'must' : 'may');
  return new Status(`Background append only file rewriting ${start}`);
}

/** SHUTDOWN [NOSAVE | SAVE] [NOW] [FORCE] [ABORT]; whoever serves ends the connection in place of a reply. */
function shutdown(call: Call): Reply {
  const { args } = call;
  const given = new Set<string>();
  for (const arg of args.slice(1)) {
    const name = OPTIONS.find((option) => isOption(arg, option));
    if (name === undefined) throw syntaxError();
    given.add(name);
  }
  const isAbort = given.has('ABORT');
  if ((given.has('SAVE') && given.has('NOSAVE')) || (isAbort && given.size > 1)) throw syntaxError();
  // Nothing here waits for replicas, so there is never one in progress.
  if (isAbort) throw new CommandError('ERR No shutdown in progress.');
  filesOf(call).shutdown({
    save: given.has('SAVE') ? 'save' : given.has('NOSAVE') ? 'nosave' : 'default',
    isForced: given.has('FORCE'),
  });
  return OK;
}

const OPTIONS = ['SAVE', 'NOSAVE', 'NOW', 'FORCE', 'ABORT'] as const;
