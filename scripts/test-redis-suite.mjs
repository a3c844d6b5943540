/**
 * npm run test:redis-suite: the tests of Redis 7.0.15's authors against `rdb-inspect serve`. One line per unit with its tests
 * that passed, of those that pass with the real server; below it whatever is otherwise than test/redis-suite says.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { judge, NOTHING_KNOWN } from './redis-suite-known.mjs';
import { OUR_SERVER, runUnit } from './redis-suite-run.mjs';
import { obtainSuite } from './redis-suite-source.mjs';
import { chooseJobs, knownUnits, MODES, readBaseline, writeBaseline } from './redis-suite-units.mjs';
import { ensureReady, StepError } from './setup.mjs';

/**
 * @typedef {import('./redis-suite-run.mjs').Mode} Mode
 * @typedef {import('./redis-suite-run.mjs').UnitRun} UnitRun
 * @typedef {import('./redis-suite-source.mjs').Suite} Suite
 * @typedef {import('./redis-suite-units.mjs').Job} Job
 */

const USAGE = `usage: npm run test:redis-suite [-- [UNIT…] [options]]
  UNIT                   such as unit/type/list or integration/aof; without any, those of the core
  --all                  every unit of the baseline instead
  --mode external|spawn  a server that runs already, or servers that the suite starts; without it, both
  --server COMMAND       another server, of which nothing is known to fail, such as a real redis-server
  --logs DIR             keeps what every unit printed
  --jobs N               units at a time (1)
  --limit SECONDS        of one unit (600)
  --record               writes what passes into the baseline; needs UNIT, --mode and --server
`;

const options = /** @type {const} */ ({
  all: { type: 'boolean', default: false },
  mode: { type: 'string' },
  server: { type: 'string' },
  logs: { type: 'string' },
  jobs: { type: 'string', default: '1' },
  limit: { type: 'string', default: '600' },
  record: { type: 'boolean', default: false },
});

const totals = { external: { passed: 0, total: 0, units: 0 }, spawn: { passed: 0, total: 0, units: 0 } };
/** @type {string[]} */
const otherwise = [];

for (const [signal, code] of /** @type {const} */ ([
  ['SIGINT', 130],
  ['SIGTERM', 143],
])) {
  process.on(signal, () => process.exit(code));
}

try {
  const chosen = understood();
  if (chosen.server === undefined) await ensureReady(print);
  const suite = await obtainSuite();
  if ('why' in suite) throw new Error(`the suite could not be obtained: ${suite.why}`);
  await runAll(chosen, suite);
  summarize(chosen.logs);
} catch (error) {
  if (error instanceof StepError) process.stderr.write(error.output);
  process.stderr.write(`${/** @type {Error} */ (error).message}\n`);
  process.exitCode = 1;
}

function understood() {
  try {
    return understand();
  } catch (error) {
    process.stderr.write(`${/** @type {Error} */ (error).message}\n${USAGE}`);
    process.exit(2);
  }
}

/** What is asked for; throws a TypeError where that cannot be. */
function understand() {
  const { values, positionals } = parseArgs({ options, allowPositionals: true });
  const { server, record, all } = values;
  const mode = MODES.find((each) => each === values.mode);
  if (mode !== values.mode) throw new TypeError(`no such mode: ${values.mode}`);
  const [parallel, limitSeconds] = [Number(values.jobs), Number(values.limit)];
  if (!(parallel >= 1 && limitSeconds >= 1)) throw new TypeError('a number of at least 1 was expected');
  const logs = path.resolve(values.logs ?? path.join(os.tmpdir(), `rdb-inspect-suite-logs-${process.pid}`));
  const common = { server, logs, keepAll: values.logs !== undefined, parallel, limitSeconds, record };
  if (!record) return { ...common, jobs: chooseJobs(positionals, { mode, all, baseline: readBaseline() }) };
  if (mode === undefined || server === undefined || positionals.length === 0) {
    throw new TypeError('--record needs units, --mode and --server');
  }
  return { ...common, jobs: positionals.map((unit) => ({ mode, unit })) };
}

/**
 * @param {ReturnType<typeof understand>} chosen
 * @param {Suite} suite
 */
async function runAll(chosen, suite) {
  const known = chosen.server === undefined ? knownUnits() : () => NOTHING_KNOWN;
  const queue = [...chosen.jobs];
  const work = async () => {
    for (let job = queue.shift(); job !== undefined; job = queue.shift()) {
      const leftOut = known(job).tests.filter(({ fate }) => fate === 'left out');
      const run = await runUnit({
        ...job,
        suite,
        server: chosen.server ?? OUR_SERVER,
        leftOut: leftOut.map(({ name }) => name),
        limitSeconds: chosen.limitSeconds,
      });
      if (chosen.record) record(job, run);
      const problems = judge(run.log, totalOf(job), known(job));
      report(job, run, problems);
      if (chosen.keepAll || problems.length > 0) keep(job, run, chosen.logs);
      run.discard();
    }
  };
  await Promise.all(Array.from({ length: chosen.parallel }, work));
}

/** @param {Job} job */
function totalOf({ mode, unit }) {
  return readBaseline()[mode][unit] ?? 0;
}

/**
 * @param {Job} job
 * @param {UnitRun} run
 */
function record({ mode, unit }, { log }) {
  const baseline = readBaseline();
  if (log.passed.length > 0) baseline[mode][unit] = log.passed.length;
  writeBaseline(baseline);
}

/**
 * @param {Job} job
 * @param {UnitRun} run
 * @param {readonly string[]} problems
 */
function report(job, { log, seconds }, problems) {
  const total = totalOf(job);
  const passed = log.passed.length;
  const name = `${job.mode.padEnd(8)} ${job.unit.padEnd(40)}`;
  const known = passed < total && problems.length === 0 ? `  ${total - passed} known not to pass` : '';
  const figures = `${String(passed).padStart(4)}/${String(total).padEnd(4)} ${seconds.toFixed(1).padStart(6)} s`;
  print(`${problems.length > 0 ? 'FAIL' : 'ok  '} ${name} ${figures}${known}`);
  for (const problem of problems) print(`     ${problem}`);
  if (problems.length > 0) otherwise.push(`${job.mode} ${job.unit}`);
  totals[job.mode].passed += passed;
  totals[job.mode].total += total;
  totals[job.mode].units++;
}

/**
 * What the unit printed, and what its servers left: their output, their files.
 * @param {Job} job
 * @param {UnitRun} run
 * @param {string} logs
 */
function keep({ mode, unit }, { folder }, logs) {
  const place = path.join(logs, `${mode}-${unit.replaceAll('/', '-')}`);
  fs.rmSync(place, { recursive: true, force: true });
  fs.mkdirSync(place, { recursive: true });
  for (const name of ['suite.log', 'server.log', 'tests/tmp']) {
    const from = path.join(folder, name);
    const filter = (/** @type {string} */ file) => !fs.lstatSync(file).isSocket();
    if (fs.existsSync(from)) fs.cpSync(from, path.join(place, path.basename(name)), { recursive: true, filter });
  }
}

/** @param {string} logs */
function summarize(logs) {
  for (const mode of MODES) {
    const { passed, total, units } = totals[mode];
    if (units > 0) print(`${mode}: ${passed} of ${total} tests in ${units} units`);
  }
  if (otherwise.length === 0) return;
  print(`FAILED: ${otherwise.join(', ')}; see ${logs}`);
  process.exitCode = 1;
}

/** @param {string} text */
function print(text) {
  process.stdout.write(`${text}\n`);
}
