/** A directory that takes the files of one run and no others. */
import * as fs from 'node:fs';
import { OutputError, UsageError, withHint } from './failures.js';

/**
 * Makes the directory where it is not there: the answer is whether it was made. Throws UsageError where it is no directory, or
 * holds something already: files of another run must not be taken for ones of this.
 */
export function prepareDirectory(directory: string): boolean {
  const stat = fs.statSync(directory, { throwIfNoEntry: false });
  if (stat === undefined) {
    try {
      fs.mkdirSync(directory, { recursive: true });
    } catch (error) {
      throw new OutputError(directory, error as NodeJS.ErrnoException);
    }
    return true;
  }
  if (!stat.isDirectory()) throw new UsageError(`${directory} is not a directory`);
  if (fs.readdirSync(directory).length > 0) {
    throw withHint(new UsageError(`${directory} is not empty`), 'name a directory that is, or that does not exist yet');
  }
  return false;
}

/** After a failure. */
export function removeIfEmpty(directory: string): void {
  try {
    fs.rmdirSync(directory);
  } catch {
    // Somebody has put something there.
  }
}
