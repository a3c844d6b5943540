/** `export -f resp` and `-f restore`: commands for a server, and a report of what they cannot say. */
import { formatQuoted } from '../../bytes/quote.js';
import { describeLosses, type LossEntry, type LossLedger, type UnsupportedPolicy } from '../../convert/loss.js';
import type { CommandOptions } from '../../convert/rdb-to-commands/command-rows.js';
import { commandForms } from '../../convert/rdb-to-commands/forms.js';
import { RestoreHandler } from '../../convert/rdb-to-commands/restore-handler.js';
import { RewriteHandler } from '../../convert/rdb-to-commands/rewrite-handler.js';
import { findTarget, TARGETS, type Target } from '../../rdb/versions.js';
import { writeDiagnostic } from '../diagnostics.js';
import { EXIT } from '../exit-codes.js';
import { UsageError, withHint } from '../failures.js';
import { LossReport } from '../loss-report.js';
import { lossCountJson, lossJson } from '../render/convert-json.js';
import type { Session } from '../session.js';
import type { ExportContext, ExportHandler } from './export.js';

export type CommandFormat = 'resp' | 'restore';

/** What commander makes of the options of these formats. */
export interface CommandFormatOptions {
  readonly target?: string;
  readonly replace?: boolean;
  readonly onUnsupported?: UnsupportedPolicy;
  readonly report?: string;
  readonly verbose?: boolean;
}

/** The server that reads the commands. Throws UsageError for a target that there is not, or that has no RESTORE. */
export function targetOf(format: CommandFormat, options: CommandFormatOptions): Target | undefined {
  const target = options.target === undefined ? undefined : parseTarget(options.target);
  if (format === 'restore' && target !== undefined && !commandForms(target).restore)
    throw withHint(new UsageError(`${target.name} has no RESTORE`), '-f resp writes commands that it knows');
  return target;
}

/** Throws UsageError as {@link targetOf} does. */
export function commandHandler(
  format: CommandFormat,
  options: CommandFormatOptions,
): (context: ExportContext) => ExportHandler {
  const target = targetOf(format, options);
  const isVerbose = options.verbose ?? false;
  return ({ session, output, filter, onWarning, inputs }) => {
    const report = LossReport.open(options.report, inputs);
    const settings: CommandOptions = {
      target,
      filter,
      replace: options.replace,
      onUnsupported: options.onUnsupported,
      onLoss: (loss) => {
        report.add(loss);
        sayLoss(loss, session, isVerbose);
      },
      write: (bytes, start, end) => output.write(bytes, start, end),
      onWarning,
      isBehind: () => output.isBehind,
      nowMs: session.nowMs,
    };
    return format === 'resp' ? new RespExport(settings, session, report) : new RestoreExport(settings, session, report);
  };
}

class RespExport extends RewriteHandler implements ExportHandler {
  constructor(
    options: CommandOptions,
    private readonly session: Session,
    private readonly report: LossReport,
  ) {
    super(options);
  }

  get exitCode(): number {
    return exitCodeOf(this);
  }

  async finish(): Promise<void> {
    await finish(this, this.session, this.report);
  }

  discard(): void {
    this.report.discard();
  }
}

class RestoreExport extends RestoreHandler implements ExportHandler {
  constructor(
    options: CommandOptions,
    private readonly session: Session,
    private readonly report: LossReport,
  ) {
    super(options);
  }

  get exitCode(): number {
    return exitCodeOf(this);
  }

  async finish(): Promise<void> {
    await finish(this, this.session, this.report);
  }

  discard(): void {
    this.report.discard();
  }
}

function exitCodeOf({ ledger }: RewriteHandler | RestoreHandler): number {
  return ledger.total > 0 ? EXIT.LOSS : EXIT.OK;
}

async function finish(handler: RewriteHandler | RestoreHandler, session: Session, report: LossReport): Promise<void> {
  handler.flush();
  await reportLosses(handler.ledger, session, report);
}

/** What was lost, once everything has been written. */
export async function reportLosses({ lost, total }: LossLedger, session: Session, report: LossReport): Promise<void> {
  await report.commit({ schema: 'rdb-inspect/export@1', lost: lost.map(lossCountJson) });
  if (total === 0) return;
  session.note(`not everything was written: ${describeLosses(lost, (key) => formatQuoted(key, 0, key.length, 64))}`);
}

/** Each loss on a line of its own where somebody wants to know: programs always, people with -v. */
export function sayLoss(loss: LossEntry, session: Session, isVerbose: boolean): void {
  const { db, key, policy, detail } = loss;
  if (session.json) {
    writeDiagnostic(`${JSON.stringify({ loss: lossJson(loss) })}\n`);
  } else if (isVerbose) {
    const place = key === undefined ? '' : `db ${db}, key ${formatQuoted(key, 0, key.length, 64)}: `;
    session.note(`${place}${detail} (${policy === 'drop' ? 'left out' : 'written without'})`);
  }
}

function parseTarget(name: string): Target {
  const target = findTarget(name);
  if (target !== undefined) return target;
  throw withHint(new UsageError(`there is no target ${name}`), TARGETS.map((one) => one.name).join(', '));
}
