/** A unit that is to be sent once more, in memory of its own. */
import { concat } from '../../bytes/concat.js';
import { encodeCommand, skipCommand } from '../../codecs/resp.js';
import type { Endpoint } from '../target/endpoint.js';
import type { TargetError } from '../target/target-error.js';
import type { UnitBatch, UnitKind } from '../units/unit-batch.js';
import type { BatchEnd } from './batch-end.js';

export interface RetryUnit {
  readonly kind: UnitKind;
  readonly ordinal: number;
  readonly db: number;
  readonly slot: number;
  readonly key: Uint8Array;
  /** Its commands. */
  readonly bytes: Uint8Array;
  /** Its key is built under its temporary name by them, and has to be moved. */
  readonly isMoved: boolean;
  /** Why it did not arrive. */
  readonly error: TargetError;
  /** Where ASK leads. */
  readonly asked: Endpoint | undefined;
  /** Of a function library, the server that lacks it. */
  readonly server: Endpoint | undefined;
  /** The batch that is not finished before it is. */
  readonly batch: BatchEnd;
}

/** Whole requests. */
export interface RetryBytes {
  readonly bytes: Uint8Array;
  readonly requests: number;
}

const ASKING = encodeCommand(['ASKING']);

export function retryUnitOf(
  batch: UnitBatch,
  unit: number,
  rest: Pick<RetryUnit, 'error' | 'asked' | 'server' | 'batch'>,
): RetryUnit {
  return {
    kind: batch.kinds[unit]!,
    ordinal: batch.ordinals[unit]!,
    db: batch.db,
    slot: batch.slots[unit]!,
    key: batch.keyOf(unit),
    bytes: batch.bytes.slice(batch.starts[unit]!, batch.endOf(unit)),
    isMoved: batch.moved[unit] === 1,
    ...rest,
  };
}

/** Its commands, behind those that take away what an earlier attempt left; each behind ASKING where it was asked. */
export function retryBytes(
  { bytes, asked }: Pick<RetryUnit, 'bytes' | 'asked'>,
  clearing: readonly Uint8Array[],
): RetryBytes {
  const pieces: Uint8Array[] = [];
  let requests = 0;
  const add = (command: Uint8Array): void => {
    if (asked !== undefined) pieces.push(ASKING);
    pieces.push(command);
    requests += asked === undefined ? 1 : 2;
  };
  clearing.forEach(add);
  for (let pos = 0; pos < bytes.length; ) {
    const next = skipCommand(bytes, pos, bytes.length);
    add(bytes.subarray(pos, next));
    pos = next;
  }
  return { bytes: concat(pieces), requests };
}
