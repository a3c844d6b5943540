/**
 * What one server says about itself: INFO, and CONFIG GET where it may be asked; managed services forbid it, and then
 * the defaults of redis.conf stand.
 */
import { TARGETS, type Target } from '../../rdb/versions.js';
import type { Questions } from './client.js';
import { formatAddress } from './endpoint.js';
import { TargetError } from './target-error.js';

export interface ServerFacts {
  readonly family: Target['family'];
  /** Such as `7.0.15`. */
  readonly version: string;
  /** The row of the table that its dumps are made by: the newest that is not newer than the server. */
  readonly target: Target;
  readonly role: 'primary' | 'replica';
  /** A primary, or a replica with `replica-read-only no`. */
  readonly isWritable: boolean;
  readonly isCluster: boolean;
  readonly databases: number;
  /** `proto-max-bulk-len`: the largest argument that it takes. */
  readonly maxBulkBytes: number;
  /** `maxmemory`; undefined where there is none. */
  readonly maxMemoryBytes: number | undefined;
}

const DEFAULT_DATABASES = 16;
const DEFAULT_MAX_BULK_BYTES = 512 * 1024 * 1024;

/** @throws TargetError (UNKNOWN_SERVER, NOPERM, LOST …) */
export async function askServerFacts(questions: Questions): Promise<ServerFacts> {
  const info = String(await questions.ask('INFO'));
  const { family, version } = identify(info, formatAddress(questions.endpoint));
  const isCluster = infoField(info, 'cluster_enabled') === '1';
  const role = infoField(info, 'role') === 'slave' ? 'replica' : 'primary';
  const maxMemory = Number(infoField(info, 'maxmemory') ?? 0);
  return {
    family,
    version,
    target: targetOfVersion(family, version),
    role,
    isWritable: role === 'primary' || infoField(info, 'slave_read_only') === '0',
    isCluster,
    // A cluster has one, except where Valkey 9 is told otherwise.
    databases: isCluster
      ? await askNumber(questions, 'cluster-databases', 1)
      : await askNumber(questions, 'databases', DEFAULT_DATABASES),
    maxBulkBytes: await askNumber(questions, 'proto-max-bulk-len', DEFAULT_MAX_BULK_BYTES),
    maxMemoryBytes: maxMemory > 0 ? maxMemory : undefined,
  };
}

/** The newest generation of `family` that is not newer than `version`; the oldest for what is older than all. */
export function targetOfVersion(family: Target['family'], version: string): Target {
  const rows = TARGETS.filter((target) => target.family === family);
  const wanted = generation(version);
  return rows.findLast((target) => generation(target.name.slice(family.length + 1)) <= wanted) ?? rows[0]!;
}

/** `7.0.15` and `7.0` as one number that grows with them. */
function generation(version: string): number {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major * 1000 + minor;
}

function identify(info: string, address: string): { family: Target['family']; version: string } {
  const valkey = infoField(info, 'valkey_version');
  if (valkey !== undefined) return { family: 'valkey', version: valkey };
  const version = infoField(info, 'redis_version');
  if (version === undefined || !/^\d+\.\d+/.test(version))
    throw new TargetError('UNKNOWN_SERVER', 'INFO names no redis_version', address);
  const isKeydb = infoField(info, 'executable')?.includes('keydb-server') ?? false;
  return { family: isKeydb ? 'keydb' : 'redis', version };
}

/** The value of a line `name:value` of INFO. */
export function infoField(info: string, name: string): string | undefined {
  const line = info.split(/\r?\n/).find((text) => text.startsWith(`${name}:`));
  return line?.slice(name.length + 1);
}

/** A number of the configuration, or `fallback` where the server does not know it or does not tell. */
async function askNumber(questions: Questions, name: string, fallback: number): Promise<number> {
  try {
    const reply = await questions.ask('CONFIG', 'GET', name);
    const value = Array.isArray(reply) && reply.length >= 2 ? Number(reply[1]) : Number.NaN;
    return Number.isSafeInteger(value) && value > 0 ? value : fallback;
  } catch (error) {
    if (error instanceof TargetError && (error.code === 'NOPERM' || error.code === 'REPLY')) return fallback;
    throw error;
  }
}
