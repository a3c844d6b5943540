/** `aof truncate`: a log as it was at a moment, an offset, or before a command. */
import type { OpenedAofLog } from '../../../aof/directory/directory.js';
import type { LogFile, ManifestEntry } from '../../../aof/model.js';
import { mendingFiles } from '../../../aof/repair/repair-manifest.js';
import { writeDirectoryPart, writeFilePart } from '../../../aof/repair/repair-write.js';
import { planTruncate, type TruncatePlan } from '../../../aof/repair/truncate.js';
import { NoSuchPointError, type TruncatePoint } from '../../../aof/repair/truncate-point.js';
import { nodeFiles } from '../../../bytes/files-node.js';
import { baseName } from '../../../bytes/path.js';
import { splitArguments } from '../../../bytes/split-arguments.js';
import { EXIT } from '../../exit-codes.js';
import { inSource, NotFoundError, UsageError, withHint } from '../../failures.js';
import type { Invocation } from '../../invocation.js';
import { openLogArgument } from '../../log-source.js';
import { checkUncompressed } from '../../output-compressed.js';
import { aofTruncateJson, formatAofTruncate } from '../../render/aof-truncate.js';
import { Session, type SharedOptions } from '../../session.js';

export interface AofTruncateOptions extends SharedOptions {
  /** Unix ms. */
  readonly toTime?: number;
  readonly toOffset?: number;
  readonly file?: string;
  readonly beforeCommand?: string;
  readonly nth?: number;
  readonly history?: boolean;
  readonly dryRun?: boolean;
}

export async function runAofTruncate(
  arg: string,
  options: AofTruncateOptions,
  invocation: Invocation,
): Promise<number> {
  const { output: target, dryRun = false, ...shared } = options;
  const point = pointOf(arg, options);
  const session = new Session(shared, invocation.signal, invocation.nowMs);
  const files = mendingFiles(nodeFiles, () => undefined);
  const log = openLogArgument(arg, { signal: invocation.signal }, files);
  if (log.files.length === 0) throw new NotFoundError(`${log.name} lists no files: there is nothing to cut`);
  const plan = await makePlan(log, point, options, session);
  return await session.toOutputBeside([], async (output) => {
    if (!dryRun) await writeCopy(log, plan, target!);
    const written = dryRun ? undefined : target;
    if (session.json) output.text(`${JSON.stringify(aofTruncateJson(arg, plan, written))}\n`);
    else if (!session.quiet) output.text(formatAofTruncate(plan, written, session.style));
    return plan.commandsLost > 0 ? EXIT.LOSS : EXIT.OK;
  });
}

function pointOf(arg: string, options: AofTruncateOptions): TruncatePoint {
  const { toTime, toOffset, file, beforeCommand, nth, output, dryRun } = options;
  if (arg === '-' || /^https?:/i.test(arg))
    throw withHint(new UsageError('truncate reads a log more than once'), 'copy it to a file first');
  if (!dryRun && (output === undefined || output === '-'))
    throw new UsageError('truncate writes a new log: -o NAME is wanted');
  if (output !== undefined) checkUncompressed(output, 'a log is written as a server reads it, uncompressed');
  const points = [toTime, toOffset, beforeCommand].filter((one) => one !== undefined);
  if (points.length !== 1) throw new UsageError('one of --to-time, --to-offset and --before-command is wanted');
  if (file !== undefined && toOffset === undefined) throw new UsageError('--file belongs to --to-offset');
  if (nth !== undefined && beforeCommand === undefined) throw new UsageError('--nth belongs to --before-command');
  if (nth === 0) throw new UsageError('--nth counts from 1');
  if (toTime !== undefined) return { kind: 'time', seconds: Math.floor(toTime / 1000) };
  if (toOffset !== undefined) return { kind: 'offset', offset: toOffset, ...(file !== undefined && { file }) };
  const args = splitArguments(new TextEncoder().encode(beforeCommand!));
  if (args === undefined || args.length === 0) throw new UsageError(`--before-command ${beforeCommand} is no command`);
  return { kind: 'command', args, nth: nth ?? 1 };
}

async function makePlan(
  log: OpenedAofLog,
  point: TruncatePoint,
  { history = false }: AofTruncateOptions,
  session: Session,
): Promise<TruncatePlan> {
  const { limits, checksum } = session;
  const watched = (file: LogFile): LogFile => session.watchedFile(file);
  let current = log.name;
  try {
    return await planTruncate(
      { ...log, files: log.files.map(watched), history: log.history.map(watched) },
      { point, history, limits, checksum, files: nodeFiles, onFile: ({ name }) => (current = name) },
    );
  } catch (error) {
    if (error instanceof NoSuchPointError) {
      const found = withHint(new NotFoundError(`${log.name}: ${error.message}`), error.hint);
      throw inSource(found, log.name);
    }
    throw inSource(error, current);
  }
}

async function writeCopy(log: OpenedAofLog, plan: TruncatePlan, path: string): Promise<void> {
  const { facts, manifest } = log;
  if (facts === undefined || manifest === undefined) {
    await writeFilePart(plan.files[0]!, path, nodeFiles);
    return;
  }
  const parts = plan.files.map(({ file, kept }) => ({ file, kept, name: baseName(file.path!) }));
  const entries = parts.map(({ file, name }, index): ManifestEntry => {
    const type = index === 0 && isBase(file) ? 'base' : 'incr';
    return { name, seq: file.seq!, type };
  });
  await writeDirectoryPart({ fileName: facts.fileName, parts, entries }, path, nodeFiles);
}

function isBase({ role, name }: LogFile): boolean {
  return role === 'base' || (role === 'history' && /\.base\.(rdb|aof)$/.test(name));
}
