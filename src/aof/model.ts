/** The glossary of append-only files: what a log is made of, as data. */
import type { FormatError } from '../bytes/errors.js';
import type { ByteSource } from '../bytes/source.js';
import type { RdbEntry } from '../rdb/model.js';

/** What a file is in its log. `single`: a log of one file, as before 7.0. */
export type LogRole = 'single' | 'base' | 'incr' | 'history';

/** One line of a manifest (aof-format.md §4.2). */
export interface ManifestEntry {
  /** A plain file name; authoritative, whatever pattern it follows. */
  readonly name: string;
  /** Positive; base and incr count independently. */
  readonly seq: bigint;
  readonly type: 'base' | 'history' | 'incr';
  /** Replication offsets of an incr (Redis 8.0+). */
  readonly startOffset?: bigint | undefined;
  readonly endOffset?: bigint | undefined;
}

export interface Manifest {
  /** In the order of the lines. */
  readonly entries: readonly ManifestEntry[];
}

/** One file of a log. */
export interface LogFile {
  readonly role: LogRole;
  /** As messages name it: the path, or `stdin`. */
  readonly name: string;
  /** Where it lies; undefined for what is no file. */
  readonly path: string | undefined;
  /** From the manifest. */
  readonly seq: bigint | undefined;
  /** At the time when the log was looked at; undefined where it is unknown (streams), or the file is missing. */
  readonly sizeBytes: number | undefined;
  /** Opens it, with compression taken off. Throws what opening throws. */
  open(): Promise<ByteSource>;
}

/** A log as a whole: its files in the order in which a server loads them (aof-format.md §4.3). */
export interface AofLog {
  /** As messages name it. */
  readonly name: string;
  readonly files: readonly LogFile[];
  /** History files, oldest first; a server never loads them. */
  readonly history: readonly LogFile[];
  readonly manifest: Manifest | undefined;
}

/** Where an item stands. */
export interface LogPlace {
  /** Index in the files that are read: {@link AofLog.files}, behind the history where that was asked for. */
  readonly file: number;
  /** Bytes from the start of that file. */
  readonly offset: number;
}

/** One item of a log, as `readAof` yields it. */
export type AofEntry =
  | { readonly kind: 'file'; readonly file: LogFile; readonly index: number }
  /** A record of a dump at the head of a file. */
  | { readonly kind: 'rdb'; readonly place: LogPlace; readonly entry: RdbEntry }
  | AofCommand
  | { readonly kind: 'annotation'; readonly place: LogPlace; readonly text: Uint8Array }
  | AofFileEnd;

export interface AofCommand {
  readonly kind: 'command';
  readonly place: LogPlace;
  /** Bytes that it takes in the file. */
  readonly sizeBytes: number;
  /** Name first. */
  readonly args: readonly Uint8Array[];
  /** The database that is selected while it runs. */
  readonly db: number;
  /** Of the last `#TS` before it in its file, Unix seconds. */
  readonly timeSeconds: number | undefined;
  /** Offset of the MULTI of the transaction that it stands in, MULTI and EXEC not included. */
  readonly multiOffset: number | undefined;
}

export interface AofFileEnd {
  readonly kind: 'file-end';
  readonly index: number;
  /** Offset behind the last whole item outside a transaction. */
  readonly okUpTo: number;
  /** Size in bytes of the dump at its head; 0 without. */
  readonly rdbBytes: number;
  readonly commands: number;
  /** Why the file ends early, where that was allowed: TRUNCATED or OPEN_TRANSACTION. */
  readonly cut: FormatError | undefined;
}
