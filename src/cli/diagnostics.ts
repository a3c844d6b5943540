/** Standard error: what is said there never decides how a command ends. */
import { writeFully } from './sink.js';

const STDERR_FD = 2;

/** Writes at once; nobody has to listen. */
export function writeDiagnostic(text: string): void {
  const bytes = new TextEncoder().encode(text);
  try {
    writeFully(STDERR_FD, 'standard error', bytes, 0, bytes.length);
  } catch {
    // There is no place left to say so.
  }
}
