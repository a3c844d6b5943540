/** How many keys a source has, by database: a look at every record, without its value. */
import { EncodeError } from '../../bytes/errors.js';
import { Window } from '../../bytes/window.js';
import { drive } from '../../rdb/drive.js';
import { RdbDriver, type RowHandler } from '../../rdb/driver.js';
import type { RowFilter } from '../../rdb/filter.js';
import type { LargeRequest } from '../../rdb/large-value.js';
import { NO_SINK } from '../../rdb/no-sink.js';
import type { RowTable } from '../../rdb/rows.js';
import type { KeyOptions } from './key-options.js';
import { type KeySource, openKeys } from './key-source.js';

/** Databases in which the source has keys that are meant, in the order of the source. Throws what reading a dump throws. */
export async function findDatabases(source: KeySource, options: KeyOptions): Promise<ReadonlySet<number>> {
  const opened = await openKeys(source, options);
  try {
    const handler = new DatabaseHandler(opened.filter);
    const driver = new RdbDriver(Window.for(opened.source.sizeBytes), handler, {
      checksum: false,
      ...(options.limits && { limits: options.limits }),
    });
    handler.driver = driver;
    while ((await drive(opened.source, driver)) === 'pause' && !handler.isFinished) options.signal?.throwIfAborted();
    return handler.databases;
  } finally {
    await opened.close();
  }
}

/**
 * Throws EncodeError where the keys do not fit into `count` databases, or into the single database `only`: the same key may
 * be in several.
 */
export function requireDatabases(found: ReadonlySet<number>, count: number, only: number | undefined): void {
  if (only !== undefined || count === 1) {
    if (found.size <= 1 && (only !== undefined || [...found].every((db) => db === 0))) return;
    const what = only === undefined ? 'the target has database 0 only' : `all are to go to database ${only}`;
    throw new EncodeError(
      `the source has keys in database ${[...found].join(', ')}, and ${what}: choose one of them, and map it to another number`,
    );
  }
  const beyond = [...found].find((db) => db >= count);
  if (beyond === undefined) return;
  throw new EncodeError(
    `the source has keys in database ${beyond}, and the target has ${count} databases: map it to another`,
  );
}

class DatabaseHandler implements RowHandler {
  driver!: RdbDriver;
  readonly databases = new Set<number>();
  private last = -1;

  constructor(private readonly filter: RowFilter | undefined) {}

  record(): void {}

  bulk(rows: RowTable, row: number, end: number): number {
    if (this.filter !== undefined) return row;
    let next = row;
    for (; next < end && rows.isKey[next] === 1; next++) this.add(rows.db[next]!);
    return next;
  }

  key(rows: RowTable, row: number): void {
    if (this.filter?.accepts(this.driver, row) !== false) this.add(rows.db[row]!);
  }

  largeStart(rows: RowTable, row: number): LargeRequest {
    if (this.filter?.acceptsLarge(this.driver, row) !== false) this.add(rows.db[row]!);
    return { level: 'skip', sink: NO_SINK };
  }

  largeEnd(): void {}

  warning(): void {}

  get isFinished(): boolean {
    return this.filter?.exhausted === true;
  }

  full(): boolean {
    return this.isFinished;
  }

  private add(db: number): void {
    if (db === this.last) return;
    this.last = db;
    this.databases.add(db);
  }
}
