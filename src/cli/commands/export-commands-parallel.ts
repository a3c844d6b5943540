/** `export -f resp` and `-f restore` by several threads: the same bytes as by one. */
import { EncodeError } from '../../bytes/errors.js';
import { type LossEntry, LossLedger } from '../../convert/loss.js';
import { CommandJoiner, CommandTask } from '../../convert/rdb-to-commands/command-task.js';
import type { ShardFilter } from '../../convert/shard-filter.js';
import { EXIT } from '../exit-codes.js';
import { withHint } from '../failures.js';
import type { Invocation } from '../invocation.js';
import { LossReport } from '../loss-report.js';
import { filterOf } from '../options.js';
import type { Output } from '../output.js';
import { readParallel } from '../read-parallel.js';
import type { Session } from '../session.js';
import { pathsOf, type SourceSpec } from '../source.js';
import { type ExportOptions, WITH_LOSS } from './export.js';
import { type CommandFormat, reportLosses, sayLoss, targetOf } from './export-commands.js';

export async function exportCommandsParallel(
  specs: readonly SourceSpec[],
  jobs: number,
  format: CommandFormat,
  options: ExportOptions,
  filter: ShardFilter | undefined,
  session: Session,
  output: Output,
  { signal }: Invocation,
): Promise<number> {
  const { replace, onUnsupported, verbose = false } = options;
  const settings = {
    format,
    target: targetOf(format, options)?.name,
    replace,
    onUnsupported,
    filter: filterOf(options),
    nowMs: session.nowMs,
  };
  const report = LossReport.open(options.report, specs.flatMap(pathsOf));
  const ledger = new LossLedger((loss: LossEntry) => {
    report.add(loss);
    sayLoss(loss, session, verbose);
  });
  const joiner = new CommandJoiner((bytes, start, end) => output.write(bytes, start, end), ledger);
  const task = new CommandTask(settings, filter);
  const spec = { name: 'commands', options: settings };
  try {
    const take = joiner.add.bind(joiner);
    await readParallel({ specs, jobs, file: 'worker', spec, task, filter, take, signal }, session, output);
  } catch (error) {
    report.discard();
    if (error instanceof EncodeError) withHint(error, WITH_LOSS);
    throw error;
  }
  await reportLosses(ledger, session, report);
  return ledger.total > 0 ? EXIT.LOSS : EXIT.OK;
}
