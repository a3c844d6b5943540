/** What the HTML report shows, as plain JSON: times in Unix ms, sizes in bytes, keys as text that is safe to show. */

/** Largest keys that are listed where nobody says how many, and at most. */
export const DEFAULT_TOP_KEYS = 200;
export const MAX_TOP_KEYS = 1000;

export interface ReportData {
  readonly title: string;
  /** When the report was made. */
  readonly madeAtMs: number;
  /** Name and version of the program. */
  readonly madeBy: string;
  /** The server and allocator whose MEMORY USAGE is estimated; absent where memory was not measured: it is 0 everywhere then. */
  readonly memoryModel?: string | undefined;
  /** In the order in which they were read; the first 256. */
  readonly sources: readonly ReportSource[];
  readonly sourceCount: number;
  readonly totals: ReportTotals;
  /** By number. */
  readonly dbs: readonly (ReportCount & { readonly db: number; readonly expires: number })[];
  /** By type and encoding, the type with the most keys first. */
  readonly types: readonly (ReportCount & {
    readonly type: string;
    readonly encoding: string;
    readonly elements: number;
  })[];
  /** Keys by their size, which is memory where that was measured, in powers of two, without a gap. */
  readonly sizes: readonly (ReportCount & { readonly fromBytes: number })[];
  /** Keys by the life that they had left at `ttlAtMs`; those without TTL last. */
  readonly ttl: readonly (ReportCount & { readonly label: string; readonly isWarning: boolean })[];
  /** Of several files, that of the first. */
  readonly ttlAtMs: number;
  readonly prefixes: ReportPrefix;
  /** Software whose keys were recognised, the most keys first. */
  readonly layouts: readonly (ReportCount & { readonly name: string })[];
  /** The largest first, by memory where that was measured. */
  readonly topKeys: readonly ReportKey[];
  readonly warnings: readonly ReportWarning[];
}

export interface ReportCount {
  readonly keys: number;
  /** As MEMORY USAGE counts. */
  readonly memory: number;
  /** Bytes of the values in the file. */
  readonly bytes: number;
}

export interface ReportSource {
  readonly name: string;
  readonly keys: number;
  /** Such as `redis 7.0.15`, or the format where the file names no server. */
  readonly server: string;
  readonly createdAtMs?: number | undefined;
  /** What the server's `used_memory` was. */
  readonly usedMemory?: number | undefined;
}

export interface ReportTotals extends ReportCount {
  readonly elements: number;
  /** Keys with a TTL. */
  readonly expires: number;
  /** Keys whose time had come when their file was made. */
  readonly expired: number;
  /** Memory of keys and of the tables that hold them, as `used_memory` counts; absent where memory was not measured. */
  readonly datasetMemory?: number | undefined;
}

/** What it has beyond its children is in keys that end here, or in prefixes too small for a node. */
export interface ReportPrefix extends ReportCount {
  /** The whole pattern, such as `user:*:`; '' for the root. */
  readonly name: string;
  readonly withoutTtl: number;
  readonly layout?: string | undefined;
  /** The largest first. */
  readonly children: readonly ReportPrefix[];
}

export interface ReportKey {
  readonly db: number;
  readonly key: string;
  readonly type: string;
  readonly encoding: string;
  readonly memory: number;
  readonly bytes: number;
  readonly elements: number;
  readonly expireAtMs?: number | undefined;
}

/** `about` a number: `keys that come twice: 12`. */
export interface ReportWarning {
  readonly level: 'warning' | 'remark';
  readonly about: string;
  readonly value: number;
  /** Bytes, a part of 1, a whole number, or a ratio. */
  readonly unit: 'bytes' | 'share' | 'count' | 'ratio';
  /** What it is a warning to exceed. */
  readonly limit?: number | undefined;
  /** The key that the number is of. */
  readonly key?: string | undefined;
}
