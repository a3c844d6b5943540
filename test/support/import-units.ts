/** Reads sources into units, as an import does, and puts together what a server would be told and hold. */
import { encodeCommand } from '../../src/codecs/resp.js';
import type { LossEntry } from '../../src/convert/loss.js';
import { canonicalLines } from '../../src/engine/canonical.js';
import { replayLog } from '../../src/engine/replay-log.js';
import { snapshot } from '../../src/engine/snapshot.js';
import { type ImportInput, keySourceOf } from '../../src/import/source/key-source.js';
import { TemporaryNames } from '../../src/import/units/temporary-name.js';
import { UNIT, type UnitBatch, type UnitKind } from '../../src/import/units/unit-batch.js';
import { UnitReader, type UnitReaderOptions } from '../../src/import/units/unit-reader.js';
import { findTarget, type Target } from '../../src/rdb/versions.js';
import { memoryLog } from './memory-log.js';

export interface SeenUnit {
  readonly kind: UnitKind;
  readonly ordinal: number;
  readonly slot: number;
  readonly key: Uint8Array;
  readonly bytes: Uint8Array;
  readonly requests: number;
  readonly isMoved: boolean;
  readonly isOwned: boolean;
}

export interface SeenBatch {
  readonly from: number;
  readonly to: number;
  readonly db: number;
  readonly size: number;
  readonly expired: number;
  readonly unsupported: number;
  readonly unsupportedFunctions: number;
  readonly continues: boolean;
  readonly isOpen: boolean;
  readonly units: readonly SeenUnit[];
}

export interface SeenUnits {
  readonly batches: readonly SeenBatch[];
  /** Of the source, by the reader's own count. */
  readonly units: number;
  readonly expired: number;
  readonly asCommands: number;
  /** Units that were left out behind the last batch. */
  readonly rest: { readonly expired: number; readonly failed: number };
  readonly losses: readonly LossEntry[];
}

export interface ReadUnitsOptions extends Partial<Omit<UnitReaderOptions, 'target'>> {
  readonly target?: string | Target;
  /** Called for each batch before the next one is read. */
  readonly onBatch?: (batch: UnitBatch, reader: UnitReader) => void;
}

/** Has room for whatever a log may hold. */
const ROOMY = findTarget('redis:8.10')!;
const MAX_BULK_BYTES = 512 * 1024 * 1024;
/** Large enough for all fixtures. */
const DATABASES = 20_000;

/** Everything of a source; batches are given back as soon as they have been looked at, as an import does. */
export async function readUnits(input: ImportInput, options: ReadUnitsOptions = {}): Promise<SeenUnits> {
  const { target = 'redis:7.0', onBatch, ...rest } = options;
  const losses: LossEntry[] = [];
  const reader = await UnitReader.open(keySourceOf(input), {
    keys: {},
    mode: 'auto',
    target: typeof target === 'string' ? findTarget(target)! : target,
    replaces: false,
    onUnsupported: 'convert',
    names: new TemporaryNames('id', rest.replaces ?? false, rest.isCluster ?? false),
    isCluster: false,
    databases: DATABASES,
    db: undefined,
    maxBulkBytes: MAX_BULK_BYTES,
    maxBatchBytes: 256 * 1024,
    maxBatchUnits: 4096,
    wants: () => 'fresh',
    onLoss: (loss) => losses.push(loss),
    ...rest,
  });
  const batches: SeenBatch[] = [];
  try {
    for (let batch = await reader.pull(); batch !== undefined; batch = await reader.pull()) {
      batches.push(seen(batch));
      onBatch?.(batch, reader);
      reader.pool.give(batch);
    }
    const { units, expired, asCommands, rest } = reader;
    return { batches, units, expired, asCommands, rest, losses };
  } finally {
    await reader.close();
  }
}

export function unitsOf({ batches }: Pick<SeenUnits, 'batches'>): SeenUnit[] {
  return batches.flatMap(({ units }) => units);
}

/** What a server is told, databases and the names of keys that are built included: a log. */
export function logOf(
  { batches }: Pick<SeenUnits, 'batches'>,
  names = new TemporaryNames('id', false, false),
): Uint8Array {
  const pieces: Uint8Array[] = [];
  let selected = -1;
  for (const { db, units } of batches) {
    if (db !== selected) pieces.push(encodeCommand(['SELECT', db]));
    selected = db;
    for (const { bytes, kind, isMoved, key, ordinal } of units) {
      pieces.push(bytes);
      if (isMoved && kind === UNIT.KEY) pieces.push(names.renameCommand(key, ordinal));
    }
  }
  return new Uint8Array(Buffer.concat(pieces));
}

/** What a server of this kind holds once it has read a log, which may be a dump, as canonical lines; `refused` is its commands. */
export async function held(
  log: Uint8Array,
  target: Target,
  nowMs: number,
): Promise<{ readonly lines: readonly string[]; readonly refused: number }> {
  const { engine, counts } = await replayLog(memoryLog([log]), { target, clock: () => nowMs, databases: DATABASES });
  const lines = await canonicalLines(snapshot(engine, { target: ROOMY }), { target });
  return { lines, refused: counts.refused };
}

function seen(batch: UnitBatch): SeenBatch {
  const { from, to, db, size, expired, unsupported, unsupportedFunctions, continues, isOpen } = batch;
  const units = Array.from({ length: batch.count }, (_, unit): SeenUnit => {
    return {
      kind: batch.kinds[unit]!,
      ordinal: batch.ordinals[unit]!,
      slot: batch.slots[unit]!,
      key: batch.keyOf(unit),
      bytes: batch.bytes.slice(batch.starts[unit]!, batch.endOf(unit)),
      requests: batch.requests[unit]!,
      isMoved: batch.moved[unit] === 1,
      isOwned: batch.owned[unit] === 1,
    };
  });
  return { from, to, db, size, expired, unsupported, unsupportedFunctions, continues, isOpen, units };
}
