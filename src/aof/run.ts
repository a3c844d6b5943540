/** Runs a log from its first file to its last: the loop under everything that reads logs. */
import type { ByteSource } from '../bytes/source.js';
import { Window } from '../bytes/window.js';
import { drive } from '../rdb/drive.js';
import { AofDriver, type AofDriverOptions, type AofHandler } from './driver.js';
import type { LogFile } from './model.js';

/** Reads one opened file to its end. Throws what the driver throws; the source stays open. */
export async function runFile(
  source: ByteSource,
  createHandler: (driver: () => AofDriver) => AofHandler,
  options: AofDriverOptions = {},
): Promise<AofDriver> {
  const window = Window.for(source.sizeBytes);
  const driver: AofDriver = new AofDriver(
    window,
    createHandler(() => driver),
    options,
  );
  while ((await drive(source, driver)) !== 'done') {
    // Whoever pauses wants to be asked again.
  }
  return driver;
}

/** As {@link runFile}, opening and closing the file. */
export async function runLogFile(
  file: LogFile,
  createHandler: (driver: () => AofDriver) => AofHandler,
  options: AofDriverOptions = {},
): Promise<AofDriver> {
  const source = await file.open();
  try {
    return await runFile(source, createHandler, options);
  } finally {
    await source.close();
  }
}
