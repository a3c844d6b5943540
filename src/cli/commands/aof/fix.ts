/** `aof fix`: a repaired copy of a log, or the log repaired where it lies. */
import { setTimeout as sleep } from 'node:timers/promises';
import { WRITING_MS } from '../../../aof/check/check.js';
import type { OpenedAofLog } from '../../../aof/directory/directory.js';
import type { ManifestEntry } from '../../../aof/model.js';
import { checkUnchanged, isNeeded, planRepair, type RepairMode, type RepairPlan } from '../../../aof/repair/repair.js';
import { mendingFiles } from '../../../aof/repair/repair-manifest.js';
import { repairInPlace, writeDirectoryPart, writeFilePart } from '../../../aof/repair/repair-write.js';
import type { Confidence } from '../../../aof/repair/salvage-resume.js';
import { FormatError } from '../../../bytes/errors.js';
import { nodeFiles } from '../../../bytes/files-node.js';
import { baseName } from '../../../bytes/path.js';
import { EXIT } from '../../exit-codes.js';
import { inSource, UsageError, withHint } from '../../failures.js';
import type { Invocation } from '../../invocation.js';
import { openLogArgument } from '../../log-source.js';
import { checkUncompressed } from '../../output-compressed.js';
import { aofFixJson, type FixOutcome, formatAofFix } from '../../render/aof-fix.js';
import { Session, type SharedOptions } from '../../session.js';

export interface AofFixOptions extends SharedOptions {
  readonly tail?: boolean;
  readonly salvage?: boolean;
  readonly minConfidence: Confidence;
  readonly inPlace?: boolean;
  readonly dryRun?: boolean;
}

export async function runAofFix(arg: string, options: AofFixOptions, invocation: Invocation): Promise<number> {
  const mode = modeOf(arg, options);
  // What goes to standard output is what has been done.
  const { output: target, ...shared } = options;
  const session = new Session(shared, invocation.signal, invocation.nowMs);
  const mended = new Set<string>();
  const files = mendingFiles(nodeFiles, (path) => mended.add(path));
  const log = openLogArgument(arg, { signal: invocation.signal }, files);
  await waitUntilQuiet(log, invocation.signal);
  const plan = await makePlan(log, mode, options, session);
  return await session.toOutputBeside([], async (output) => {
    const outcome = await carryOut(log, plan, { ...options, target, mended });
    if (session.json) output.text(`${JSON.stringify(aofFixJson(arg, plan, outcome))}\n`);
    else if (!session.quiet) output.text(formatAofFix(plan, outcome, session.style));
    return plan.commandsLost > 0 || plan.mayLoseMore ? EXIT.LOSS : EXIT.OK;
  });
}

function modeOf(arg: string, { tail, salvage, inPlace, output }: AofFixOptions): RepairMode {
  if (tail && salvage) throw new UsageError('--tail and --salvage are two ways: one of them is wanted');
  if (inPlace && output !== undefined) throw new UsageError('--in-place and -o name two places: one of them is wanted');
  if (output === '-') throw new UsageError('fix writes a file, or a directory: -o NAME');
  if (output !== undefined) checkUncompressed(output, 'a log is written as a server reads it, uncompressed');
  if (arg === '-' || /^https?:/i.test(arg))
    throw withHint(new UsageError('fix reads a log more than once'), 'copy it to a file first');
  return salvage ? 'salvage' : 'tail';
}

async function makePlan(
  log: OpenedAofLog,
  mode: RepairMode,
  { minConfidence }: AofFixOptions,
  session: Session,
): Promise<RepairPlan> {
  const { limits, checksum } = session;
  const watched = log.files.map((file) => session.watchedFile(file));
  let current = log.name;
  try {
    return await planRepair(
      { ...log, files: watched },
      { mode, minConfidence, limits, checksum, files: nodeFiles, onFile: ({ name }) => (current = name) },
    );
  } catch (error) {
    throw inSource(explain(error), current);
  }
}

