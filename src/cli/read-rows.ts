/** The loop of commands that write while they read. */
import type { ByteSource } from '../bytes/source.js';
import { Window } from '../bytes/window.js';
import { drive } from '../rdb/drive.js';
import { RdbDriver, type RowHandler } from '../rdb/driver.js';
import type { Output } from './output.js';
import type { Session } from './session.js';

/** A handler that may have had enough before the end. `full` must answer true then, and whenever the output is behind. */
export interface StreamingHandler extends RowHandler {
  driver: RdbDriver;
  readonly isFinished: boolean;
}

/** Reads to the end of the dump, or until the handler is finished. */
export async function readRows(
  source: ByteSource,
  handler: StreamingHandler,
  session: Session,
  output: Pick<Output, 'drain'>,
): Promise<void> {
  const window = Window.for(source.sizeBytes);
  const { checksum, limits } = session;
  const driver = new RdbDriver(window, handler, { checksum, limits });
  handler.driver = driver;
  while ((await drive(source, driver)) === 'pause') {
    if (handler.isFinished) return;
    await output.drain();
  }
}
