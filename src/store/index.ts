/** Persistence as Redis has it, for an engine: dumps, the log, the start, the end. */
export { LogLostError } from './log-appender.js';
