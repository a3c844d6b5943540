/** The sums of `memory` for programs. */
import type { MemoryTotals } from '../../inspect/memory/dataset-memory.js';
import type { MemoryModel } from '../../inspect/memory/memory-model.js';
import type { Saving, SavingReport } from '../../inspect/stats/saving-collector.js';
import type { Row } from './report-rows.js';

export interface MemorySums {
  readonly sources: readonly string[];
  readonly model: MemoryModel;
  readonly whatIf: MemoryWhatIf | undefined;
  readonly saving: SavingReport;
  readonly totals: MemoryTotals;
  /** No key was left out: the totals are those of the data set. */
  readonly isWhole: boolean;
}

export interface MemoryWhatIf {
  readonly model: MemoryModel;
  /** As it was asked for. */
  readonly text: string;
  /** Tables of keys and of expiries there. */
  readonly tableBytes: number;
}

export function memoryJson({ sources, model, whatIf, saving, totals, isWhole }: MemorySums): Record<string, unknown> {
  const { types, ...all } = saving;
  const isWhatIf = whatIf !== undefined;
  return {
    schema: 'rdb-inspect/memory@1',
    sources,
    ...modelJson(model),
    ...(isWhatIf && { whatIf: { settings: whatIf.text, ...modelJson(whatIf.model) } }),
    total: sumJson(all, isWhatIf),
    types: types.map(({ type, ...sum }) => ({ type, ...sumJson(sum, isWhatIf) })),
    dataset: {
      memory: totals.usageBytes,
      beyond: totals.correctionBytes,
      tables: totals.tableBytes,
      total: totals.datasetBytes,
      usedMemory: isWhole ? (totals.usedMemoryBytes ?? null) : null,
      ...(isWhatIf && savingJson(totals.datasetBytes, all.whatIfUsedBytes + whatIf.tableBytes)),
    },
  };
}

/** What was modelled, once something has been read. */
export function modelJson({ servers, allocator }: MemoryModel): Record<string, unknown> {
  return { servers, allocator };
}

/** A row for each type, and one for all. */
export function memorySumRows({ saving, whatIf }: MemorySums): Row[] {
  const { types, ...all } = saving;
  return [...types, { type: 'all', ...all }].map(({ type, ...sum }) => ({
    type,
    ...sumJson(sum, whatIf !== undefined),
  }));
}

function sumJson(sum: Saving, isWhatIf: boolean): Record<string, number> {
  const { keys, elements, valueBytes, memoryBytes, usedBytes, whatIfMemoryBytes, whatIfUsedBytes } = sum;
  const json = { keys, elements, size: valueBytes, memory: memoryBytes, used: usedBytes };
  if (!isWhatIf) return json;
  return {
    ...json,
    whatIfMemory: whatIfMemoryBytes,
    ...savingJson(usedBytes, whatIfUsedBytes),
    keysWithLess: sum.lessKeys,
    keysWithMore: sum.moreKeys,
  };
}

function savingJson(used: number, whatIfUsed: number): Record<string, number> {
  const saving = used - whatIfUsed;
  return { whatIfUsed, saving, savingShare: Number((saving / (used || 1)).toPrecision(6)) };
}
