/** `diff`: what differs between two dumps. */
import { type DiffOptions, RdbDiff } from '../../inspect/diff/diff.js';
import { EXIT } from '../exit-codes.js';
import { OutputError, UsageError } from '../failures.js';
import type { Invocation } from '../invocation.js';
import { type FilterOptions, filterOf } from '../options.js';
import type { Output } from '../output.js';
import { Progress } from '../progress.js';
import { DiffLines, diffSummaryJson } from '../render/diff-json.js';
import { formatDifference, formatDiffSummary } from '../render/diff-text.js';
import { type SeekableInput, withSeekable } from '../seekable-input.js';
import { Session, type SharedOptions } from '../session.js';

export interface DiffCommandOptions extends SharedOptions, FilterOptions {
  readonly summary?: boolean;
  readonly keys?: boolean;
  readonly fields?: boolean;
  readonly ignoreTtl?: boolean;
}

type Level = NonNullable<DiffOptions['level']>;

/** Values may be compared for long without waiting for anything: signals are let in this often. */
const BREATH_MS = 50;

export async function runDiff(
  beforeArg: string,
  afterArg: string,
  options: DiffCommandOptions,
  invocation: Invocation,
): Promise<number> {
  const level = levelOf(options);
  if (beforeArg === '-' && afterArg === '-') throw new UsageError('standard input can be read only once');
  const session = new Session(options, invocation.signal, invocation.nowMs);
  const specs = [await session.resolveOne(beforeArg), await session.resolveOne(afterArg)];
  return await session.toOutput(specs, async (output) => {
    const progress = Progress.create(options.progress, level !== 'summary' && output.isTerminal);
    return await withSeekable(specs, session, progress, async (inputs) => {
      const [before, after] = inputs as [SeekableInput, SeekableInput];
      const diff = new RdbDiff(inputOf(before), inputOf(after), {
        level,
        ...filterFor(options, level),
        ignoreTtl: options.ignoreTtl ?? false,
        nowMs: session.nowMs,
        checksum: session.checksum,
        limits: session.limits,
        onWarning: (warning, side) => {
          progress.clear();
          session.warn(warning, side === 'before' ? before.spec : after.spec);
        },
        pause: breather(session.signal),
      });
      try {
        await print(diff, level, session, output);
      } catch (error) {
        throw error instanceof OutputError ? error : (diff.reading === 'before' ? before : after).about(error);
      }
      const { summary } = diff;
      if (level === 'summary') {
        const names = [before.spec.name, after.spec.name] as const;
        output.text(
          session.json
            ? `${JSON.stringify(diffSummaryJson(names, summary))}\n`
            : formatDiffSummary(names, summary, session.style),
        );
      }
      return summary.same ? EXIT.OK : EXIT.BAD;
    });
  });
}

async function print(diff: RdbDiff, level: Level, session: Session, output: Output): Promise<void> {
  const withParts = level === 'fields';
  const lines = session.json ? new DiffLines(output, withParts) : undefined;
  for await (const difference of diff.differences()) {
    if (lines === undefined) output.text(formatDifference(difference, session.style, withParts));
    else lines.write(difference);
    if (output.isBehind) await output.drain();
  }
  lines?.end();
}

/** A limit is one of differences, which a summary does not list. */
function filterFor(options: DiffCommandOptions, level: Level): Pick<DiffOptions, 'filter'> {
  const filter = filterOf(options);
  if (filter === undefined) return {};
  const { limit, ...rest } = filter;
  return { filter: level === 'summary' || limit === undefined ? rest : { ...rest, limit } };
}

function levelOf({ summary, keys, fields }: DiffCommandOptions): Level {
  if (Number(summary ?? false) + Number(keys ?? false) + Number(fields ?? false) > 1) {
    throw new UsageError('one of --summary, --keys and --fields at the most');
  }
  return fields ? 'fields' : keys ? 'keys' : 'summary';
}

function inputOf(input: SeekableInput): ConstructorParameters<typeof RdbDiff>[0] {
  return { source: input.source, rewind: () => input.rewind() };
}

function breather(signal: AbortSignal): () => Promise<void> {
  let last = performance.now();
  return async () => {
    const now = performance.now();
    if (now - last < BREATH_MS) return;
    last = now;
    await new Promise((resolve) => setImmediate(resolve));
    signal.throwIfAborted();
  };
}
