/** Output that becomes the base of a new append-only directory. */
import { AofDirectoryWriter } from '../aof/directory/directory-writer.js';
import { nodeFiles } from '../bytes/files-node.js';
import { isSystemError } from './exit-codes.js';
import { OutputError, UsageError } from './failures.js';
import type { Sink } from './sink.js';

/** The directory appears when it is complete. Throws UsageError where something has that name, OutputError. */
export class DirectorySink implements Sink {
  readonly isBehind = false;
  readonly isFinal = false;
  private readonly writer: AofDirectoryWriter;

  constructor(
    private readonly path: string,
    base: 'rdb' | 'aof',
  ) {
    if (nodeFiles.stat(path) !== undefined)
      throw new UsageError(`${path} is there already; a directory is written anew`);
    this.writer = this.attempt(() => new AofDirectoryWriter(path, nodeFiles, { base }));
  }

  write(bytes: Uint8Array, start: number, end: number): void {
    this.attempt(() => this.writer.write(bytes, start, end));
  }

  async drain(): Promise<void> {}

  async commit(): Promise<void> {
    this.attempt(() => this.writer.commit());
  }

  discard(): void {
    this.writer.discard();
  }

  private attempt<T>(step: () => T): T {
    try {
      return step();
    } catch (error) {
      throw isSystemError(error) ? new OutputError(this.path, error) : error;
    }
  }
}
