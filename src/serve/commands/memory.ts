/** MEMORY, beside MEMORY USAGE, which the engine has: of the process, as the machine counts it. */
import type { Call, CommandTable } from '../../engine/call.js';
import { DoubleReply, MapReply, OK, type Reply, VerbatimReply } from '../../engine/reply.js';
import { help, serverOf } from './server-of.js';

export const MEMORY_COMMANDS: CommandTable = {
  'MEMORY DOCTOR': doctor,
  'MEMORY STATS': stats,
  'MEMORY MALLOC-STATS': mallocStats,
  'MEMORY PURGE': () => OK,
  'MEMORY HELP': help('MEMORY', [
    'DOCTOR',
    '    Whether there is anything wrong with memory, in words.',
    'MALLOC-STATS',
    '    What the allocator says of itself.',
    'PURGE',
    '    Gives back what is not needed, as far as anybody can ask for it: nothing.',
    'STATS',
    '    What memory is used for.',
    'USAGE <key> [SAMPLES <count>]',
    '    The bytes that a key takes in the server that this one stands for.',
  ]),
};

/** MEMORY DOCTOR */
function doctor(): Reply {
  const { heapUsed, heapTotal, rss } = process.memoryUsage();
  return new VerbatimReply(`${heapUsed} bytes of a heap of ${heapTotal} are in use, in a process of ${rss} bytes.\n`);
}

/** MEMORY MALLOC-STATS */
function mallocStats(): Reply {
  const lines = Object.entries(process.memoryUsage()).map(([name, bytes]) => `${name}: ${bytes}`);
  return new VerbatimReply(`${lines.join('\n')}\n`);
}

/** MEMORY STATS: the names are the server's; what is not counted here is 0. */
function stats(call: Call): Reply {
  const { clients, backend } = serverOf(call);
  const { heapUsed, heapTotal, rss, arrayBuffers } = process.memoryUsage();
  const used = heapUsed + arrayBuffers;
  const databases = [...backend.engine.inUse()];
  const keys = databases.reduce((sum, { size }) => sum + size, 0);
  const buffers = [...clients.values()].reduce((sum, each) => sum + each.queryBytes + each.outputBytes, 0);
  const log = backend.store?.status.log.pendingBytes ?? 0;
  const dataset = Math.max(0, used - buffers - log);
  return new MapReply([
    ['peak.allocated', used],
    ['total.allocated', used],
    ['startup.allocated', 0],
    ['replication.backlog', 0],
    ['clients.slaves', 0],
    ['clients.normal', buffers],
    ['cluster.links', 0],
    ['aof.buffer', log],
    ['lua.caches', 0],
    ['functions.caches', 0],
    ...databases.map(({ index }): [string, Reply] => [`db.${index}`, emptyTables()]),
    ['overhead.total', buffers + log],
    ['keys.count', keys],
    ['keys.bytes-per-key', keys === 0 ? 0 : Math.floor(dataset / keys)],
    ['dataset.bytes', dataset],
    ['dataset.percentage', new DoubleReply(used === 0 ? 0 : (dataset / used) * 100)],
    ['peak.percentage', new DoubleReply(100)],
    ['allocator.allocated', used],
    ['allocator.active', heapTotal + arrayBuffers],
    ['allocator.resident', rss],
    ['allocator-fragmentation.ratio', new DoubleReply((heapTotal + arrayBuffers) / used)],
    ['allocator-fragmentation.bytes', heapTotal + arrayBuffers - used],
    ['allocator-rss.ratio', new DoubleReply(rss / (heapTotal + arrayBuffers))],
    ['allocator-rss.bytes', rss - heapTotal - arrayBuffers],
    ['rss-overhead.ratio', new DoubleReply(1)],
    ['rss-overhead.bytes', 0],
    ['fragmentation', new DoubleReply(rss / used)],
    ['fragmentation.bytes', rss - used],
  ]);
}

/** Of a database: its tables are not counted apart. */
function emptyTables(): Reply {
  return new MapReply([
    ['overhead.hashtable.main', 0],
    ['overhead.hashtable.expires', 0],
    ['overhead.hashtable.slot-to-keys', 0],
  ]);
}
