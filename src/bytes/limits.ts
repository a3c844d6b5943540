/** Caps on what a file may make us hold. Every length is compared with what is left, then with these, before it allocates. */
export interface Limits {
  /** One indivisible string or packed structure, in bytes after decompression. */
  readonly maxBlobBytes: number;
  /** A value that takes more than this in the file is handed over in parts instead of whole. */
  readonly largeValueBytes: number;
}

const MiB = 1024 * 1024;

/** 64 MiB: the size from which a value is streamed; a constant of the NDJSON format (`large: true`). */
export const LARGE_VALUE_BYTES = 64 * MiB;

/** Used where the caller says nothing. */
export const DEFAULT_LIMITS: Limits = { maxBlobBytes: 1024 * MiB, largeValueBytes: LARGE_VALUE_BYTES };
