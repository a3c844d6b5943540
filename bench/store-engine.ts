import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type * as engine from '../src/engine.js';

/** What `rdb-inspect/engine` exports. */
export type EngineModule = typeof engine;

/** Whether RDB_INSPECT_ENGINE puts another module in place of this checkout's. */
export function isEngineStandIn(environment: NodeJS.ProcessEnv = process.env): boolean {
  return (environment.RDB_INSPECT_ENGINE ?? '').trim() !== '';
}

/** RDB_INSPECT_ENGINE, or the built module of this checkout: what is measured is what people get. */
export async function loadEngine(environment: NodeJS.ProcessEnv = process.env): Promise<EngineModule> {
  const built = join(dirname(fileURLToPath(import.meta.url)), '..', 'dist', 'engine.js');
  const path = isEngineStandIn(environment) ? resolve((environment.RDB_INSPECT_ENGINE ?? '').trim()) : built;
  return (await import(pathToFileURL(path).href)) as EngineModule;
}
