/** JSON by one thread and by several: what came out, and what ended it. */
import { FormatError, RedisFileError } from '../../src/bytes/errors.js';
import type { Limits } from '../../src/bytes/limits.js';
import { BytesSource } from '../../src/bytes/source-plain.js';
import { Window } from '../../src/bytes/window.js';
import { JsonTask, type JsonTaskOptions } from '../../src/convert/json/json-task.js';
import { NdjsonHandler } from '../../src/convert/json/ndjson-handler.js';
import { drive } from '../../src/rdb/drive.js';
import { RdbDriver } from '../../src/rdb/driver.js';
import { compileFilter } from '../../src/rdb/filter.js';
import type { RdbWarning } from '../../src/rdb/model.js';
import { ParallelReader } from '../../src/workers/parallel-reader.js';

export interface Outcome {
  readonly text: string;
  readonly warnings: readonly RdbWarning[];
  readonly error: ErrorFacts | undefined;
}

interface ErrorFacts {
  readonly class: string;
  readonly message: string;
  readonly code?: string;
  readonly offset?: number;
  readonly innerOffset?: number | undefined;
  readonly trail?: readonly string[];
}

export interface Reading {
  readonly json?: Partial<JsonTaskOptions>;
  readonly limits?: Partial<Limits>;
  readonly checksum?: boolean;
}

export async function byOne(file: Uint8Array, { json = {}, limits = {}, checksum = true }: Reading): Promise<Outcome> {
  const out = new Collected();
  const source = new BytesSource(file);
  const { filter, nowMs = 0, ...options } = json;
  const handler = new NdjsonHandler({
    ...options,
    ...(filter && { filter: compileFilter(filter, nowMs, source) }),
    write: (bytes, start, end) => out.add(bytes.subarray(start, end)),
    onWarning: (warning) => out.warnings.push(warning),
  });
  const window = Window.for(source.sizeBytes);
  const driver = new RdbDriver(window, handler, { checksum, limits });
  handler.driver = driver;
  let error: unknown;
  try {
    while ((await drive(source, driver)) === 'pause');
    // The end of an array is not compared: whoever puts ranges together writes it.
  } catch (thrown) {
    error = thrown;
  }
  handler.flush();
  return out.outcome(error);
}

export async function bySeveral(
  file: Uint8Array,
  { json = {}, limits = {}, checksum = true }: Reading,
  jobs: number,
  rangeBytes: number,
): Promise<Outcome> {
  const out = new Collected();
  const options = { filter: undefined, nowMs: 0, ...json };
  const reader = new ParallelReader({
    source: new BytesSource(file),
    jobs,
    rangeBytes,
    file: 'worker',
    spec: { name: 'json', options },
    task: new JsonTask(options),
    collector: {
      result: (pieces) => {
        for (const piece of pieces) out.add(piece);
      },
      warning: (warning) => out.warnings.push(warning),
    },
    driver: { checksum, limits },
  });
  let error: unknown;
  try {
    await reader.run();
  } catch (thrown) {
    error = thrown;
  }
  return out.outcome(error);
}

/** All that a caller can tell errors apart by. */
export function errorFacts(error: unknown): ErrorFacts {
  if (!(error instanceof Error)) throw new TypeError('not an error');
  const facts = { class: error.constructor.name, message: error.message };
  if (error instanceof FormatError) {
    const { code, offset, innerOffset, trail } = error;
    return { ...facts, code, offset, innerOffset, trail };
  }
  return error instanceof RedisFileError ? { ...facts, code: error.code } : facts;
}

class Collected {
  readonly warnings: RdbWarning[] = [];
  private readonly pieces: Buffer[] = [];

  /** The bytes are valid during the call only. */
  add(bytes: Uint8Array): void {
    this.pieces.push(Buffer.from(bytes));
  }

  outcome(error: unknown): Outcome {
    const text = Buffer.concat(this.pieces).toString('latin1');
    return { text, warnings: this.warnings, error: error === undefined ? undefined : errorFacts(error) };
  }
}
