/** INFO persistence: what the store tells of its files; of a dump that is served, that there is nothing to be saved. */

import type { StoreStatus } from '../../store/store-status.js';
import type { Server } from '../server.js';
import { flag, type InfoField, okUnless, zeros } from './info-field.js';

export function persistenceFields({ backend, startedMs }: Server): InfoField[] {
  const status = backend.store?.status;
  return [
    ['loading', flag(backend.engine.isLoading)],
    ...zeros('async_loading', 'current_cow_peak', 'current_cow_size', 'current_cow_size_age'),
    ...progressFields(status?.progress),
    ...dumpFields(status, Math.floor(startedMs / 1000)),
    ...logFields(status?.log),
    ...zeros('module_fork_in_progress', 'module_fork_last_cow_size'),
    ...sizeFields(status?.log),
  ];
}

function progressFields(progress: StoreStatus['progress']): InfoField[] {
  const { keys = 0, totalKeys = 0 } = progress ?? {};
  return [
    ['current_fork_perc', (totalKeys === 0 ? 0 : (100 * keys) / totalKeys).toFixed(2)],
    ['current_save_keys_processed', keys],
    ['current_save_keys_total', totalKeys],
  ];
}

/** Seconds that are not known, or of what does not go on. */
const NONE = -1;

function dumpFields(status: StoreStatus | undefined, startedSeconds: number): InfoField[] {
  const isSaving = status?.isSaveInProgress === true;
  return [
    ['rdb_changes_since_last_save', status?.changesSinceLastSave ?? 0],
    ['rdb_bgsave_in_progress', flag(isSaving)],
    ['rdb_last_save_time', status?.lastSave ?? startedSeconds],
    ['rdb_last_bgsave_status', okUnless(status?.saveFailure)],
    ['rdb_last_bgsave_time_sec', status?.saveSeconds.last ?? NONE],
    ['rdb_current_bgsave_time_sec', status?.saveSeconds.current ?? NONE],
    ['rdb_saves', status?.saves ?? 0],
    ['rdb_last_cow_size', 0],
    ['rdb_last_load_keys_expired', status?.loaded.expired ?? 0],
    ['rdb_last_load_keys_loaded', status?.loaded.keys ?? 0],
  ];
}

function logFields(log: StoreStatus['log'] | undefined): InfoField[] {
  const isRewriting = log?.isRewriteInProgress === true;
  return [
    ['aof_enabled', flag(isOn(log))],
    ['aof_rewrite_in_progress', flag(isRewriting)],
    ['aof_rewrite_scheduled', flag(log?.isRewriteScheduled === true)],
    ['aof_last_rewrite_time_sec', log?.rewriteSeconds.last ?? NONE],
    ['aof_current_rewrite_time_sec', log?.rewriteSeconds.current ?? NONE],
    ['aof_last_bgrewrite_status', okUnless(log?.rewriteFailure)],
    ['aof_rewrites', log?.rewrites ?? 0],
    ['aof_rewrites_consecutive_failures', log?.consecutiveFailures ?? 0],
    ['aof_last_write_status', okUnless(log?.writeError)],
    ['aof_last_cow_size', 0],
  ];
}

/** Only where there is a log. */
function sizeFields(log: StoreStatus['log'] | undefined): InfoField[] {
  if (log === undefined || !isOn(log)) return [];
  return [
    ['aof_current_size', log.sizeBytes],
    ['aof_base_size', log.baseBytes],
    ['aof_pending_rewrite', flag(log.isRewriteScheduled)],
    ['aof_buffer_length', log.pendingBytes],
    ['aof_pending_bio_fsync', flag(log.isSyncing)],
    ['aof_delayed_fsync', 0],
  ];
}

function isOn(log: StoreStatus['log'] | undefined): boolean {
  return log !== undefined && log.state !== 'off';
}
