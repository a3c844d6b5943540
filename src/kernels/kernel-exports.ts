/** What the compiled module exports. Positions are addresses in its memory (memory-map.ts). */
export interface KernelExports {
  readonly memory: { readonly buffer: ArrayBuffer };
  /** Adds bytes to the checksum at CRC_STATE. */
  crc64(pos: number, end: number): void;
  /** Holds rows from `row` on against every rule (assembly/check.as.ts), and returns the one that it stopped at. */
  check(base: number, row: number, to: number): number;
  /** Writes the lines of rows from `row` on (assembly/json.as.ts), and returns the one that it stopped at. */
  json(base: number, row: number, to: number): number;
  /** Both are described in assembly/lzf.as.ts. */
  lzfCompress(from: number, fromEnd: number, to: number, limit: number): number;
  lzfDecompress(from: number, fromEnd: number, to: number, toSize: number): number;
  /** Passes commands that are plainly in order (assembly/resp-scan.as.ts), and returns where it stopped. */
  respScan(from: number, end: number, open: number): number;
  /** Adds rows of keys that are whole; `from`, `to` and the answer count from `base` (assembly/skim.as.ts). */
  skim(base: number, from: number, to: number, db: number, largest: number): number;
}
