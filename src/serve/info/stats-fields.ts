/** INFO stats, commandstats, errorstats and latencystats: what has been counted. */
import type { Server } from '../server.js';
import { type InfoField, zeros } from './info-field.js';
import { Rates } from './rates.js';

const rates = new WeakMap<Server, Rates>();

export function statsFields(server: Server): InfoField[] {
  const { backend, stats, pubsub, migrateSockets } = server;
  return [
    ...trafficFields(server),
    ['rejected_connections', stats.rejectedConnections],
    ...zeros('sync_full', 'sync_partial_ok', 'sync_partial_err'),
    ['expired_keys', stats.expiredKeys],
    ['expired_stale_perc', '0.00'],
    ...zeros('expired_time_cap_reached_count', 'expire_cycle_cpu_milliseconds', 'evicted_keys', 'evicted_clients'),
    ...zeros('total_eviction_exceeded_time', 'current_eviction_exceeded_time'),
    ['keyspace_hits', stats.keyspaceHits],
    ['keyspace_misses', stats.keyspaceMisses],
    ['pubsub_channels', [...pubsub.channels('channel')].length],
    ['pubsub_patterns', pubsub.patternCount],
    ['pubsubshard_channels', [...pubsub.channels('shard')].length],
    ['latest_fork_usec', 0],
    ['total_forks', backend.store?.status.begun ?? 0],
    ['migrate_cached_sockets', migrateSockets.count],
    ...zeros('slave_expires_tracked_keys'),
    ...zeros('active_defrag_hits', 'active_defrag_misses', 'active_defrag_key_hits', 'active_defrag_key_misses'),
    ...zeros('total_active_defrag_time', 'current_active_defrag_time'),
    ...zeros('tracking_total_keys', 'tracking_total_items', 'tracking_total_prefixes', 'unexpected_error_replies'),
    ['total_error_replies', [...stats.errors.values()].reduce((sum, count) => sum + count, 0)],
    ...zeros('dump_payload_sanitizations', 'total_reads_processed', 'total_writes_processed'),
    ...zeros('io_threaded_reads_processed', 'io_threaded_writes_processed'),
    ...zeros('reply_buffer_shrinks', 'reply_buffer_expands'),
  ];
}

function trafficFields(server: Server): InfoField[] {
  const { stats, clock, startedMs } = server;
  const { commands, netInputBytes: inputBytes, netOutputBytes: outputBytes } = stats;
  const measured = rates.get(server) ?? new Rates(startedMs);
  rates.set(server, measured);
  const now = measured.at(clock(), { commands, inputBytes, outputBytes });
  return [
    ['total_connections_received', stats.connections],
    ['total_commands_processed', commands],
    ['instantaneous_ops_per_sec', Math.round(now.commands)],
    ['total_net_input_bytes', inputBytes],
    ['total_net_output_bytes', outputBytes],
    ...zeros('total_net_repl_input_bytes', 'total_net_repl_output_bytes'),
    ['instantaneous_input_kbps', (now.inputBytes / 1024).toFixed(2)],
    ['instantaneous_output_kbps', (now.outputBytes / 1024).toFixed(2)],
    ['instantaneous_input_repl_kbps', '0.00'],
    ['instantaneous_output_repl_kbps', '0.00'],
  ];
}

export function commandFields({ stats }: Server): InfoField[] {
  return Array.from(stats.calls)
    .filter(([name]) => name !== '')
    .map(([name, { calls, usec, rejected, failed }]) => {
      const each = (calls === 0 ? 0 : usec / calls).toFixed(2);
      const counts = `calls=${calls},usec=${usec},usec_per_call=${each}`;
      return [`cmdstat_${name}`, `${counts},rejected_calls=${rejected},failed_calls=${failed}`];
    });
}

export function errorFields({ stats }: Server): InfoField[] {
  return Array.from(stats.errors, ([code, count]) => [`errorstat_${code}`, `count=${count}`]);
}

/** By the histograms of LATENCY, whose steps are powers of two. */
export function latencyFields(server: Server): InfoField[] {
  const { config } = server;
  if (!config.isYes('latency-tracking')) return [];
  const percentiles = config
    .text('latency-tracking-info-percentiles')
    .split(' ')
    .filter((word) => word !== '');
  return Array.from(server.latency.histograms)
    .filter(([name]) => name !== '')
    .map(([name, { calls, counts }]) => {
      const values = percentiles.map((word) => `p${word}=${usecAt(counts, (calls * Number(word)) / 100).toFixed(3)}`);
      return [`latency_percentiles_usec_${name}`, values.join(',')];
    });
}

/** Microseconds that so many calls have not taken longer than. */
function usecAt(counts: readonly (number | undefined)[], calls: number): number {
  let seen = 0;
  for (const [step, count = 0] of counts.entries()) {
    seen += count;
    if (count > 0 && seen >= calls) return 2 ** step;
  }
  return 0;
}
