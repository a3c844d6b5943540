/** `aof history`: what happened to a key. */
import { type FollowedKey, type Following, type HistoryEvent, historyOfKey } from '../../../aof/history/history.js';
import type { AofLog, LogFile } from '../../../aof/model.js';
import { codeToExitCode, EXIT } from '../../exit-codes.js';
import { inSource, NotFoundError, UsageError } from '../../failures.js';
import type { Invocation } from '../../invocation.js';
import { logPaths, openLogArgument } from '../../log-source.js';
import type { Output } from '../../output.js';
import { followedJson, formatFollowed, formatHistoryEvent, historyEventJson } from '../../render/aof-history.js';
import { lineText, parseBytesArgument } from '../../render/bytes-text.js';
import { withRepeatableLog } from '../../repeatable-log.js';
import { Session, type SharedOptions } from '../../session.js';

export interface AofHistoryOptions extends SharedOptions {
  readonly db?: readonly number[];
  readonly follow: Following;
  readonly history?: boolean;
  readonly limit?: number;
}

export async function runAofHistory(
  arg: string,
  keyText: string,
  options: AofHistoryOptions,
  invocation: Invocation,
): Promise<number> {
  const key = parseBytesArgument(keyText);
  if ((options.db?.length ?? 0) > 1) throw new UsageError('one database at a time, or all of them');
  const session = new Session(options, invocation.signal, invocation.nowMs, true);
  const opened = openLogArgument(arg, { signal: invocation.signal });
  const log = options.history ? { ...opened, files: [...opened.history, ...opened.files] } : opened;
  return await session.toOutputBeside(logPaths(opened), async (output) =>
    withRepeatableLog(log, session, async (repeatable) => {
      const printer = new HistoryPrinter(repeatable.files, key, session, output);
      await printHistory(repeatable, key, options, printer, session);
      return printer.finish(repeatable);
    }),
  );
}

async function printHistory(
  log: AofLog,
  key: Uint8Array,
  { db, follow, limit }: AofHistoryOptions,
  printer: HistoryPrinter,
  session: Session,
): Promise<void> {
  const { limits, checksum } = session;
  printer.result = await historyOfKey(log, key, (batch) => printer.print(batch), {
    ...(db?.[0] !== undefined && { db: db[0] }),
    ...(limit !== undefined && { limit }),
    follow,
    limits,
    checksum,
    read: (file, run) => session.readLog(file, run),
    onFollowed: (keys) => printer.followed(keys),
  });
}

/** Lives of other keys that are listed before the events. */
const MAX_FOLLOWED = 20;

class HistoryPrinter {
  result: Awaited<ReturnType<typeof historyOfKey>> | undefined;
  private hasDeletions = false;

  constructor(
    private readonly files: readonly LogFile[],
    private readonly key: Uint8Array,
    private readonly session: Session,
    private readonly output: Output,
  ) {}

  followed(keys: readonly FollowedKey[]): void {
    const { session, output, files } = this;
    if (session.json) {
      for (const key of keys) output.text(`${JSON.stringify(followedJson(key, files))}\n`);
      return;
    }
    for (const key of keys.slice(0, MAX_FOLLOWED)) output.text(`${session.style.dim(formatFollowed(key, files))}\n`);
    if (keys.length > MAX_FOLLOWED) output.text(session.style.dim(`with ${keys.length - MAX_FOLLOWED} more\n`));
  }

  async print(batch: readonly HistoryEvent[]): Promise<void> {
    const { session, output, files, key } = this;
    for (const event of batch) {
      this.hasDeletions ||= event.kind === 'command' && event.effects.some(({ kind }) => kind === 'deleted');
      if (session.json) output.text(`${JSON.stringify(historyEventJson(event, files))}\n`);
      else output.text(formatHistoryEvent(event, files, key, session.style));
    }
    if (output.isTerminal) output.flush();
    if (output.isBehind) await output.drain();
  }

  /** Says what is left to say; returns the exit code. */
  finish(log: AofLog): number {
    const { session, output, key } = this;
    const { events, failure } = this.result!;
    output.flush();
    if (this.hasDeletions)
      session.note('a DEL or UNLINK may come from a client, from expiry or from eviction: the log does not tell which');
    if (failure !== undefined) {
      session.report(inSource(failure.error, log.files[failure.file]!.name));
      return codeToExitCode(failure.error.code);
    }
    if (events === 0) throw inSource(new NotFoundError(`nothing in the log names ${lineText(key)}`), log.name);
    return EXIT.OK;
  }
}
