import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compare, type SpeedRow } from './compare.js';
import { SPEED_SETS } from './dataset.js';
import { isStandIn, type Job, ourCommand, ourJobs } from './jobs.js';
import { describePeers, describeRun, describeSetting, type Setting, settingOf } from './machine.js';
import { runMain } from './main.js';
import { formatMemory, MEMORY_SETS, type MemoryRow, measureMemory } from './memory.js';
import { type BenchOptions, checkNames, HELP, readOptions } from './options.js';
import { findPeers, type Peer } from './peers.js';
import { plotRatios } from './plot.js';
import { formatCommands, type Section, writeSection } from './results.js';
import { measureServeParts, SERVE_PARTS } from './serve-report.js';
import { buildCommand } from './setup.js';
import { describeGrowth, formatSizes, measureSizes, SIZED_JOBS, SIZED_SETS, type SizeRow } from './sizes.js';
import { type CommandLine, describePeaks, formatRatios, formatTimes, measureSpeed } from './speed.js';
import { formatStartUp, measureStartUp } from './startup.js';
import { isEngineStandIn } from './store-engine.js';
import { measureStoreParts, STORE_PARTS } from './store-report.js';
import type { TableStyle } from './table.js';
import { COMPARISONS, STAND_INS } from './targets.js';

const HERE = dirname(fileURLToPath(import.meta.url));
const RESULTS = join(HERE, 'RESULTS.md');
const PLOT = 'ratios.svg';

/** What a run found, in every form it is told in. */
interface Report {
  section: Section;
  setting: Setting;
  /** Members of the JSON object. */
  data: Readonly<Record<string, unknown>>;
  /** Paragraphs and tables. */
  format: (style: TableStyle) => string[];
  /** A text that only RESULTS.md has. */
  commands?: string;
  svg?: string;
  failures: readonly { set: string; job: string; isOurs: boolean; failure: string }[];
}

await runMain(main);

async function main(): Promise<void> {
  const options = await readOptions(process.argv.slice(2));
  if (options === undefined) {
    process.stdout.write(HELP);
    return;
  }
  if (options.store ? !isEngineStandIn() : !isStandIn()) await buildCommand(options.log);
  const report = await reportOf(options);
  print(report, options);
  if (options.write) writeResults(report);
  const plot = options.plot ?? (options.write ? join(HERE, PLOT) : undefined);
  if (report.svg !== undefined && plot !== undefined) writeFileSync(plot, report.svg);
  for (const { job, set, failure } of report.failures) process.stderr.write(`failed: ${job} on ${set}: ${failure}\n`);
  // A peer that cannot read what a newer server wrote is a result, not a fault of this run.
  if (report.failures.some(({ isOurs }) => isOurs)) process.exitCode = 1;
}

function reportOf(options: BenchOptions): Promise<Report> {
  if (options.store) return storeReport(options);
  if (options.serve) return serveReport(options);
  if (options.memory) return memoryReport(options);
  return options.sizes === undefined ? speedReport(options) : sizesReport(options, options.sizes);
}

async function speedReport(options: BenchOptions): Promise<Report> {
  const sets = checkNames(options.only ?? SPEED_SETS, SPEED_SETS);
  const peers = findPeers(options.server, options.log);
  const jobs = [...peers.flatMap((peer) => peer.jobs), ...chosenJobs(options)];
  options.log('measuring the start of the command');
  const startUp = await measureStartUp(ourCommand(), options.rounds);
  const rows: SpeedRow[] = [];
  const commands: CommandLine[] = [];
  for (const set of sets) {
    const run = await measureSpeed(set, jobs, options.rounds, options);
    rows.push(...run.rows);
    commands.push(...run.commands);
  }
  const ratios = compare(rows, COMPARISONS, STAND_INS);
  const setting = settingFor(options, peers);
  const report: Report = {
    section: 'Speed',
    setting,
    data: { rows, ratios, startUp },
    format: (style) => [
      describePeers(setting),
      formatRatios(ratios, style),
      formatTimes(rows, style),
      describePeaks(rows),
      formatStartUp(startUp, style),
    ],
    commands: formatCommands(commands, ourCommand()),
    failures: failuresOf(rows),
  };
  if (ratios.length === 0) return report;
  return { ...report, svg: plotRatios(ratios, describeRun(setting)) };
}

