/**
 * Inputs that are read more than once. A plain file is read where it is; what has no random access (a pipe, a URL,
 * anything compressed) is first copied, unpacked, to a temporary file that nobody else sees.
 */
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RewoundSource } from '../bytes/rewound-source.js';
import type { ByteSource } from '../bytes/source.js';
import { FileSource } from '../bytes/source-file.js';
import { OutputError } from './failures.js';
import type { Progress } from './progress.js';
import { about, type Session } from './session.js';
import { writeFully } from './sink.js';
import type { SourceSpec } from './source.js';
import { WatchedSource } from './watched-source.js';

const COPY_BYTES = 1024 * 1024;

export class SeekableInput {
  private constructor(
    readonly spec: SourceSpec,
    /** Has random access. */
    readonly source: ByteSource,
    private readonly head: Uint8Array,
    private readonly signal: AbortSignal,
    private readonly progress: Progress,
  ) {}

  /** Throws what opening throws, as errors about this source; OutputError where there is no room for a copy. */
  static async open(spec: SourceSpec, session: Session, progress: Progress): Promise<SeekableInput> {
    const { source, head } = await session.openKeys(spec);
    // What has no size is made while it is read: jumping about in it would make it again and again.
    if (source.readAt !== undefined && source.sizeBytes !== undefined)
      return new SeekableInput(spec, source, head, session.signal, progress);
    progress.start(spec.name, source.totalBytes);
    const watched = new WatchedSource(source, session.signal, (bytes) => progress.update(bytes));
    try {
      const copy = await copyToTemporary(watched, spec.name);
      return new SeekableInput(spec, copy, head, session.signal, progress);
    } catch (error) {
      throw error instanceof OutputError ? error : about(error, spec.name, head);
    } finally {
      progress.stop();
      await source.close();
    }
  }

  /** The same bytes from their start, watched. */
  rewind(): ByteSource {
    const again = RewoundSource.rewinder(this.source)!();
    this.progress.start(this.spec.name, again.totalBytes);
    return new WatchedSource(again, this.signal, (bytes) => this.progress.update(bytes));
  }

  /** The same error, about this source. */
  about(error: unknown): unknown {
    return about(error, this.spec.name, this.head);
  }

  async close(): Promise<void> {
    await this.source.close();
  }
}

/** Opens all of them, runs, and closes them whatever happens. */
export async function withSeekable<T>(
  specs: readonly SourceSpec[],
  session: Session,
  progress: Progress,
  run: (inputs: readonly SeekableInput[]) => Promise<T>,
): Promise<T> {
  const inputs: SeekableInput[] = [];
  try {
    for (const spec of specs) inputs.push(await SeekableInput.open(spec, session, progress));
    return await run(inputs);
  } finally {
    progress.stop();
    for (const input of inputs) await input.close();
  }
}

/** The rest of a source, in a file that goes when it is closed. Throws OutputError where there is no room. */
export async function copyToTemporary(source: ByteSource, name: string): Promise<ByteSource> {
  const salt = Math.random().toString(36).slice(2, 10);
  const path = join(tmpdir(), `rdb-inspect-${process.pid}-${salt}.tmp`);
  const what = `${path}, a copy of ${name} to be read more than once`;
  let fd: number;
  try {
    fd = fs.openSync(path, 'wx+', 0o600);
  } catch (error) {
    throw new OutputError(what, error as NodeJS.ErrnoException);
  }
  const isUnlinked = unlink(path);
  try {
    const buffer = new Uint8Array(COPY_BYTES);
    let size = 0;
    for (;;) {
      const count = await source.read(buffer, 0, COPY_BYTES);
      if (count === 0) return new TemporarySource(name, fd, size, isUnlinked ? undefined : path);
      writeFully(fd, what, buffer, 0, count);
      size += count;
    }
  } catch (error) {
    fs.closeSync(fd);
    if (!isUnlinked) fs.rmSync(path, { force: true });
    throw error;
  }
}

/** A file without a name disappears with whoever has it open, however that ends. Not every system can do that. */
function unlink(path: string): boolean {
  try {
    fs.unlinkSync(path);
    return true;
  } catch {
    return false;
  }
}

class TemporarySource extends FileSource {
  constructor(
    name: string,
    fd: number,
    sizeBytes: number,
    private readonly path: string | undefined,
  ) {
    super(name, fd, sizeBytes);
  }

  override close(): void {
    super.close();
    if (this.path !== undefined) fs.rmSync(this.path, { force: true });
  }
}
