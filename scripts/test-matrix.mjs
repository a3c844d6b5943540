/**
 * npm run test:matrix: the live tests against the servers that npm test does not use. `-- --renew` builds their trees
 * anew; file names, such as `-- test/live/aof`, choose tests. One line per server; the last line counts tests over all of
 * them.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { provideServers } from './servers.mjs';
import { ensureInstalled, packageBin, run } from './setup.mjs';

const args = process.argv.slice(2);
const chosen = args.filter((arg) => arg !== '--renew');
if (chosen.some((arg) => arg.startsWith('-'))) {
  process.stderr.write('usage: npm run test:matrix [-- [--renew] [test/live/…]]\n');
  process.exit(2);
}

const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'rdb-inspect-matrix-'));
process.on('exit', () => fs.rmSync(scratch, { recursive: true, force: true }));
const total = { passed: 0, failed: 0 };

try {
  await ensureInstalled(print);
  const { servers, missing } = await provideServers({ renew: args.includes('--renew'), say: print });
  for (const why of missing) print(`left out: ${why}`);
  for (const server of servers) await testWith(server);
  if (servers.length === 0) total.failed++;
} catch (error) {
  print(`FAIL ${/** @type {Error} */ (error).message}`);
  total.failed++;
}
print(`${total.passed} passed, ${total.failed} failed`);
if (total.failed > 0) process.exitCode = 1;

/** @param {import('./servers.mjs').Server} server */
async function testWith({ name, server }) {
  const startedAt = performance.now();
  const report = path.join(scratch, 'vitest.json');
  fs.rmSync(report, { force: true });
  const { status, output } = await run(
    process.execPath,
    [
      packageBin('vitest', 'vitest'),
      'run',
      ...(chosen.length > 0 ? chosen : ['test/live']),
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${report}`,
    ],
    { env: { REDIS_SERVER: server } },
  );
  const counts = fs.existsSync(report) ? JSON.parse(fs.readFileSync(report, 'utf8')) : undefined;
  const passed = counts?.numPassedTests ?? 0;
  const skipped = (counts?.numPendingTests ?? 0) + (counts?.numTodoTests ?? 0);
  // A file that does not even load fails without a test of its own.
  const failed = Math.max(counts?.numFailedTests ?? 0, status === 0 ? 0 : 1);
  total.passed += passed;
  total.failed += failed;
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  const figures = `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
  if (failed > 0) process.stdout.write(output);
  print(`${failed > 0 ? 'FAIL' : 'ok  '} ${name.padEnd(14)} ${seconds.padStart(6)} s  ${figures}`);
}

/** @param {string} text */
function print(text) {
  process.stdout.write(`${text}\n`);
}
