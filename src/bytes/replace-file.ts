/** A file that others always see whole: the old one, or the new one. */
import type { Files } from './files.js';
import { parentPath } from './path.js';

/**
 * Writes a file under a temporary name beside its own, makes it durable, and renames it over what is there, whose ownership it
 * takes. A temporary file that was left from another time is replaced. Throws the system's errors.
 */
export function replaceFile(path: string, temporary: string, bytes: Uint8Array, files: Files): void {
  if (files.stat(temporary) !== undefined) files.remove(temporary);
  const file = files.create(temporary);
  try {
    file.write(bytes, 0, bytes.length);
    file.sync();
  } finally {
    file.close();
  }
  if (files.stat(path) !== undefined) files.copyOwnership(path, temporary);
  files.rename(temporary, path);
  files.syncDirectory(parentPath(path));
}
