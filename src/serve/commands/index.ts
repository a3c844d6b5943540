/** Every command that is the server's own, or that it has in the place of one of the engine. */
import type { CommandTable } from '../../engine/call.js';
import { ACL_COMMANDS } from './acl.js';
import { CLIENT_COMMANDS } from './client.js';
import { COMMAND_COMMANDS } from './command.js';
import { CONFIG_COMMANDS } from './config.js';
import { CONNECTION_COMMANDS } from './connection.js';
import { SERVE_DEBUG_COMMANDS } from './debug.js';
import { HELLO_COMMANDS } from './hello.js';
import { INFO_COMMANDS } from './info.js';
import { LATENCY_COMMANDS } from './latency.js';
import { MEMORY_COMMANDS } from './memory.js';
import { MIGRATE_COMMANDS } from './migrate.js';
import { MONITOR_COMMANDS } from './monitor.js';
import { OBJECT_COMMANDS } from './object.js';
import { PUBSUB_COMMANDS } from './pubsub.js';
import { REPLICATION_COMMANDS } from './replication.js';
import { SLOWLOG_COMMANDS } from './slowlog.js';
import { WAIT_COMMANDS } from './wait.js';

export const SERVE_COMMANDS: CommandTable = {
  ...HELLO_COMMANDS,
  ...CONNECTION_COMMANDS,
  ...CLIENT_COMMANDS,
  ...PUBSUB_COMMANDS,
  ...COMMAND_COMMANDS,
  ...CONFIG_COMMANDS,
  ...INFO_COMMANDS,
  ...SLOWLOG_COMMANDS,
  ...LATENCY_COMMANDS,
  ...MEMORY_COMMANDS,
  ...ACL_COMMANDS,
  ...REPLICATION_COMMANDS,
  ...MIGRATE_COMMANDS,
  ...WAIT_COMMANDS,
  ...MONITOR_COMMANDS,
  ...OBJECT_COMMANDS,
  ...SERVE_DEBUG_COMMANDS,
};
