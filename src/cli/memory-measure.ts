/** What the memory of keys is measured with, from what was asked for on the command line. */

import type { ValueMeasure } from '../inspect/facts/value-measure.js';
import { WithLargestElement } from '../inspect/facts/with-largest-element.js';
import { MemoryModel } from '../inspect/memory/memory-model.js';
import { WhatIfMeasure } from '../inspect/memory/what-if-measure.js';
import type { AllocatorName } from '../memory/allocator.js';
import type { Target } from '../rdb/versions.js';
import type { WhatIf } from './what-if-text.js';

export interface MemoryModelOptions {
  /** The server that is modelled. Default: the one that wrote each file. */
  readonly server?: Target;
  /** Default: jemalloc. */
  readonly allocator?: AllocatorName;
}

export interface MemoryMeasureOptions extends MemoryModelOptions {
  readonly whatIf?: WhatIf | undefined;
  /** Also the bytes of the largest element. */
  readonly largest?: boolean;
}

export interface MemoryMeasure {
  readonly measure: ValueMeasure;
  readonly model: MemoryModel;
  /** That of the what-if. */
  readonly other: MemoryModel | undefined;
}

export function createMemoryMeasure({
  server,
  allocator,
  whatIf,
  largest = false,
}: MemoryMeasureOptions): MemoryMeasure {
  const model = new MemoryModel({ ...present(server, allocator), largestElement: largest });
  if (whatIf === undefined)
    return { measure: largest ? new WithLargestElement(model) : model, model, other: undefined };
  const changed = present(whatIf.target ?? server, whatIf.allocator ?? allocator);
  const other = new MemoryModel({ ...changed, settings: whatIf.settings });
  return { measure: new WhatIfMeasure(model, other), model, other };
}

/** What `--memory` adds. */
export interface MemoryChoice extends MemoryModelOptions {
  readonly memory?: boolean;
}

/** The model where memory was asked for, or a server was named; undefined where rows are enough. */
export function chosenModel(choice: MemoryChoice): MemoryModel | undefined {
  const { memory = false, server, allocator } = choice;
  return memory || server !== undefined || allocator !== undefined ? createMemoryMeasure(choice).model : undefined;
}

/** `redis:7.0 with jemalloc`, once something has been read. */
export function modelText({ servers, allocator }: MemoryModel): string {
  return `${servers.length === 0 ? 'no server' : servers.join(' and ')} with ${allocator}`;
}

function present(server: Target | undefined, allocator: AllocatorName | undefined): MemoryModelOptions {
  return { ...(server && { server }), ...(allocator && { allocator }) };
}
