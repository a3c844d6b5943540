/**
 * Reads a log while a server writes it: what has come since the last look, file after file.
 *
 * The manifest says when the server goes on to the next increment (aof-format.md §4.5); until then the last file grows.
 * A log of one file is replaced as a whole when it is rewritten: reading goes on at the end of the new one.
 */
import type { Files, GrowingFile } from '../bytes/files.js';
import { Window } from '../bytes/window.js';
import { AofDriver, type AofDriverOptions, type AofHandler } from './driver.js';
import type { AofLog, LogFile } from './model.js';

export interface FollowOptions extends AofDriverOptions {
  readonly files: Files;
  /** Looks at the log as it is now. */
  readonly look: () => AofLog;
  /** Who receives the items of a file that is begun. */
  readonly createHandler: (file: LogFile, driver: () => AofDriver) => AofHandler;
  /** Told when reading goes on in another file, and why. */
  readonly onSwitch?: (file: LogFile, reason: 'next' | 'replaced' | 'shortened') => void;
}

const STEP_BYTES = 1024 * 1024;

export class LogFollower {
  private current: { readonly file: LogFile; readonly handle: GrowingFile; readonly driver: AofDriver } | undefined;
  /** Bytes that have been read of the current file. */
  private offset = 0;

  /** Begins with the last file of the log, from its start. */
  constructor(private readonly options: FollowOptions) {}

  /** Reads everything that is there by now. Throws FormatError for damage; an item that is not whole is waited for. */
  poll(): void {
    for (;;) {
      this.current ??= this.open(this.lastOf(this.options.look()));
      if (this.current === undefined) return;
      this.readAll(this.current);
      const next = this.next(this.current);
      if (next === undefined) return;
      // What the server wrote between our last read and its switch.
      this.readAll(this.current);
      this.current.handle.close();
      this.current = this.open(next);
    }
  }

  close(): void {
    this.current?.handle.close();
    this.current = undefined;
  }

  private readAll({ handle, driver }: { readonly handle: GrowingFile; readonly driver: AofDriver }): void {
    const { window } = driver;
    for (;;) {
      while (driver.advance() === 'pause') {
        // Whoever pauses wants to be asked again.
      }
      const room = window.room(driver.wanted);
      const count = handle.readAt(this.offset, window.bytes, window.end, Math.min(room, STEP_BYTES));
      if (count === 0) return;
      this.offset += count;
      window.filled(count);
    }
  }

  /** The file to go on with, if it is another one. */
  private next({ file, handle }: { readonly file: LogFile; readonly handle: GrowingFile }): LogFile | undefined {
    const { look, onSwitch } = this.options;
    const log = look();
    if (file.role === 'single') {
      const isShorter = handle.sizeBytes() < this.offset;
      if (!isShorter && (file.path === undefined || handle.isStill(file.path))) return undefined;
      const again = this.lastOf(log);
      if (again !== undefined) onSwitch?.(again, isShorter ? 'shortened' : 'replaced');
      return again;
    }
    const newer = log.files.find(({ role, seq }) => role === 'incr' && seq !== undefined && isAfter(seq, file));
    if (newer !== undefined) onSwitch?.(newer, 'next');
    return newer;
  }

  private lastOf({ files }: AofLog): LogFile | undefined {
    return files.at(-1);
  }

  private open(file: LogFile | undefined): LogFollower['current'] {
    if (file?.path === undefined) return undefined;
    const { files, createHandler } = this.options;
    const handle = files.openGrowing(file.path);
    const driver: AofDriver = new AofDriver(
      Window.for(undefined),
      createHandler(file, () => driver),
      this.options,
    );
    this.offset = 0;
    return { file, handle, driver };
  }
}

/** Increments count on their own; the base comes before all of them. */
function isAfter(seq: bigint, { role, seq: current }: LogFile): boolean {
  return role !== 'incr' || current === undefined || seq > current;
}
