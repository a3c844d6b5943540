/** DEBUG on the store: sleeping, expiring, and reading its files again, during which nobody's commands are run. */
import { isOption } from '../../engine/arguments.js';
import type { Call } from '../../engine/call.js';
import { CommandError, OK, type Reply } from '../../engine/reply.js';
import type { Store } from '../../store/store.js';
import { NO_REPLY } from '../connection.js';
import { connectionOf } from '../server-context.js';
import { standStill } from '../stand-still.js';
import { serverOf } from './server-of.js';

/** DEBUG SLEEP seconds, with a fraction; what is no number is no time. As the server, ours does nothing at all meanwhile. */
export function sleep(call: Call): Reply {
  const seconds = Number.parseFloat(call.args[2]!);
  if (seconds > 0) standStill(seconds * 1000);
  return OK;
}

/** DEBUG AOF-FLUSH-SLEEP microseconds */
export function flushSleep(call: Call): Reply {
  serverOf(call).flushDelayMs = Number.parseInt(call.args[2]!, 10) / 1000;
  return OK;
}

/** DEBUG SET-ACTIVE-EXPIRE (0 | 1) */
export function setActiveExpire(call: Call): Reply {
  storeOf(call).configure({ activeExpire: Number.parseInt(call.args[2]!, 10) > 0 });
  return OK;
}

/** DEBUG RELOAD [NOSAVE] [NOFLUSH] [MERGE]: conflicting keys are always those of the dump. */
export function reload(call: Call): Reply {
  let isSaved = true;
  let isEmptied = true;
  for (const option of call.args.slice(2)) {
    if (isOption(option, 'NOSAVE')) isSaved = false;
    else if (isOption(option, 'NOFLUSH')) isEmptied = false;
    else if (!isOption(option, 'MERGE'))
      throw new CommandError('ERR DEBUG RELOAD only supports the MERGE, NOFLUSH and NOSAVE options.');
  }
  const store = storeOf(call);
  return answeredBehind(call, () => store.reload({ isSaved, isEmptied }), 'ERR Error trying to load the RDB dump');
}

/** DEBUG LOADAOF */
export function loadLog(call: Call): Reply {
  const store = storeOf(call);
  return answeredBehind(call, () => store.reloadLog(), 'ERR Error trying to load the AOF files, check server logs.');
}

function storeOf(call: Call): Store {
  const { store } = serverOf(call).backend;
  if (store === undefined) throw new CommandError('ERR this server keeps no files');
  return store;
}

/** Holds everybody up, does the work when this command is over, and answers then. In a transaction the reply cannot wait. */
function answeredBehind(call: Call, work: () => Promise<void>, failure: string): Reply {
  const server = serverOf(call);
  const connection = connectionOf(call);
  const { isTransaction, args } = call;
  const begun = performance.now();
  const answer = (reply: Reply): void => {
    if (isTransaction) return;
    server.served(connection, args, reply, performance.now() - begun);
    connection.reply(reply);
  };
  const failed = (cause: unknown): void => {
    server.warn(failure, cause);
    answer(new CommandError(failure));
  };
  server.hold(
    Promise.resolve()
      .then(work)
      .then(() => answer(OK), failed),
  );
  return isTransaction ? OK : NO_REPLY;
}
