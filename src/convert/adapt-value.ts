/** A value as the target can hold it: what it would not understand is taken off, and said (rdb-format.md §12). */
import { assertNever } from '../bytes/errors.js';
import { TYPE } from '../rdb/constants.js';
import type { HashValue, ModuleValue, RdbValue, StreamValue, ValueType } from '../rdb/model.js';
import type { StreamVersion } from '../rdb/types/stream.js';
import { VECTORSET_MODULE } from '../rdb/vectorset.js';
import type { Target } from '../rdb/versions.js';
import { adaptHash, type FieldRules, type PartLoss } from './adapt-hash.js';
import { adaptStreamState } from './adapt-stream.js';
import { takesVersionedNodes, withPlainNodes } from './adapt-vector-set.js';

/** What is the same for all values of a conversion. */
export interface ValueRules extends FieldRules {
  /** Values of modules are left out. */
  readonly dropModules: boolean;
  /** The target is that of the source's own version: its modules are there. */
  readonly isSameVersion: boolean;
}

export interface AdaptedValue {
  /** Undefined where the target has nothing like it. */
  readonly value: RdbValue | undefined;
  /** The type byte, where it is not for the target's settings to choose. */
  readonly rdbType: number | undefined;
  readonly losses: readonly PartLoss[];
  /** Fields that were left out because they had expired. */
  readonly expired: number;
}

/** The stream layout behind a type byte. */
const STREAM_VERSIONS: ReadonlyMap<number, StreamVersion> = new Map<number, StreamVersion>([
  [TYPE.STREAM_LISTPACKS, 1],
  [TYPE.STREAM_LISTPACKS_2, 2],
  [TYPE.STREAM_LISTPACKS_3, 3],
  [TYPE.STREAM_LISTPACKS_4, 4],
  [TYPE.STREAM_LISTPACKS_5, 5],
]);

/** `rdbType` is the type byte in the source. */
export function adaptValue(value: RdbValue, rdbType: number, rules: ValueRules): AdaptedValue {
  const missing = missingType(value.type, value.type === 'module' ? value : undefined, rules);
  if (missing !== undefined) return { value: undefined, rdbType: undefined, losses: [missing], expired: 0 };
  switch (value.type) {
    case 'hash':
      return adaptFields(value, rdbType, rules);
    case 'stream':
      return adaptStream(value, rdbType, rules.target);
    case 'string':
    case 'list':
    case 'set':
    case 'zset':
    case 'array':
    case 'pathhash':
    case 'cron':
      return { value, rdbType: undefined, losses: [], expired: 0 };
    case 'module':
      return adaptModule(value, rules);
    default:
      return assertNever(value);
  }
}

/** Why the target can hold no value of this type; undefined where it can. */
export function missingType(
  type: ValueType,
  module: Pick<ModuleValue, 'module'> | undefined,
  rules: Pick<ValueRules, 'target' | 'dropModules' | 'isSameVersion'>,
): PartLoss | undefined {
  const { target, dropModules, isSameVersion } = rules;
  const has = (rdbType: number): boolean => target.types.has(rdbType);
  const none = (what: PartLoss['what'], text: string): PartLoss => ({ what, detail: `${target.name} has no ${text}` });
  switch (type) {
    case 'stream':
      return target.writes.stream === undefined ? none('stream', 'streams') : undefined;
    case 'array':
      return has(TYPE.ARRAY) ? undefined : none('array', 'arrays');
    case 'pathhash':
      return target.dialect === 'valkey' && has(TYPE.V_PATH_HASH) ? undefined : none('path-hash', 'path hashes');
    case 'cron':
      return has(TYPE.KEYDB_CRON) ? undefined : none('cron-job', 'cron jobs');
    case 'module': {
      const name = module?.module ?? '';
      const isVectorSet = name === VECTORSET_MODULE;
      if (!has(TYPE.MODULE_2)) return none(isVectorSet ? 'vector-set' : 'module', 'modules');
      if (dropModules) return { what: isVectorSet ? 'vector-set' : 'module', detail: `a value of the module ${name}` };
      return isVectorSet && !isSameVersion && !hasVectorSets(target) ? none('vector-set', 'vector sets') : undefined;
    }
    default:
      return undefined;
  }
}

/** Vector sets are a module that comes with the server. */
export function hasVectorSets(target: Target): boolean {
  return target.family === 'redis' && Number(/:(\d+)/.exec(target.name)?.[1]) >= 8;
}

/** The layout in which a stream of type `rdbType` is written: its own where the target loads that. */
export function streamVersionFor(rdbType: number, target: Target): StreamVersion {
  const own = STREAM_VERSIONS.get(rdbType);
  if (own !== undefined && target.types.has(rdbType)) return own;
  return target.writes.stream ?? 1;
}

export function streamTypeOf(version: StreamVersion): number {
  return [...STREAM_VERSIONS].find(([, one]) => one === version)![0];
}

/** True where values of the module may be of a layout that the target does not know. */
export function mayHaveNewLayout(
  module: string,
  { target, isSameVersion }: Pick<ValueRules, 'target' | 'isSameVersion'>,
): boolean {
  return module === VECTORSET_MODULE && !isSameVersion && !takesVersionedNodes(target);
}

function adaptModule(value: ModuleValue, rules: ValueRules): AdaptedValue {
  const plain = mayHaveNewLayout(value.module, rules) ? withPlainNodes(value) : value;
  const detail = `${rules.target.name} does not know its layout`;
  const losses: PartLoss[] = plain === undefined ? [{ what: 'vector-set', detail }] : [];
  return { value: plain, rdbType: undefined, losses, expired: 0 };
}

function adaptFields(value: HashValue, rdbType: number, rules: ValueRules): AdaptedValue {
  const { target } = rules;
  const adapted = adaptHash(value, rules);
  const keepsType = rdbType === TYPE.HASH && target.types.has(rdbType);
  return { ...adapted, rdbType: keepsType ? rdbType : undefined };
}

function adaptStream(value: StreamValue, rdbType: number, target: Target): AdaptedValue {
  const version = streamVersionFor(rdbType, target);
  const { state } = value;
  if (state === undefined) return { value, rdbType: streamTypeOf(version), losses: [], expired: 0 };
  const adapted = adaptStreamState(state, version, value.entries[0]?.id);
  return {
    value: { ...value, state: adapted.state },
    rdbType: streamTypeOf(version),
    losses: adapted.losses,
    expired: 0,
  };
}