function explain(error: unknown): unknown {
  if (!(error instanceof FormatError)) return error;
  if (error.code === 'MISSING_FILE')
    return withHint(error, 'restore it from a backup; --salvage leaves a missing increment out of the manifest');
  if (error.code === 'UNSUPPORTED_INPUT') return withHint(error, 'stop the server first, or copy the log');
  if (error.code === 'NOT_AOF') return error;
  return withHint(error, 'a damaged dump at the head of a log is mended by nothing: restore it from a backup');
}

interface Execution extends Pick<AofFixOptions, 'inPlace' | 'dryRun'> {
  readonly target: string | undefined;
  /** Manifests that are to be written anew, since their server refuses them. */
  readonly mended: ReadonlySet<string>;
}

async function carryOut(log: OpenedAofLog, plan: RepairPlan, execution: Execution): Promise<FixOutcome> {
  const { target, inPlace, dryRun, mended } = execution;
  const { manifestPath } = log.facts ?? {};
  const isManifestNew = plan.unlisted.length > 0 || mended.size > 0;
  const writesManifest = isManifestNew && manifestPath !== undefined;
  const isNothing = !isNeeded(plan) && !isManifestNew;
  if (dryRun || (isNothing && target === undefined)) return { isNothing, isDryRun: dryRun ?? false, writesManifest };
  for (const file of plan.files) checkUnchanged(file, nodeFiles);
  if (inPlace) {
    const manifest = writesManifest ? { path: manifestPath, entries: entriesOf(log, plan, true) } : undefined;
    return { isNothing, isDryRun: false, writesManifest, inPlace: await repairInPlace(plan, manifest, nodeFiles) };
  }
  const path = target ?? defaultTarget(log);
  await writeCopy(log, plan, path);
  return { isNothing, isDryRun: false, writesManifest, copy: path };
}

async function writeCopy(log: OpenedAofLog, plan: RepairPlan, path: string): Promise<void> {
  const { facts, manifest } = log;
  if (facts === undefined || manifest === undefined) {
    await writeFilePart(plan.files[0]!, path, nodeFiles);
    return;
  }
  const parts = plan.files.map(({ file, kept }) => ({ file, kept, name: baseName(file.path!) }));
  const entries = entriesOf(log, plan, false);
  await writeDirectoryPart({ fileName: facts.fileName, parts, entries }, path, nodeFiles);
}

/** Without what is not listed any more; history files stay where they are, and out of copies. */
function entriesOf({ manifest }: OpenedAofLog, { unlisted }: RepairPlan, keepsHistory: boolean): ManifestEntry[] {
  return manifest!.entries.filter((entry) => !unlisted.includes(entry) && (keepsHistory || entry.type !== 'history'));
}

function defaultTarget({ facts, manifest, files, name }: OpenedAofLog): string {
  return `${(manifest === undefined ? files[0]?.path : facts?.directory) ?? name}.fixed`;
}

/** Throws where a file was written a moment ago, and is written to again. */
async function waitUntilQuiet({ files }: OpenedAofLog, signal: AbortSignal): Promise<void> {
  const before = files.map(({ path }) => (path === undefined ? undefined : nodeFiles.stat(path)));
  const youngest = Math.max(0, ...before.map((stat) => stat?.modifiedMs ?? 0));
  const left = WRITING_MS - (Date.now() - youngest);
  if (left <= 0) return;
  try {
    await sleep(Math.min(left, WRITING_MS), undefined, { signal });
  } catch (error) {
    throw signal.reason ?? error;
  }
  files.forEach((file, index) => {
    try {
      checkUnchanged(
        {
          file,
          sizeBytes: 0,
          kept: [],
          cuts: [],
          commandsLost: 0,
          mayLoseMore: false,
          sha256: undefined,
          stat: before[index],
        },
        nodeFiles,
      );
    } catch (error) {
      throw inSource(explain(error), file.name);
    }
  });
}
