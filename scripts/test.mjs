/**
 * npm test: sets up what it needs, then checks everything; `npm test -- --no-live` leaves the tests with a real server or
 * browser out. One line per step, its output only where it failed; the last line counts tests, and failed steps as failed.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { obtainChromium } from './chromium.mjs';
import { obtainRedis } from './redis.mjs';
import { build, ensureInstalled, locked, npm, packageBin, root, run, StepError } from './setup.mjs';

const args = process.argv.slice(2);
if (args.some((arg) => arg !== '--no-live')) {
  process.stderr.write('usage: npm test [-- --no-live]\n');
  process.exit(2);
}

const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'rdb-inspect-test-'));
process.on('exit', () => fs.rmSync(scratch, { recursive: true, force: true }));
for (const [signal, code] of /** @type {const} */ ([
  ['SIGINT', 130],
  ['SIGTERM', 143],
])) {
  process.on(signal, () => process.exit(code));
}

const tests = { passed: 0, failed: 0, skipped: 0 };
/** @type {string[]} */
const failedSteps = [];

if (await step('install', install)) {
  const left = { why: 'they were left out by --no-live' };
  const redis = args.includes('--no-live') ? left : await server();
  const browser = args.includes('--no-live') ? left : await chromium();
  await step('format', () => tool('@biomejs/biome', 'biome', ['check', '--linter-enabled=false']));
  await step('lint', () => tool('@biomejs/biome', 'biome', ['lint', '--error-on-warnings']));
  await step('types', () => tool('typescript', 'tsc', ['--noEmit']));
  await step('page', () => tool('typescript', 'tsc', ['--noEmit', '-p', 'src/inspect/report/page']));
  await step('build', () => locked(build));
  await step('tests', () =>
    runTests({
      ...('server' in redis ? { REDIS_SERVER: redis.server } : { RDB_INSPECT_NO_LIVE: '1' }),
      ...('chromium' in browser ? { CHROMIUM: browser.chromium } : { RDB_INSPECT_NO_BROWSER: '1' }),
    }),
  );
  await step('publint', async () => tool('publint', 'publint', ['run', await pack(), '--strict']));
  await step('attw', async () => tool('@arethetypeswrong/cli', 'attw', [await pack(), '--profile', 'node16']));
  if (!('server' in redis)) await reportLeftOut('live', redis.why, 'redis-server');
  if (!('chromium' in browser)) await reportLeftOut('browser', browser.why, 'chromium');
}
summarize();

/**
 * @param {string} name
 * @param {() => Promise<string | void>} work returns a remark for its line; throws a StepError where it failed
 * @returns {Promise<boolean>} whether it succeeded
 */
async function step(name, work) {
  const startedAt = performance.now();
  const line = (/** @type {string} */ state, /** @type {string} */ remark) => {
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    return `${state} ${name.padEnd(8)} ${seconds.padStart(6)} s${remark ? `  ${remark}` : ''}\n`;
  };
  if (process.stdout.isTTY) process.stdout.write(`...  ${name}\r`);
  try {
    process.stdout.write(line('ok  ', (await work()) ?? ''));
    return true;
  } catch (error) {
    const printed = error instanceof StepError ? error.output.trimEnd() : '';
    const output = process.stdout.isTTY ? printed : stripVTControlCharacters(printed);
    process.stdout.write(`${line('FAIL', /** @type {Error} */ (error).message)}${output}${output ? '\n' : ''}`);
    failedSteps.push(name);
    return false;
  }
}

async function install() {
  await ensureInstalled(() => {});
}

/** @returns {ReturnType<typeof obtainRedis>} */
async function server() {
  /** @type {Awaited<ReturnType<typeof obtainRedis>>} */
  let found = { why: 'the search for one failed' };
  // Where there is none this is said at the end, with the number of tests that it concerns.
  await step('redis', async () => {
    found = await obtainRedis();
    return 'server' in found ? `${found.version}, ${found.server}` : 'none';
  });
  return found;
}

/** @returns {ReturnType<typeof obtainChromium>} */
async function chromium() {
  /** @type {Awaited<ReturnType<typeof obtainChromium>>} */
  let found = { why: 'the search for one failed' };
  await step('chromium', async () => {
    found = await obtainChromium();
    return 'chromium' in found ? `${found.version}, ${found.chromium}` : 'none';
  });
  return found;
}

/**
 * @param {string} packageName
 * @param {string} command
 * @param {readonly string[]} commandArgs
 */
async function tool(packageName, command, commandArgs) {
  const { status, output } = await run(process.execPath, [packageBin(packageName, command), ...commandArgs]);
  if (status !== 0) throw new StepError(`exit code ${status}`, output);
}

/** @param {Record<string, string>} env */
async function runTests(env) {
  const report = path.join(scratch, 'vitest.json');
  const { status, output } = await run(
    process.execPath,
    [packageBin('vitest', 'vitest'), 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`],
    { env },
  );
  const unheard = new StepError(`exit code ${status}`, output);
  if (!fs.existsSync(report)) throw unheard;
  const counts = JSON.parse(fs.readFileSync(report, 'utf8'));
  tests.passed = counts.numPassedTests;
  tests.failed = counts.numFailedTests;
  tests.skipped = counts.numPendingTests + counts.numTodoTests;
  if (status !== 0) throw unheard;
  return `${tests.passed} in ${counts.testResults.length} files`;
}

/** Packs once; what is checked is what would be published. */
async function pack() {
  const known = fs.readdirSync(scratch).find((name) => name.endsWith('.tgz'));
  if (known) return path.join(scratch, known);
  const { status, output } = await npm(['pack', '--ignore-scripts', '--pack-destination', scratch]);
  if (status !== 0) throw new StepError('npm pack failed', output);
  return pack();
}

/**
 * @param {string} kind the folder of the tests
 * @param {string} why
 * @param {string} wanted the package that they need
 */
async function reportLeftOut(kind, why, wanted) {
  const folder = path.join(root, 'test', kind);
  if (!fs.existsSync(folder)) return;
  const list = path.join(scratch, `${kind}.json`);
  await run(process.execPath, [packageBin('vitest', 'vitest'), 'list', `test/${kind}`, `--json=${list}`]);
  const count = fs.existsSync(list) ? JSON.parse(fs.readFileSync(list, 'utf8')).length : 'all';
  process.stdout.write(`NOT RUN: ${count} ${kind} tests, because ${why}`);
  if (args.includes('--no-live')) {
    process.stdout.write('\n');
  } else {
    process.stdout.write(`; install ${wanted}\n`);
    process.exitCode = 1;
  }
  if (typeof count === 'number') tests.skipped += count;
}

function summarize() {
  // A failing test is counted by itself; everything else that failed counts once.
  const otherSteps = failedSteps.filter((name) => name !== 'tests' || tests.failed === 0);
  const failed = tests.failed + otherSteps.length;
  if (failedSteps.length > 0) process.stdout.write(`FAILED: ${failedSteps.join(', ')}\n`);
  if (failed > 0) process.exitCode = 1;
  const skipped = tests.skipped > 0 ? `, ${tests.skipped} skipped` : '';
  process.stdout.write(`${tests.passed} passed, ${failed} failed${skipped}\n`);
}
