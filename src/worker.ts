/** The worker threads of the library: what they can do with the ranges that they are given. */
import type { JsonTaskOptions } from './convert/json/json-task.js';
import type { CommandTaskOptions } from './convert/rdb-to-commands/command-task.js';
import type { CheckTaskOptions } from './inspect/check-task.js';
import { serveRanges } from './workers/serve.js';

void serveRanges({
  json: async (options: JsonTaskOptions) => new (await import('./convert/json/json-task.js')).JsonTask(options),
  commands: async (options: CommandTaskOptions) =>
    new (await import('./convert/rdb-to-commands/command-task.js')).CommandTask(options),
  check: async (options: CheckTaskOptions) => new (await import('./inspect/check-task.js')).CheckTask(options),
});
