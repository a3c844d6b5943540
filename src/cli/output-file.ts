/** Output files: compressed where their names say so, written under a temporary name beside the target, made durable, then renamed. */
import * as fs from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { OutputError, UsageError } from './failures.js';
import { openCompressed } from './output-compressed.js';
import { type FileSink, writeFully } from './sink.js';

export type { FileSink } from './sink.js';

/**
 * What exists under that name and is no regular file (a device, a FIFO) is written to directly. A name that ends in `.gz` or
 * `.zst` asks for compression.
 *
 * Throws UsageError where the target is one of the inputs or a directory, UnsupportedError (UNSUPPORTED_OUTPUT) where there is
 * no zstd, OutputError where the file cannot be created.
 */
export function openFileSink(target: string, inputs: readonly string[]): FileSink {
  return openCompressed(target, () => openPlain(target, inputs));
}

function openPlain(target: string, inputs: readonly string[]): FileSink {
  // A link stays a link: what it points to is replaced.
  const path = realPathOf(target);
  const existing = fs.statSync(path, { throwIfNoEntry: false });
  if (existing?.isDirectory()) throw new UsageError(`${target} is a directory; the output is one file`);
  if (existing !== undefined && inputs.some((input) => isSameFile(input, existing))) {
    throw new UsageError(`${target} is the input, which is never overwritten`);
  }
  return existing !== undefined && !existing.isFile()
    ? new DeviceSink(target)
    : new TemporaryFileSink(target, path, existing?.mode);
}

/**
 * Several files that belong together: what may fail for want of space comes before the first of them appears, and where one
 * cannot appear none does. Throws OutputError; what has not been committed is the caller's to discard.
 */
export async function commitAll(sinks: readonly FileSink[]): Promise<void> {
  for (const sink of sinks) await sink.seal();
  const done: FileSink[] = [];
  try {
    for (const sink of sinks) {
      await sink.commit();
      done.push(sink);
    }
  } catch (error) {
    for (const sink of done) sink.takeBack();
    throw error;
  }
}

class TemporaryFileSink implements FileSink {
  readonly isBehind = false;
  readonly isFinal = false;
  private readonly temporary: string;
  private readonly fd: number;
  private isOpen = true;

  constructor(
    private readonly name: string,
    private readonly path: string,
    mode: number | undefined,
  ) {
    const salt = Math.random().toString(36).slice(2, 8);
    this.temporary = join(dirname(path), `.${basename(path)}.${process.pid}.${salt}.tmp`);
    try {
      this.fd = fs.openSync(this.temporary, 'wx', mode === undefined ? 0o666 : mode & 0o777);
    } catch (error) {
      throw new OutputError(name, error as NodeJS.ErrnoException);
    }
  }

  write(bytes: Uint8Array, start: number, end: number): void {
    writeFully(this.fd, this.name, bytes, start, end);
  }

  async drain(): Promise<void> {}

  async seal(): Promise<void> {
    if (!this.isOpen) return;
    try {
      fs.fsyncSync(this.fd);
      this.close();
    } catch (error) {
      throw new OutputError(this.name, error as NodeJS.ErrnoException);
    }
  }

  async commit(): Promise<void> {
    await this.seal();
    try {
      fs.renameSync(this.temporary, this.path);
    } catch (error) {
      throw new OutputError(this.name, error as NodeJS.ErrnoException);
    }
    syncDirectory(dirname(this.path));
  }

  takeBack(): void {
    fs.rmSync(this.path, { force: true });
  }

  discard(): void {
    this.close();
    fs.rmSync(this.temporary, { force: true });
  }

  private close(): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    fs.closeSync(this.fd);
  }
}

/** Nothing to take back, nothing to rename. */
class DeviceSink implements FileSink {
  readonly isBehind = false;
  readonly isFinal = true;
  private readonly fd: number;

  constructor(private readonly name: string) {
    try {
      this.fd = fs.openSync(name, 'w');
    } catch (error) {
      throw new OutputError(name, error as NodeJS.ErrnoException);
    }
  }

  write(bytes: Uint8Array, start: number, end: number): void {
    writeFully(this.fd, this.name, bytes, start, end);
  }

  async drain(): Promise<void> {}

  async seal(): Promise<void> {}

  async commit(): Promise<void> {
    fs.closeSync(this.fd);
  }

  discard(): void {
    fs.closeSync(this.fd);
  }

  takeBack(): void {}
}

function realPathOf(path: string): string {
  try {
    return fs.realpathSync(path);
  } catch {
    // It does not exist yet.
    return path;
  }
}

function isSameFile(path: string, other: fs.Stats): boolean {
  const stat = fs.statSync(path, { throwIfNoEntry: false });
  return stat !== undefined && stat.dev === other.dev && stat.ino === other.ino;
}

/** The rename itself is durable only then. Some systems do not let anyone open a directory: there it has to do without. */
function syncDirectory(path: string): void {
  let fd: number;
  try {
    fd = fs.openSync(path, 'r');
  } catch {
    return;
  }
  try {
    fs.fsyncSync(fd);
  } catch {
    // Not every file system knows it.
  } finally {
    fs.closeSync(fd);
  }
}
