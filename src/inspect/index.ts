/** Looking at dumps: what is in them, and whether they are sound. */
export { type CheckOptions, type CheckReport, checkRdb } from './check.js';
export { type DiffInput, type DiffOptions, RdbDiff } from './diff/diff.js';
export type * from './diff/difference.js';
export {
  type ExplainedRecord,
  type ExplainOptions,
  type Explanation,
  explainAt,
  NotFoundError,
  type Span,
  type Where,
} from './explain.js';
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
