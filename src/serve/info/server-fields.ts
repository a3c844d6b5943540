/** INFO server and INFO clients. */
import os from 'node:os';
import { toByteString } from '../../bytes/byte-string.js';
import { encodePath } from '../../bytes/path.js';
import { releaseOf } from '../commands/server-of.js';
import type { Server } from '../server.js';
import { type InfoField, zeros } from './info-field.js';
import { identityOf } from './server-identity.js';

const SECONDS_PER_DAY = 86_400;
/** 24 bits (LRU_CLOCK_MAX). */
const CLOCK_SPAN = 2 ** 24;

export function serverFields(server: Server): InfoField[] {
  const { config, clock, startedMs } = server;
  const nowMs = clock();
  const uptime = Math.max(0, Math.floor((nowMs - startedMs) / 1000));
  return [
    ...versionFields(server),
    ['redis_git_sha1', '00000000'],
    ['redis_git_dirty', 0],
    ['redis_build_id', '0000000000000000'],
    ['redis_mode', 'standalone'],
    ['os', `${os.type()} ${os.release()} ${os.machine()}`],
    ['arch_bits', 64],
    ['monotonic_clock', 'POSIX clock_gettime'],
    ['multiplexing_api', 'libuv'],
    ['atomicvar_api', 'none'],
    ['gcc_version', '0.0.0'],
    ['process_id', process.pid],
    ['process_supervised', 'no'],
    ['run_id', identityOf(server).runId],
    ['tcp_port', config.number('port')],
    ['server_time_usec', BigInt(Math.floor(nowMs)) * 1000n],
    ['uptime_in_seconds', uptime],
    ['uptime_in_days', Math.floor(uptime / SECONDS_PER_DAY)],
    ['hz', config.number('hz')],
    ['configured_hz', config.number('hz')],
    ['lru_clock', Math.floor(nowMs / 1000) % CLOCK_SPAN],
    ['executable', toByteString(encodePath(process.execPath))],
    ['config_file', toByteString(encodePath(config.path ?? ''))],
    ['io_threads_active', 0],
  ];
}

/** Valkey gives the version of Redis that it is compatible with beside its own. */
const COMPATIBLE = '7.2.4';

function versionFields({ backend }: Server): InfoField[] {
  const { target } = backend.engine.settings;
  const release = releaseOf(target);
  if (target.family !== 'valkey') return [['redis_version', release]];
  return [
    ['redis_version', COMPATIBLE],
    ['server_name', 'valkey'],
    ['valkey_version', release],
  ];
}

export function clientFields({ clients, config, blocked }: Server): InfoField[] {
  let input = 0;
  let output = 0;
  for (const client of clients.values()) {
    input = Math.max(input, client.queryBytes);
    output = Math.max(output, client.outputBytes);
  }
  return [
    ['connected_clients', clients.size],
    ['cluster_connections', 0],
    ['maxclients', config.maxClients],
    ['client_recent_max_input_buffer', input],
    ['client_recent_max_output_buffer', output],
    ['blocked_clients', blocked.size],
    ...zeros('tracking_clients', 'clients_in_timeout_table'),
  ];
}
