/** The worker threads of the library: what they can do with the ranges that they are given. */
import { JsonTask, type JsonTaskOptions } from './convert/json/json-task.js';
import { CheckTask, type CheckTaskOptions } from './inspect/check-task.js';
import { serveRanges } from './workers/serve.js';

serveRanges({
  json: (options: JsonTaskOptions) => new JsonTask(options),
  check: (options: CheckTaskOptions) => new CheckTask(options),
});
