/** Composes the reports of one pass into what the HTML report shows. */
import type { RdbRecord } from '../../rdb/model.js';
import { DoctorCollector } from '../doctor/doctor.js';
import type { FactCollector } from '../facts/fact-handler.js';
import type { KeyFacts } from '../facts/key-facts.js';
import { PrefixCollector } from '../prefix/prefix-collector.js';
import type { KeyStats } from '../stats/key-stats.js';
import { StatsCollector } from '../stats/stats-collector.js';
import type { TopKey } from '../top/top-collector.js';
import { TtlCollector, type TtlReport } from '../ttl/ttl-collector.js';
import { DEFAULT_TOP_KEYS, MAX_TOP_KEYS, type ReportData, type ReportKey, type ReportSource } from './report-data.js';
import { reportPrefixes } from './report-prefixes.js';
import { reportWarnings } from './report-warnings.js';
import { shownName, shownText } from './shown-text.js';
import { SizeHistogram } from './size-histogram.js';

export interface ReportOptions {
  /** The clock, Unix ms. */
  readonly nowMs: number;
  /** Memory is measured: sizes are memory, encodings those of the server that is modelled. Default: false. */
  readonly memory?: boolean;
  /** Largest keys that are listed, at most {@link MAX_TOP_KEYS}. Default: 200. */
  readonly topKeys?: number;
  /** What ends a part of a key. Default: learned from the first keys. */
  readonly separators?: readonly (string | Uint8Array)[];
}

/** What only the caller knows. */
export interface ReportCaption {
  readonly title: string;
  /** Name and version of the program. */
  readonly madeBy: string;
  /** Of the sources, in the order in which they were read. */
  readonly sources: readonly string[];
  /** The server and allocator that were modelled. */
  readonly memoryModel?: string | undefined;
  /** As `used_memory` counts, tables included. */
  readonly datasetMemory?: number | undefined;
}

const PREFIX_DEPTH = 6;
/** Smaller prefixes would be seen by nobody. */
const MIN_SHARE = 0.0001;
/** With all texts at their longest, and six bytes for each character of them, the file stays below 10 MB. */
const MAX_PREFIXES = 4000;
const MAX_PREFIX_LENGTH = 160;
const MAX_KEY_LENGTH = 256;
const MAX_SOURCES = 256;
const MAX_NAME_LENGTH = 256;

/** Needs elements to be counted, and memory to be measured where that is said. The memory it takes is bounded. */
export class ReportCollector implements FactCollector {
  private readonly memory: boolean;
  private readonly nowMs: number;
  private readonly stats: StatsCollector;
  private readonly prefixes: PrefixCollector;
  private readonly ttl: TtlCollector;
  private readonly doctor: DoctorCollector;
  private readonly sizes = new SizeHistogram();

  /** Throws RangeError for a separator or a number of keys that cannot be. */
  constructor({ nowMs, memory = false, topKeys = DEFAULT_TOP_KEYS, separators }: ReportOptions) {
    if (!(topKeys <= MAX_TOP_KEYS)) throw new RangeError(`${topKeys} keys: at most ${MAX_TOP_KEYS} are possible`);
    this.memory = memory;
    this.nowMs = nowMs;
    this.stats = new StatsCollector({ nowMs, memory, elements: true, largest: topKeys });
    this.prefixes = new PrefixCollector({
      depth: PREFIX_DEPTH,
      by: memory ? 'memory' : 'bytes',
      ...(separators && { separators }),
    });
    this.ttl = new TtlCollector({ nowMs });
    this.doctor = new DoctorCollector({ nowMs, memory });
  }

  record(record: RdbRecord): void {
    this.stats.record(record);
    this.prefixes.record();
    this.ttl.record(record);
    this.doctor.record(record);
  }

  key(facts: KeyFacts): void {
    this.stats.key(facts);
    this.prefixes.key(facts);
    this.ttl.key(facts);
    this.doctor.key(facts);
    this.sizes.add(this.memory ? facts.memoryBytes : facts.valueBytes, facts);
  }