async function sizesReport(options: BenchOptions, sizes: readonly number[]): Promise<Report> {
  const all = ourJobs().filter(({ input }) => input === 'dump');
  const wanted = checkNames(options.jobs ?? SIZED_JOBS, namesOf(all));
  const jobs = all.filter(({ name }) => wanted.includes(name));
  const rows: SizeRow[] = [];
  for (const set of checkNames(options.only ?? ['strings'], SIZED_SETS)) {
    rows.push(...(await measureSizes(set, sizes, jobs, ourCommand(), options.rounds, options)));
  }
  const note = 'Costs per key and per byte are of the time beyond the start of the command.';
  return {
    section: 'Sizes',
    setting: { ...settingFor(options, []), scale: undefined },
    data: { rows },
    format: (style) => [formatSizes(rows, style), `${note} ${describeGrowth(rows)} ${describePeaks(rows)}`],
    failures: failuresOf(rows),
  };
}

async function memoryReport(options: BenchOptions): Promise<Report> {
  const jobs = chosenJobs(options).filter(({ input }) => input === 'dump');
  const rows: MemoryRow[] = [];
  for (const set of checkNames(options.only ?? MEMORY_SETS, MEMORY_SETS)) {
    rows.push(...(await measureMemory(set, jobs, options)));
  }
  return {
    section: 'Memory',
    setting: settingFor({ ...options, rounds: 1 }, []),
    data: { rows },
    format: (style) => [
      'Peak memory of one run each, on generated files: a dump of 100-byte strings, one giant value of each kind.',
      formatMemory(rows, style),
    ],
    failures: failuresOf(rows.map((row) => ({ ...row, isOurs: true }))),
  };
}

async function storeReport(options: BenchOptions): Promise<Report> {
  const { server } = options;
  if (server === undefined) throw new Error('there is no redis-server to measure beside (set REDIS_SERVER)');
  const parts = checkNames(options.only ?? STORE_PARTS, STORE_PARTS);
  const { peers, data, format, failures } = await measureStoreParts(parts, { ...options, server });
  return { section: 'Store', setting: settingFor(options, peers), data, format, failures };
}

async function serveReport(options: BenchOptions): Promise<Report> {
  const { server } = options;
  if (server === undefined) throw new Error('there is no redis-server to measure beside (set REDIS_SERVER)');
  const parts = checkNames(options.only ?? SERVE_PARTS, SERVE_PARTS);
  const { peers, data, format, failures } = await measureServeParts(parts, { ...options, server, our: ourCommand() });
  return { section: 'Serve', setting: settingFor(options, peers), data, format, failures };
}

function settingFor({ scale, rounds, server }: BenchOptions, peers: readonly Peer[]): Setting {
  return settingOf({ scale, rounds, server, peers });
}

function print({ section, setting, data, format }: Report, { json, style }: BenchOptions): void {
  if (json) {
    const object = { schema: 'rdb-inspect/bench@2', kind: section.toLowerCase(), ...setting, ...data };
    process.stdout.write(`${JSON.stringify(object, null, 2)}\n`);
    return;
  }
  process.stdout.write(`${paragraphs([describeSetting(setting), ...format(style)])}\n`);
}

function writeResults({ section, setting, format, commands, svg }: Report): void {
  const parts = [`${describeSetting(setting)}.`, ...format('markdown')];
  if (svg !== undefined) parts.splice(2, 0, `![Ratios by data set and job, with targets](${PLOT})`);
  if (commands !== undefined) parts.push('Commands, on the last dump and on the log:', `\`\`\`\n${commands}\`\`\``);
  writeSection(RESULTS, section, paragraphs(parts));
}

function paragraphs(parts: readonly string[]): string {
  return parts.map((part) => part.trimEnd()).join('\n\n');
}

function chosenJobs({ jobs }: BenchOptions): Job[] {
  const all = ourJobs();
  if (jobs === undefined) return all;
  checkNames(jobs, namesOf(all));
  return all.filter((job) => jobs.includes(job.name));
}

function namesOf(jobs: readonly Job[]): string[] {
  return jobs.map(({ name }) => name);
}

function failuresOf(
  rows: readonly { set: string; job: string; isOurs: boolean; failure: string | undefined }[],
): Report['failures'] {
  return rows.flatMap(({ set, job, isOurs, failure }) =>
    failure === undefined ? [] : [{ set, job, isOurs, failure }],
  );
}
