/** INFO memory: what the process takes, by the names of the server's allocator. */
import os from 'node:os';
import type { Server } from '../server.js';
import { usedMemory } from '../write-guard.js';
import { type InfoField, sizes, zeros } from './info-field.js';

/** The most that has been in use when somebody asked, bytes. */
const peaks = new WeakMap<Server, number>();

export function memoryFields(server: Server): InfoField[] {
  const { heapTotal, external, rss } = process.memoryUsage();
  const used = usedMemory();
  const peak = Math.max(used, peaks.get(server) ?? 0);
  peaks.set(server, peak);
  const allocated = heapTotal + external;
  return [
    ...sizes('used_memory', used),
    ...sizes('used_memory_rss', rss),
    ...sizes('used_memory_peak', peak),
    ['used_memory_peak_perc', percentage(used, peak)],
    ...overheadFields(server, used),
    ['allocator_allocated', used],
    ['allocator_active', allocated],
    ['allocator_resident', rss],
    ...sizes('total_system_memory', os.totalmem()),
    ...scriptFields(server),
    ...limitFields(server),
    ['allocator_frag_ratio', ratio(allocated, used)],
    ['allocator_frag_bytes', allocated - used],
    ['allocator_rss_ratio', ratio(rss, allocated)],
    ['allocator_rss_bytes', rss - allocated],
    ['rss_overhead_ratio', ratio(rss, rss)],
    ['rss_overhead_bytes', 0],
    ['mem_fragmentation_ratio', ratio(rss, used)],
    ['mem_fragmentation_bytes', rss - used],
    ...bufferFields(server),
    ['mem_allocator', 'v8'],
    ...zeros('active_defrag_running', 'lazyfree_pending_objects', 'lazyfreed_objects'),
  ];
}

function overheadFields(server: Server, used: number): InfoField[] {
  const overhead = Math.min(used, clientBytes(server) + logBytes(server));
  return [
    ['used_memory_overhead', overhead],
    ['used_memory_startup', 0],
    ['used_memory_dataset', used - overhead],
    ['used_memory_dataset_perc', percentage(used - overhead, used)],
  ];
}

function scriptFields({ backend }: Server): InfoField[] {
  const { functions, scripts } = backend.engine;
  const scriptBytes = total(Array.from(scripts.values(), (code) => code.length));
  const functionBytes = total(Array.from(functions.values(), ({ code }) => code.length));
  return [
    ...zeros('used_memory_lua', 'used_memory_vm_eval'),
    ['used_memory_lua_human', '0B'],
    ['used_memory_scripts_eval', scriptBytes],
    ['number_of_cached_scripts', scripts.size],
    ['number_of_functions', functions.size],
    ['number_of_libraries', functions.size],
    ['used_memory_vm_functions', 0],
    ...sizes('used_memory_vm_total', 0),
    ['used_memory_functions', functionBytes],
    ...sizes('used_memory_scripts', scriptBytes + functionBytes),
  ];
}

function limitFields({ config }: Server): InfoField[] {
  const [, human] = sizes('maxmemory', config.number('maxmemory'));
  return [['maxmemory', config.text('maxmemory')], human!, ['maxmemory_policy', config.text('maxmemory-policy')]];
}

function bufferFields(server: Server): InfoField[] {
  return [
    ...zeros('mem_not_counted_for_evict', 'mem_replication_backlog', 'mem_total_replication_buffers'),
    ['mem_clients_slaves', 0],
    ['mem_clients_normal', clientBytes(server)],
    ['mem_cluster_links', 0],
    ['mem_aof_buffer', logBytes(server)],
  ];
}

function clientBytes({ clients }: Server): number {
  return total(Array.from(clients.values(), ({ queryBytes, outputBytes }) => queryBytes + outputBytes));
}

function logBytes({ backend }: Server): number {
  return backend.store?.status.log.pendingBytes ?? 0;
}

function total(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0);
}

function ratio(part: number, whole: number): string {
  return (whole === 0 ? 0 : part / whole).toFixed(2);
}

function percentage(part: number, whole: number): string {
  return `${ratio(part * 100, whole)}%`;
}
