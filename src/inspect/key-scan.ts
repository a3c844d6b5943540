/** A pass over a dump that looks at keys only. */
import type { ByteSource } from '../bytes/source.js';
import { Window } from '../bytes/window.js';
import { drive } from '../rdb/drive.js';
import { type DriverOptions, RdbDriver, type RowHandler } from '../rdb/driver.js';
import type { LargeRequest } from '../rdb/large-value.js';
import { NO_SINK } from '../rdb/no-sink.js';
import type { RowTable } from '../rdb/rows.js';

/** Visits the row of every key. The checksum is not compared: it has been, or somebody else does. */
export async function scanKeys(
  source: ByteSource,
  options: DriverOptions,
  visit: (driver: RdbDriver, row: number) => void,
): Promise<void> {
  const window = Window.for(source.sizeBytes);
  const handler = new KeyScan(visit);
  const driver = new RdbDriver(window, handler, { ...options, checksum: false, deep: false });
  handler.driver = driver;
  await drive(source, driver);
}

class KeyScan implements RowHandler {
  driver!: RdbDriver;

  constructor(private readonly visit: (driver: RdbDriver, row: number) => void) {}

  record(): void {}

  key(_rows: RowTable, row: number): void {
    this.visit(this.driver, row);
  }

  largeStart(_rows: RowTable, row: number): LargeRequest {
    this.visit(this.driver, row);
    return { level: 'skip', sink: NO_SINK };
  }

  largeEnd(): void {}

  warning(): void {}

  full(): boolean {
    return false;
  }
}
