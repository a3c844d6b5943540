/** The keys of a source into a live server or a cluster. */
import { EncodeError } from '../bytes/errors.js';
import { commandForms } from '../convert/rdb-to-commands/forms.js';
import { Checkpoint } from './checkpoint/checkpoint.js';
import { settingsText } from './checkpoint/settings-text.js';
import { ImportRun } from './import-run.js';
import type { ImportMode, ImportOptions, ImportResult } from './model.js';
import { probeRestore } from './restore-probe.js';
import { Lanes } from './send/lanes.js';
import { Patience } from './send/patience.js';
import { findDatabases, requireDatabases } from './source/databases.js';
import { type ImportInput, type KeySource, keySourceOf } from './source/key-source.js';
import { parsePlace, type TargetPlace } from './target/endpoint.js';
import { openTargetServers } from './target/servers.js';
import { newImportId, TemporaryNames } from './units/temporary-name.js';

const DEFAULT_RETRY_MS = 60_000;
const DEFAULT_PENDING_REQUESTS = 50_000;

/**
 * Writes the keys of a source to the server or cluster at `target`, a URL or what {@link parsePlace} makes of one.
 *
 * ```ts
 * const result = await importKeys('dump.rdb', 'redis://127.0.0.1:6379', { onExists: 'skip' });
 * ```
 *
 * Keys that cannot be written are in the result. Throws TargetError where the target failed for good, CheckpointError for a
 * state that belongs to another import, EncodeError where the target has no place for the databases of the source or no
 * RESTORE, what reading a dump or replaying a log throws, and the reason of `signal`. With a checkpoint, the same call goes
 * on where this one ended.
 */
export async function importKeys(
  input: ImportInput,
  target: string | TargetPlace,
  options: ImportOptions = {},
): Promise<ImportResult> {
  const { signal, connectTimeoutMs, replyTimeoutMs, onRetry, retryMs = DEFAULT_RETRY_MS } = options;
  signal?.throwIfAborted();
  const place = typeof target === 'string' ? parsePlace(target) : target;
  const source = keySourceOf(input, options);
  const timeouts = {
    ...(connectTimeoutMs !== undefined && { connectTimeoutMs }),
    ...(replyTimeoutMs !== undefined && { replyTimeoutMs }),
  };
  const servers = await openTargetServers(place, timeouts);
  const lanes = new Lanes(servers, {
    ...timeouts,
    waitReplicas: options.waitReplicas,
    maxPendingRequests: options.maxPendingRequests ?? DEFAULT_PENDING_REQUESTS,
    ...(options.maxPendingBytes !== undefined && { maxPendingBytes: options.maxPendingBytes }),
    ...(signal && { signal }),
  });
  const onAbort = (): void => lanes.destroy();
  signal?.addEventListener('abort', onAbort, { once: true });
  const patience = new Patience({ servers, retryMs, signal, onRetry });
  try {
    return await start(source, place, lanes, patience, options);
  } catch (error) {
    throw signal?.aborted ? signal.reason : error;
  } finally {
    signal?.removeEventListener('abort', onAbort);
    lanes.destroy();
    servers.close();
  }
}

async function start(
  source: KeySource,
  place: TargetPlace,
  lanes: Lanes,
  patience: Patience,
  options: ImportOptions,
): Promise<ImportResult> {
  const startedMs = performance.now();
  const { servers } = lanes;
  const { dryRun = false, onExists = 'error' } = options;
  const db = onlyDatabase(place, options);
  const checkpoint = dryRun ? undefined : await openCheckpoint(source, db, options);
  // Which keys are meant must not depend on when it goes on.
  const times = checkpoint?.state ?? { nowMs: options.nowMs ?? Date.now(), ...options };
  const { nowMs, skipExpiredBeforeMs } = times;
  const keys: ImportOptions = { ...options, nowMs, skipExpiredBeforeMs };
  if (source.isRepeatable && source.isRemote !== true)
    requireDatabases(await findDatabases(source, keys), servers.databases, db);
  const isCluster = servers.kind === 'cluster';
  const names = new TemporaryNames(checkpoint?.state.id ?? newImportId(), onExists === 'replace', isCluster);
  const mode = await chooseMode(lanes, names, patience, options);
  const run = new ImportRun({ source, lanes, patience, names, mode, db, checkpoint, startedMs, options: keys });
  return dryRun ? await run.plan() : await run.sendAll();
}

/** All keys go to the database that the target's address names. */
function onlyDatabase(place: TargetPlace, { dbMap }: ImportOptions): number | undefined {
  const { db } = place.kind === 'server' ? place.endpoint : place.place.primary;
  return db === 0 || dbMap !== undefined ? undefined : db;
}

async function openCheckpoint(
  source: KeySource,
  db: number | undefined,
  options: ImportOptions,
): Promise<Checkpoint | undefined> {
  const { checkpoint, nowMs = Date.now(), skipExpiredBeforeMs } = options;
  if (checkpoint === undefined) return undefined;
  const facts = {
    fingerprint: await source.fingerprint(),
    settings: settingsText(options, db),
    nowMs,
    skipExpiredBeforeMs,
  };
  return Checkpoint.open(checkpoint, facts, newImportId());
}

/** What the target takes. Throws TargetError where RESTORE was asked for and is refused. */
async function chooseMode(
  lanes: Lanes,
  names: TemporaryNames,
  patience: Patience,
  { mode = 'auto', dryRun = false }: ImportOptions,
): Promise<ImportMode> {
  const { target } = lanes.servers;
  if (mode === 'commands') return mode;
  if (!commandForms(target).restore) {
    if (mode === 'auto') return 'commands';
    throw new EncodeError(`${target.name} has no RESTORE`);
  }
  if (dryRun) return mode;
  const refusal = await patience.keepTrying(() => probeRestore(lanes, target, names));
  if (refusal === undefined) return mode;
  if (mode === 'restore') throw refusal;
  return 'commands';
}
