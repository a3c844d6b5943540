/** The two forms in which a store writes all that it holds: a dump, and the base of a log. */
import type { Files } from '../bytes/files.js';
import { auxField, producerField } from '../engine/aux-fields.js';
import type { Engine } from '../engine/engine.js';
import { entriesBefore, entriesBehind, sizeOf } from '../engine/snapshot.js';
import type { RdbRecord } from '../rdb/model.js';
import { CommandBase } from './command-base.js';
import { DumpWriter } from './dump-writer.js';
import type { SnapshotPlan } from './snapshot-job.js';
import type { StoreSettings } from './store-options.js';

/** What there is to be written, and where. */
export interface StoreContent {
  readonly engine: Engine;
  readonly files: Files;
  readonly settings: StoreSettings;
  /** Data of modules, which was loaded and goes on into every dump. */
  readonly moduleData: readonly RdbRecord[];
}

/** A dump, at `path` for now. `isBase`: it is to be the base of a log. */
export function dumpPlan(content: StoreContent, path: string, isBase: boolean): SnapshotPlan {
  const { engine, files, settings, moduleData } = content;
  const records = [...auxFields(engine, isBase), ...moduleData];
  return {
    engine,
    files,
    path,
    writer: (write) => new DumpWriter(write, engine, settings),
    head: [...entriesBefore(engine, { records }), ...Array.from(engine.inUse(), sizeOf)],
    tail: entriesBehind({ records }),
    keyDelayMs: () => settings.rdbKeySaveDelay / 1000,
    totalKeys: keysOf(engine),
  };
}

/** The base of a log as `aof-use-rdb-preamble` wants it. */
export function basePlan(content: StoreContent, path: string): SnapshotPlan {
  const { engine, files, settings } = content;
  if (settings.aofUseRdbPreamble) return dumpPlan(content, path, true);
  const { target, encoding } = engine.settings;
  engine.tick();
  const { nowMs } = engine;
  const timestampSeconds = settings.aofTimestampEnabled ? Math.floor(nowMs / 1000) : undefined;
  return {
    engine,
    files,
    path,
    writer: (write) => new CommandBase(write, { target, settings: encoding, nowMs, timestampSeconds }),
    head: entriesBefore(engine, {}),
    tail: [],
    keyDelayMs: () => settings.rdbKeySaveDelay / 1000,
    totalKeys: keysOf(engine),
  };
}

function keysOf(engine: Engine): number {
  return Array.from(engine.inUse(), ({ size }) => size).reduce((sum, size) => sum + size, 0);
}

/** As the server has them; what memory it uses is not known here. */
function auxFields(engine: Engine, isBase: boolean): RdbRecord[] {
  engine.tick();
  return [
    producerField(engine.settings.target),
    auxField('redis-bits', '64'),
    auxField('ctime', String(Math.floor(engine.nowMs / 1000))),
    auxField('aof-base', isBase ? '1' : '0'),
  ];
}
