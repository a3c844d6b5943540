/** What rows are written to: one call per column, in the order of the schema, then the end of the row. */
import type { NameText } from './name-text.js';

export interface TableSink {
  /** Rows that have been ended. */
  readonly rowCount: number;
  null(): void;
  /** A whole number within ±2^53. */
  int(value: number): void;
  double(value: number): void;
  /** Unix ms within ±MAX_TIME_MS. */
  time(ms: number): void;
  /** One of a few. */
  word(text: string): void;
  /** The name of the key; rows of the same key share it as long as it has not been set anew. */
  key(name: NameText): void;
  /** Valid UTF-8. It stays as it is until the row is ended, as do other bytes. */
  text(bytes: Uint8Array, start: number, end: number): void;
  bytes(bytes: Uint8Array, start: number, end: number): void;
  endRow(): void;
  /** Hands over what is held; no rows follow. */
  finish(): void;
}
