/** Faults of worker threads, which are no errors of a file. */

/** A worker thread ended before its work was done: there is a fault in it, or it ran out of memory. */
export class WorkerError extends Error {
  override readonly name = 'WorkerError';
}
