/** DEBUG RELOAD and DEBUG LOADAOF: what is on disk takes the place of what is in memory. */
import type { Engine } from '../engine/engine.js';
import { type LoadedStore, loadDump, loadLog } from './load-files.js';
import type { StoreContent } from './snapshot-plan.js';

/** Nobody may run a command until it has ended. Throws what reading the file throws; what was read by then is there. */
export async function reload(content: StoreContent, from: 'dump' | 'log', isEmptied: boolean): Promise<LoadedStore> {
  const { engine, files, settings } = content;
  const { log, persistence } = engine;
  if (isEmptied) empty(engine);
  // Nothing of it is logged, and nobody is asked.
  engine.log = undefined;
  engine.persistence = undefined;
  try {
    const load = from === 'dump' ? loadDump : loadLog;
    return await load(settings, {
      files,
      engineOptions: { target: engine.settings.target },
      onWarning: () => undefined,
      into: engine,
    });
  } finally {
    engine.isLoading = false;
    engine.log = log;
    engine.persistence = persistence;
  }
}

function empty(engine: Engine): void {
  for (const db of [...engine.inUse()]) engine.flush(db);
}
