/** INFO */
import type { Call, CommandTable } from '../../engine/call.js';
import { type Reply, VerbatimReply } from '../../engine/reply.js';
import { infoReport } from '../info/info-report.js';
import { serverOf } from './server-of.js';

export const INFO_COMMANDS: CommandTable = { INFO: info };

/** INFO [section [section ...]] */
function info(call: Call): Reply {
  return new VerbatimReply(infoReport(serverOf(call), call.args.slice(1)));
}
