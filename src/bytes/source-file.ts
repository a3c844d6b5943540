/**
 * Files, by path or as standard input: the only place under `bytes/` that opens anything.
 *
 * A regular file is read with positional synchronous reads, which need no waiting and no position of their own. What
 * may block (FIFOs, terminals, sockets) is read in the thread pool as a stream of unknown size.
 */
import * as fs from 'node:fs';
import { fileURLToPath } from 'node:url';
import { UnsupportedError } from './errors.js';
import { encodePath, hasRawBytes } from './path.js';
import type { ByteSource, SyncByteSource } from './source.js';
import { unlessAborted } from './source-plain.js';

/**
 * Opens a file once. Its size is fixed here: what is appended later is not read, and a file that is renamed over or
 * removed is read as it was. Where it shrinks, the bytes end early.
 *
 * @throws UnsupportedError (UNSUPPORTED_INPUT) for a directory; the system's error with its `code` (ENOENT, EACCES, …)
 */
export async function openFile(path: string | URL, signal?: AbortSignal): Promise<ByteSource> {
  const name = typeof path === 'string' ? path : fileURLToPath(path);
  // In the thread pool, since a FIFO keeps whoever opens it waiting until it has a writer.
  const opening = openDescriptor(name);
  if (signal === undefined) return sourceOf(name, await opening, false);
  const closeLate = (): Promise<void> => opening.then((fd) => fs.close(fd, () => undefined));
  return sourceOf(name, await unlessAborted(opening, signal, closeLate), false);
}

/** As {@link openFile} for regular files only. */
export function openFileSync(path: string): SyncByteSource {
  const stat = fs.statSync(systemPath(path));
  if (!stat.isFile()) throw notRegular(path, stat);
  const fd = fs.openSync(systemPath(path), 'r');
  const source = sourceOf(path, fd, false);
  if (source instanceof FileSource) return source;
  void source.close();
  throw notRegular(path, stat);
}

/** File descriptor 0, from where it stands: a pipe, a terminal or a redirected file. Closing it leaves it open. */
export function stdinSource(): ByteSource {
  return sourceOf('stdin', 0, true);
}

/** A path as the system takes it: bytes, where it is no UTF-8 (see path.ts). */
export function systemPath(path: string): fs.PathLike {
  return hasRawBytes(path) ? Buffer.from(encodePath(path)) : path;
}

/** A regular file of a size that was fixed when it was opened. */
export class FileSource implements SyncByteSource {
  readonly compression = undefined;
  consumedBytes = 0;

  constructor(
    readonly name: string,
    private fd: number,
    readonly sizeBytes: number,
  ) {}

  get totalBytes(): number {
    return this.sizeBytes;
  }

  read(target: Uint8Array, at: number, max: number): number {
    const count = this.readAt(this.consumedBytes, target, at, max);
    this.consumedBytes += count;
    return count;
  }

  readAt(offset: number, target: Uint8Array, at: number, max: number): number {
    // A closed number may belong to another file by now.
    if (this.fd === CLOSED) throw new TypeError(`${this.name} was closed`);
    const count = Math.min(max, this.sizeBytes - offset, MAX_READ_BYTES);
    return count <= 0 ? 0 : fs.readSync(this.fd, target, at, count, offset);
  }

  close(): void {
    if (this.fd === CLOSED) return;
    fs.closeSync(this.fd);
    this.fd = CLOSED;
  }
}

/** A descriptor without positions, read in the thread pool. */
class DescriptorSource implements ByteSource {
  readonly sizeBytes = undefined;
  readonly compression = undefined;
  consumedBytes = 0;
  private ended = false;

  constructor(
    readonly name: string,
    private fd: number,
    readonly totalBytes: number | undefined,
    private readonly keepOpen: boolean,
  ) {}

  async read(target: Uint8Array, at: number, max: number): Promise<number> {
    // A redirected file is read as large as it was, too.
    const room = Math.min(max, MAX_READ_BYTES, (this.totalBytes ?? Infinity) - this.consumedBytes);
    if (this.ended || room <= 0) return 0;
    for (let pauseMs = 1; ; pauseMs = Math.min(pauseMs * 2, MAX_PAUSE_MS)) {
      if (this.fd === CLOSED) throw new TypeError(`${this.name} was closed`);
      const count = await readDescriptor(this.fd, target, at, room);
      if (count !== AGAIN) {
        // A terminal would start to wait once more after its end of file.
        this.ended = count === 0;
        this.consumedBytes += count;
        return count;
      }
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  }

  close(): void {
    if (this.fd === CLOSED) return;
    if (!this.keepOpen) fs.closeSync(this.fd);
    this.fd = CLOSED;
  }
}

const CLOSED = -1;
/** readDescriptor's answer where a non-blocking descriptor has nothing yet. */
const AGAIN = -1;
const MAX_PAUSE_MS = 50;
/** The system reads less than 2 GiB at a time. */
const MAX_READ_BYTES = 1 << 30;

function openDescriptor(path: string): Promise<number> {
  return new Promise((resolve, reject) => {
    fs.open(systemPath(path), 'r', (error, fd) => (error === null ? resolve(fd) : reject(error)));
  });
}

function sourceOf(name: string, fd: number, isStdin: boolean): ByteSource {
  try {
    const stat = fs.fstatSync(fd);
    if (stat.isDirectory()) throw notRegular(name, stat);
    // Standard input may stand in the middle of a file, where nobody can ask: it has no positions for us, and a total
    // that only serves progress.
    if (isStdin || !stat.isFile())
      return new DescriptorSource(name, fd, stat.isFile() ? stat.size : undefined, isStdin);
    return new FileSource(name, fd, stat.size);
  } catch (error) {
    if (!isStdin) fs.closeSync(fd);
    throw error;
  }
}

function notRegular(name: string, stat: fs.Stats): UnsupportedError {
  const what = stat.isDirectory() ? 'a directory' : 'no regular file, which needs the asynchronous form';
  return new UnsupportedError('UNSUPPORTED_INPUT', `${name} is ${what}`, 0);
}

function readDescriptor(fd: number, target: Uint8Array, at: number, count: number): Promise<number> {
  return new Promise((resolve, reject) => {
    fs.read(fd, target, at, count, null, (error, got) => {
      if (error === null) resolve(got);
      else if (error.code === 'EAGAIN') resolve(AGAIN);
      // What Windows calls the end of a pipe.
      else if (error.code === 'EOF') resolve(0);
      else reject(error);
    });
  });
}