  /** What has been counted so far. */
  report({ title, madeBy, sources, memoryModel, datasetMemory }: ReportCaption): ReportData {
    const stats = this.stats.report();
    const prefixes = this.prefixes.report({ minShare: MIN_SHARE });
    const ttl = this.ttl.report();
    const { total } = stats;
    return {
      title: shownName(title, MAX_NAME_LENGTH),
      madeAtMs: this.nowMs,
      madeBy: shownName(madeBy, MAX_NAME_LENGTH),
      ...(memoryModel !== undefined && { memoryModel: shownName(memoryModel, MAX_NAME_LENGTH) }),
      sources: reportSources(stats, sources),
      sourceCount: sources.length,
      totals: {
        keys: total.keys,
        memory: total.memoryBytes,
        bytes: total.valueBytes,
        elements: total.elements,
        expires: total.keysWithTtl,
        expired: total.expiredKeys,
        ...(datasetMemory !== undefined && { datasetMemory }),
      },
      dbs: reportDbs(stats),
      types: reportTypes(stats),
      sizes: this.sizes.report(),
      ttl: reportTtl(ttl),
      ttlAtMs: ttl.atMs,
      prefixes: reportPrefixes(prefixes, MAX_PREFIXES, MAX_PREFIX_LENGTH),
      layouts: prefixes.layouts.map(({ layout, keys, memoryBytes, bytes }) => ({
        name: layout.name,
        keys,
        memory: memoryBytes,
        bytes,
      })),
      topKeys: stats.largest.map((key) => reportKey(key, this.memory)),
      warnings: reportWarnings(this.doctor.report(), prefixes, (key) => shownText(key, MAX_KEY_LENGTH)),
    };
  }
}

function reportSources({ files }: KeyStats, names: readonly string[]): ReportSource[] {
  return names.slice(0, MAX_SOURCES).map((name, index) => {
    const file = files[index];
    const server = file?.server;
    const format = file === undefined ? '' : `${file.magic === 'REDIS' ? 'RDB' : 'VALKEY RDB'} ${file.version}`;
    return {
      name: shownName(name, MAX_NAME_LENGTH),
      keys: file?.keys ?? 0,
      server: server === undefined ? format : shownName(`${server.name} ${server.version}`, MAX_NAME_LENGTH),
      ...(file?.createdAtMs !== undefined && { createdAtMs: file.createdAtMs }),
      ...(file?.usedMemoryBytes !== undefined && { usedMemory: file.usedMemoryBytes }),
    };
  });
}

function reportDbs({ dbs }: KeyStats): ReportData['dbs'] {
  return dbs.map(({ db, keys, memoryBytes, valueBytes, keysWithTtl }) => ({
    db,
    keys,
    memory: memoryBytes,
    bytes: valueBytes,
    expires: keysWithTtl,
  }));
}

function reportTypes({ types }: KeyStats): ReportData['types'] {
  return types.flatMap(({ type, encodings }) =>
    encodings.map(({ encoding, keys, memoryBytes, valueBytes, elements }) => ({
      type,
      encoding,
      keys,
      memory: memoryBytes,
      bytes: valueBytes,
      elements,
    })),
  );
}

function reportTtl({ bins, withoutTtl }: TtlReport): ReportData['ttl'] {
  return [
    ...bins.map(({ name, label, keys, memoryBytes, bytes }) => ({
      label: name === 'expired' ? 'expired, still present' : label,
      keys,
      memory: memoryBytes,
      bytes,
      isWarning: name === 'expired' && keys > 0,
    })),
    {
      label: 'no TTL',
      keys: withoutTtl.keys,
      memory: withoutTtl.memoryBytes,
      bytes: withoutTtl.bytes,
      isWarning: false,
    },
  ];
}

function reportKey(key: TopKey, memory: boolean): ReportKey {
  const { expireAt, expireAtMs } = key;
  // A stored −1 is no expiry (rdb-format.md §6.1).
  const expires = expireAt !== undefined && !expireAt.isAllOnes() ? expireAtMs : undefined;
  return {
    db: key.db,
    key: shownText(key.key, MAX_KEY_LENGTH),
    type: key.type,
    encoding: memory ? key.memoryEncoding : key.encoding,
    memory: key.memoryBytes,
    bytes: key.valueBytes,
    elements: key.elements,
    ...(expires !== undefined && { expireAtMs: expires }),
  };
}
