/** Commands on the files of an engine, where it has any: the replies are those of the server, the work is the store's. */
import { isOption } from '../arguments.js';
import type { Call, CommandTable } from '../call.js';
import type { Persistence } from '../persistence.js';
import { CommandError, OK, type Reply, Status, syntaxError } from '../reply.js';
import { isSince } from '../settings.js';

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

/** Valkey can call a background save off. */
const CANCELS = { valkey: '8.1' } as const;

/** BGSAVE [SCHEDULE | CANCEL] */
function bgsave(call: Call): Reply {
  const { args, isTransaction, engine } = call;
  if (args.length === 2 && isOption(args[1], 'CANCEL') && isSince(engine.settings.target, CANCELS))
    return new Status(cancelled(filesOf(call).cancelSave()));
  const isScheduled = args.length === 2 && isOption(args[1], 'SCHEDULE');
  if (args.length > 1 && !isScheduled) throw syntaxError();
  const waiting = isTransaction ? 'must' : isScheduled ? 'may' : 'none';
  return new Status(`Background saving ${filesOf(call).saveInBackground(waiting)}`);
}

function cancelled(what: 'running' | 'scheduled' | undefined): string {
  if (what === undefined) throw new CommandError('ERR Background saving is currently not in progress or scheduled');
  return what === 'running' ? 'Background saving cancelled' : 'Scheduled background saving cancelled';
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
