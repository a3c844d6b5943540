/** The report of the StatsCollector: plain data. */
import type { ValueType } from '../../rdb/model.js';
import type { TopKey } from '../top/top-collector.js';
import { TTL_BINS, type TtlBinName } from '../ttl/ttl-collector.js';
import type { FileFacts } from './file-facts.js';
import { type KeyCounts, keyCounts, sumCounts } from './key-counts.js';
import type { Kind, TypeShape } from './kind-counts.js';
import { type HistogramBin, LogHistogram } from './log-histogram.js';

export interface KeyStats {
  /** In the order in which they were read. */
  readonly files: readonly FileFacts[];
  readonly total: KeyCounts;
  readonly sizes: Sizes;
  /** Most keys first. */
  readonly types: readonly TypeStats[];
  /** Whose encodings they are: those of the values in the file, or those that the server that is modelled would have. */
  readonly encodingsOf: 'file' | 'server';
  /** By number; the first 1,024 that were met. */
  readonly dbs: readonly (KeyCounts & { readonly db: number })[];
  /** All bins, in the order of their lives, `none` last. */
  readonly ttl: readonly TtlCounts[];
  /** What {@link largest} are the largest of. */
  readonly largestBy: 'memory' | 'serialized';
  readonly largest: readonly TopKey[];
}

export interface TypeStats extends KeyCounts {
  readonly type: ValueType;
  /** Most keys first. */
  readonly encodings: readonly (KeyCounts & { readonly encoding: string })[];
  readonly sizes: Sizes;
}

export interface Sizes {
  /** Of the keys' names. */
  readonly keyBytes: Distribution;
  /** Of the values in the file. */
  readonly valueBytes: Distribution;
  /** Of everything but strings; undefined where elements were not counted. */
  readonly elements: Distribution | undefined;
  /** Undefined where memory was not measured. */
  readonly memoryBytes: Distribution | undefined;
}

/** Quantiles are at most 0.8 % (MAX_RELATIVE_ERROR) away from the truth; `min`, `max` and `mean` are exact. */
export interface Distribution {
  readonly count: number;
  readonly min: number;
  readonly mean: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
  /** In ascending order, those that hold something. */
  readonly bins: readonly HistogramBin[];
}

/** Keys by the life that they had left when their file was made: see TTL_BINS, and `none` for those without a TTL. */
export interface TtlCounts {
  readonly name: TtlBinName | 'none';
  readonly label: string;
  readonly keys: number;
  /** Bytes of their values in the file. */
  readonly bytes: number;
}

/** What the collector has counted. */
export interface Counted {
  readonly files: readonly FileFacts[];
  readonly kinds: readonly Kind[];
  readonly byDb: ReadonlyMap<number, Float64Array>;
  /** Keys and bytes of each TTL bin, the last one for keys without. */
  readonly lives: Float64Array;
  readonly largest: readonly TopKey[];
  readonly elements: boolean;
  readonly memory: boolean;
}

export function createKeyStats(counted: Counted): KeyStats {
  const { files, kinds, byDb, lives, largest, memory } = counted;
  const shapes = [...new Set(kinds.map(({ shape }) => shape))];
  return {
    files: files.map((file) => ({ ...file })),
    total: keyCounts(sumCounts(kinds.map(({ counts }) => counts))),
    sizes: sizesOf(shapes, counted),
    types: shapes.map((shape) => typeStats(shape, counted)).sort((a, b) => b.keys - a.keys || byName(a.type, b.type)),
    encodingsOf: memory ? 'server' : 'file',
    dbs: [...byDb].map(([db, counts]) => ({ db, ...keyCounts(counts) })).sort((a, b) => a.db - b.db),
    ttl: [...TTL_BINS, { name: 'none', label: 'no TTL' } as const].map(({ name, label }, bin) => ({
      name,
      label,
      keys: lives[2 * bin]!,
      bytes: lives[2 * bin + 1]!,
    })),
    largestBy: memory ? 'memory' : 'serialized',
    largest,
  };
}

function typeStats(shape: TypeShape, counted: Counted): TypeStats {
  const kinds = counted.kinds.filter((kind) => kind.shape === shape);
  return {
    type: shape.type,
    ...keyCounts(sumCounts(kinds.map(({ counts }) => counts))),
    encodings: kinds
      .map(({ encoding, counts }) => ({ encoding, ...keyCounts(counts) }))
      .sort((a, b) => b.keys - a.keys || byName(a.encoding, b.encoding)),
    sizes: sizesOf([shape], counted),
  };
}

function sizesOf(shapes: readonly TypeShape[], { elements, memory }: Counted): Sizes {
  const distribution = (of: (shape: TypeShape) => LogHistogram): Distribution => {
    const sum = new LogHistogram();
    for (const shape of shapes) sum.addAll(of(shape));
    return describe(sum);
  };
  return {
    keyBytes: distribution((shape) => shape.keyBytes),
    valueBytes: distribution((shape) => shape.valueBytes),
    elements: elements ? distribution((shape) => shape.elements) : undefined,
    memoryBytes: memory ? distribution((shape) => shape.memoryBytes) : undefined,
  };
}

function describe(histogram: LogHistogram): Distribution {
  const { count, min, max, sum } = histogram;
  return {
    count,
    min: count === 0 ? 0 : min,
    mean: count === 0 ? 0 : sum / count,
    p50: histogram.quantile(0.5),
    p90: histogram.quantile(0.9),
    p99: histogram.quantile(0.99),
    p999: histogram.quantile(0.999),
    max,
    bins: histogram.filled(),
  };
}

function byName(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
