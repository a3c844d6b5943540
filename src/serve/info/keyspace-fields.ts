/** INFO keyspace, and the sections on what there is one of here: no replicas, no cluster. */
import type { Database } from '../../engine/database.js';
import type { Server } from '../server.js';
import { type InfoField, zeros } from './info-field.js';
import { identityOf } from './server-identity.js';

/** Keys that are looked at for the mean of what is left to them. */
const MOST_LOOKED_AT = 1000;

export function keyspaceFields({ backend, clock }: Server): InfoField[] {
  const nowMs = clock();
  return Array.from(backend.engine.inUse(), (db) => [
    `db${db.index}`,
    `keys=${db.size},expires=${db.keys.expiring},avg_ttl=${meanTimeLeftMs(db, nowMs)}`,
  ]);
}

/** Of some of the keys; 0 where none of them expires. */
function meanTimeLeftMs({ keys }: Database, nowMs: number): number {
  if (keys.expiring === 0) return 0;
  let sum = 0;
  let count = 0;
  let lookedAt = 0;
  for (const key of keys.keys()) {
    const atMs = keys.expiryOf(key);
    if (atMs !== undefined) {
      sum += Math.max(0, Number(atMs) - nowMs);
      count++;
    }
    if (++lookedAt === MOST_LOOKED_AT) break;
  }
  return count === 0 ? 0 : Math.round(sum / count);
}

export function replicationFields(server: Server): InfoField[] {
  return [
    ['role', 'master'],
    ['connected_slaves', 0],
    ['master_failover_state', 'no-failover'],
    ['master_replid', identityOf(server).replicationId],
    ['master_replid2', '0'.repeat(40)],
    ['master_repl_offset', 0],
    ['second_repl_offset', -1],
    ['repl_backlog_active', 0],
    ['repl_backlog_size', server.config.text('repl-backlog-size')],
    ...zeros('repl_backlog_first_byte_offset', 'repl_backlog_histlen'),
  ];
}

export function clusterFields(): InfoField[] {
  return [['cluster_enabled', 0]];
}

export function cpuFields(): InfoField[] {
  const { system, user } = process.cpuUsage();
  const [systemSeconds, userSeconds] = [system, user].map((usec) => (usec / 1e6).toFixed(6));
  return [
    ['used_cpu_sys', systemSeconds!],
    ['used_cpu_user', userSeconds!],
    ['used_cpu_sys_children', '0.000000'],
    ['used_cpu_user_children', '0.000000'],
    ['used_cpu_sys_main_thread', systemSeconds!],
    ['used_cpu_user_main_thread', userSeconds!],
  ];
}
