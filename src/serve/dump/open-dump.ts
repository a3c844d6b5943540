/**
 * An engine over a file that is only looked at. A plain dump stays where it is: one pass notes where its keys lie, and a value is
 * decoded when somebody asks for it. Everything else that holds keys is loaded.
 *
 * All keys that servers would keep are there, expired or not, and so are the fields of hashes: TTL of what has expired is 0, EXPIRETIME says
 * when that was. So the same file gives the same answers tomorrow.
 */
import { isRdbMagic } from '../../aof/driver.js';
import type { AofLog } from '../../aof/model.js';
import { FormatError } from '../../bytes/errors.js';
import { RewoundSource } from '../../bytes/rewound-source.js';
import type { ByteSource, SyncByteSource } from '../../bytes/source.js';
import { BytesSource, peekSource } from '../../bytes/source-plain.js';
import { Window } from '../../bytes/window.js';
import { Engine } from '../../engine/engine.js';
import { LoadHandler } from '../../engine/load.js';
import { replayLog } from '../../engine/replay-log.js';
import type { EngineOptions } from '../../engine/settings.js';
import { driveSync } from '../../rdb/drive.js';
import { RdbDriver } from '../../rdb/driver.js';
import type { RdbWarning } from '../../rdb/model.js';
import { openRdbSource } from '../../rdb/open.js';
import type { Target } from '../../rdb/versions.js';
import { BlockCache } from './block-cache.js';
import { DumpKeyspace } from './dump-keyspace.js';
import { PlaceHandler } from './place-handler.js';
import { RecordReader } from './record-reader.js';
import { ValueCache } from './value-cache.js';

export interface DumpOptions extends Omit<EngineOptions, 'databases'> {
  /** Databases of the engine; more where the file has more. Default: 16. */
  readonly databases?: number | undefined;
  /** Compare the CRC-64. Default: true. */
  readonly checksum?: boolean | undefined;
  /** What decoded values may take that are kept, bytes as they are estimated. Default: 64 MiB. */
  readonly maxValueBytes?: number | undefined;
  readonly onWarning?: ((warning: RdbWarning) => void) | undefined;
}

/** A file whose keys an engine shows. */
export interface OpenedDump {
  /** Read-only; by default it stands for the server that wrote the file, or for Redis 7.0 where that is older. */
  readonly engine: Engine;
  /** Why its keys are in memory; undefined where they are read from the file when they are asked for. */
  readonly loadedBecause: string | undefined;
  /** Values that are kept; undefined where all of them are in memory. */
  readonly values: ValueCache | undefined;
  /** Lets go of the file; the engine is of no use then. */
  close(): void | Promise<void>;
}

const DEFAULT_VALUE_BYTES = 64 * 1024 * 1024;
const DEFAULT_DATABASES = 16;
/** Whoever serves an old dump wants SCAN and the like all the same. */
const LEAST = { redis: '7.0' };
/** Where the header and the aux fields are. */
const HEAD_BYTES = 16 * 1024;

/**
 * Opens a file, or a source that has been opened and not been read. Throws what reading throws: FormatError and its kin for what
 * is neither a dump nor a log, or is damaged; the system's errors.
 */
export async function openDump(input: string | ByteSource, options: DumpOptions = {}): Promise<OpenedDump> {
  const opened = await openRdbSource(input);
  try {
    const head = new Uint8Array(HEAD_BYTES);
    const { source, size } = await peekSource(opened, head);
    // Nothing at all is a damaged dump, and not a log without commands.
    const isDump = size === 0 || isRdbMagic(head, 0, size);
    const reason = isDump ? whyNotInPlace(source) : IS_LOG;
    if (reason !== undefined) return await load(source, writerOf(head.subarray(0, size)), options, reason);
    return await openInPlace(source as SyncByteSource, options);
  } catch (error) {
    await opened.close();
    throw error;
  }
}

/** Why a dump cannot be read where it lies, key by key; undefined where it can, as far as that can be told without reading it. */
export function whyNotInPlace(source: ByteSource): string | undefined {
  if (source.compression !== undefined) return `it is compressed (${source.compression})`;
  if (source.readAt === undefined || source.sizeBytes === undefined) return 'it cannot be read at any offset';
  return undefined;
}

async function openInPlace(source: SyncByteSource, options: DumpOptions): Promise<OpenedDump> {
  const { checksum = true, maxValueBytes = DEFAULT_VALUE_BYTES, onWarning = ignore } = options;
  const places = new PlaceHandler(onWarning);
  const window = Window.for(source.sizeBytes);
  places.driver = new RdbDriver(window, places, { checksum });
  while (driveSync(source, places.driver) !== 'done');
  const writer = places.source.resolve();
  if (places.obstacle !== undefined) {
    const again = RewoundSource.rewinder(source)!();
    return { ...(await load(again, writer, options, places.obstacle)), close: () => source.close() };
  }

  let { databases = DEFAULT_DATABASES } = options;
  for (const db of places.tables.keys()) databases = Math.max(databases, db + 1);
  const engine = new Engine({ ...options, databases, target: options.target ?? writer, least: LEAST });
  engine.isReadOnly = true;
  const loader = new LoadHandler(engine);
  for (const library of places.functions) loader.record(library);
  const reader = new RecordReader(new BlockCache(source), places.header!, window);
  const values = new ValueCache(maxValueBytes);
  for (const [index, table] of places.tables) {
    table.finish((first, second) => reader.isSameName(table.keyOffsetOf(first), table.keyOffsetOf(second)));
    const db = engine.database(index);
    db.keys = new DumpKeyspace(db, table, reader, values);
  }
  return { engine, loadedBecause: undefined, values, close: () => source.close() };
}

/** All of it into memory. `writer` is undefined where only the log can say. */
async function load(
  source: ByteSource,
  writer: Target | undefined,
  options: DumpOptions,
  loadedBecause: string,
): Promise<OpenedDump> {
  const { name, sizeBytes } = source;
  const file = { role: 'single', name, path: undefined, seq: undefined, sizeBytes, open: async () => source } as const;
  const log = { name, files: [file], history: [], manifest: undefined };
  const target = options.target ?? writer;
  const opened = await openLog(log, { ...options, ...(target !== undefined && { target }) });
  return { ...opened, loadedBecause, close: () => source.close() };
}

/** Replays a log, be it a file or a directory, up to where it ends in half of a command. Throws what replayLog throws. */
export async function openLog(log: AofLog, options: DumpOptions = {}): Promise<OpenedDump> {
  const { checksum = true, onWarning = ignore, databases = DEFAULT_DATABASES } = options;
  const { engine } = await replayLog(log, {
    ...options,
    least: LEAST,
    databases,
    checksum,
    onWarning,
    onTruncated: 'stop',
  });
  engine.isReadOnly = true;
  // How many there are is known at the end.
  const last = Array.from(engine.inUse(), ({ index }) => index).at(-1) ?? 0;
  if (last >= databases) Object.assign(engine.settings, { databases: last + 1 });
  return { engine, loadedBecause: IS_LOG, values: undefined, close: () => undefined };
}

const IS_LOG = 'it is a log';

/** Whom the beginning of a dump names; undefined where it is none. */
function writerOf(head: Uint8Array): Target | undefined {
  const places = new PlaceHandler(ignore);
  places.driver = new RdbDriver(Window.for(head.length), places, { checksum: false });
  try {
    driveSync(new BytesSource(head), places.driver);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error; // The head ends somewhere, and the load says what is wrong.
  }
  return places.header === undefined ? undefined : places.source.resolve();
}

function ignore(): void {
  // Nobody wants to know.
}
