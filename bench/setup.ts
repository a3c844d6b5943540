interface RedisScript {
  obtainRedis: () => Promise<{ server: string; version: string } | { why: string }>;
}

interface SetupScript {
  ensureReady: (say: (doing: string) => void) => Promise<void>;
}

/**
 * The redis-server that makes the data: the one the tests would use (REDIS_SERVER, PATH, the
 * cache, Debian's packages); undefined, with a line to `log`, when there is none.
 */
export async function findServer(log: (line: string) => void): Promise<string | undefined> {
  const { obtainRedis } = await importScript<RedisScript>('redis.mjs');
  const redis = await obtainRedis();
  if ('server' in redis) return redis.server;
  log(redis.why);
  return undefined;
}

/** Builds the command of this checkout when its sources are newer: a stale build would be measured unnoticed. */
export async function buildCommand(log: (line: string) => void): Promise<void> {
  const { ensureReady } = await importScript<SetupScript>('setup.mjs');
  await ensureReady(log);
}

/** The set-up scripts are plain JavaScript, since they run before TypeScript is installed; their types stand above. */
async function importScript<T>(name: string): Promise<T> {
  return (await import(new URL(`../scripts/${name}`, import.meta.url).href)) as T;
}
