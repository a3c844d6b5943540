/** The worker threads of the command, for what the library does not do. */
import { serveRanges } from '../workers/serve.js';
import { MemoryTask, type MemoryTaskOptions } from './memory-task.js';

void serveRanges({ memory: async (options: MemoryTaskOptions) => new MemoryTask(options) });
