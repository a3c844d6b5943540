/**
 * npm run test:long: minutes of fuzzing, the engine beside a live server for twenty seeds, and the power taken away at more than
 * ten thousand places of a store's life. `-- --minutes N` for how long the first (3), `--seed N` to begin with a certain case,
 * and `--cases N` for how many cases at most.
 */
import { spawn } from 'node:child_process';
import { parseArgs } from 'node:util';
import { obtainRedis } from './redis.mjs';
import { ensureInstalled, packageBin, root } from './setup.mjs';

const options = /** @type {const} */ ({
  minutes: { type: 'string', default: '3' },
  seed: { type: 'string', default: String(Date.now() % 1_000_000_000) },
  cases: { type: 'string' },
});

try {
  const { minutes, seed, cases } = parseArgs({ options }).values;
  if (![minutes, seed, cases ?? '1'].every((text) => Number(text) > 0)) throw new TypeError('a number was expected');
  await ensureInstalled((doing) => void process.stdout.write(`${doing}\n`));
  const redis = await obtainRedis();
  if (!('server' in redis)) throw new Error(`no redis-server: ${redis.why}`);
  process.stdout.write(`seed ${seed}, ${minutes} minutes\n`);
  process.exitCode = await vitest({
    RDB_INSPECT_LONG: '1',
    REDIS_SERVER: redis.server,
    RDB_INSPECT_FUZZ_MINUTES: minutes,
    RDB_INSPECT_FUZZ_SEED: seed,
    ...(cases && { RDB_INSPECT_FUZZ_CASES: cases }),
  });
} catch (error) {
  process.stderr.write(`${/** @type {Error} */ (error).message}\n`);
  process.stderr.write('usage: npm run test:long [-- --minutes N --seed N --cases N]\n');
  process.exitCode = 2;
}

/**
 * @param {Record<string, string>} env
 * @returns {Promise<number>} its exit code
 */
function vitest(env) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [packageBin('vitest', 'vitest'), 'run', 'test/long'], {
      cwd: root,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    child.on('close', (status) => resolve(status ?? 1));
  });
}
