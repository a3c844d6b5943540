/** Looking at dumps: what is in them, and whether they are sound. */

export { ALLOCATORS, type AllocatorName } from '../memory/allocator.js';
export { type CheckOptions, type CheckReport, checkRdb } from './check.js';
export { type DiffInput, type DiffOptions, RdbDiff } from './diff/diff.js';
export type * from './diff/difference.js';
export {
  DoctorCollector,
  type DoctorFinding,
  type DoctorOptions,
  type DoctorReport,
  type FindingStatus,
} from './doctor/doctor.js';
export {
  DOCTOR_RULES,
  type DoctorCondition,
  type DoctorRule,
  type DoctorRuleName,
  parseConditions,
} from './doctor/doctor-rules.js';
export {
  type ExplainedRecord,
  type ExplainOptions,
  type Explanation,
  explainAt,
  NotFoundError,
  type Span,
  type Where,
} from './explain.js';
export { type CollectOptions, CollectorGroup, collectFacts } from './facts/collect.js';
export { ElementMeasure } from './facts/element-measure.js';
export type { FactCollector } from './facts/fact-handler.js';
export type { KeyFacts } from './facts/key-facts.js';
export { LargestElementMeasure } from './facts/largest-element-measure.js';
export { NO_MEASURE, type ValueMeasure } from './facts/value-measure.js';
export { WithLargestElement } from './facts/with-largest-element.js';
export { DatasetMemory, type MemoryTotals } from './memory/dataset-memory.js';
export { MemoryModel, type MemoryOptions } from './memory/memory-model.js';
export { WhatIfMeasure } from './memory/what-if-measure.js';
export type { IdKind } from './prefix/id-patterns.js';
export type { KeyLayoutUse, KeyRoleUse } from './prefix/key-layout-counter.js';
export { KEY_LAYOUTS, type KeyLayout, type KeyLayoutPart } from './prefix/key-layouts.js';
export { PrefixCollector, type PrefixOptions } from './prefix/prefix-collector.js';
export type { PrefixCounts } from './prefix/prefix-counts.js';
export type { PrefixNode, PrefixReport, PrefixReportOptions, PrefixSeparators } from './prefix/prefix-report.js';
export { type ReportCaption, ReportCollector, type ReportOptions } from './report/report-collector.js';
export {
  DEFAULT_TOP_KEYS,
  MAX_TOP_KEYS,
  type ReportCount,
  type ReportData,
  type ReportKey,
  type ReportPrefix,
  type ReportSource,
  type ReportTotals,
  type ReportWarning,
} from './report/report-data.js';
export { formatReportHtml } from './report/report-html.js';
export type { Skew } from './slots/skew.js';
export {
  type HashTag,
  type NodeCount,
  SlotCollector,
  type SlotCount,
  type SlotCounts,
  type SlotOptions,
  type SlotReport,
} from './slots/slot-collector.js';
export type { FileFacts } from './stats/file-facts.js';
export type { KeyCounts } from './stats/key-counts.js';
export type { Distribution, KeyStats, Sizes, TtlCounts, TypeStats } from './stats/key-stats.js';
export { type HistogramBin, LogHistogram, MAX_RELATIVE_ERROR } from './stats/log-histogram.js';
export { type Saving, SavingCollector, type SavingReport } from './stats/saving-collector.js';
export { StatsCollector, type StatsOptions } from './stats/stats-collector.js';
export {
  type AuxFact,
  type DbCount,
  type FunctionFact,
  type ModuleCount,
  type RdbSummary,
  type SummaryOptions,
  summarizeRdb,
  type TypeCount,
} from './summary.js';
export {
  DEFAULT_TOP_LIMIT,
  TOP_ORDERS,
  TopCollector,
  type TopKey,
  type TopOptions,
  type TopOrder,
  type TopReport,
} from './top/top-collector.js';
export { topWithoutTtl } from './ttl/prefixes-without-ttl.js';
export {
  TTL_BINS,
  type TtlBin,
  type TtlBinName,
  TtlCollector,
  type TtlCount,
  type TtlOptions,
  type TtlReport,
  type TtlShare,
} from './ttl/ttl-collector.js';
