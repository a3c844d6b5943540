/** Keys of dumps and logs into live servers, and whether they are there: the entry `rdb-inspect/import`. */
export { CheckpointError } from './checkpoint/state-file.js';
export { importKeys } from './import-keys.js';
export type {
  CheckpointPlace,
  ConnectionOptions,
  ExistingPolicy,
  FailureCode,
  ImportCounts,
  ImportMode,
  ImportOptions,
  ImportPlan,
  ImportProgress,
  ImportRate,
  ImportResult,
  KeyFailure,
} from './model.js';
export type { KeyOptions, TransformKey } from './source/key-options.js';
export { type ImportInput, type KeySource, keySourceOf } from './source/key-source.js';
export { type KeyRename, parseRename } from './source/rename.js';
export {
  type Endpoint,
  type EndpointTls,
  parseEndpoint,
  parsePlace,
  type SentinelPlace,
  type TargetPlace,
} from './target/endpoint.js';
export { type Redirect, TARGET_ERROR_CODES, TargetError, type TargetErrorCode } from './target/target-error.js';
export type {
  DifferenceSubject,
  FunctionCounts,
  VerifyCounts,
  VerifyDifference,
  VerifyMethod,
  VerifyOptions,
  VerifyProgress,
  VerifyResult,
} from './verify/model.js';
export { verifyKeys } from './verify/verify-keys.js';
