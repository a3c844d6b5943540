/** A log as a source of keys: its commands are replayed, and what they leave is read as a dump. */
import { setFlagsFromString } from 'node:v8';
import type { AofLog } from '../aof/model.js';
import { FormatError } from '../bytes/errors.js';
import type { ByteSource } from '../bytes/source.js';
import { type Replay, replayLog } from '../engine/replay-log.js';
import { replaySource } from '../engine/replay-source.js';
import { readRdb } from '../rdb/read.js';
import { SourceTarget } from '../rdb/source-target.js';
import type { Target } from '../rdb/versions.js';
import { withHint } from './failures.js';
import { LOOK_BYTES } from './recognize.js';
import { formatCount } from './render/quantity.js';
import type { Session } from './session.js';
import type { OpenedSource } from './source.js';
import type { LogChoice } from './source-directory.js';

/** What commander makes of the options about replaying. */
export interface ReplayOptions {
  readonly skipScripts?: boolean;
  readonly loadTruncated?: boolean;
  readonly replayTarget?: Target | undefined;
}

/**
 * V8 may let a heap grow fourfold before it collects what is old. Much of what an engine held is garbage by then: with twice
 * as much it takes as long, and an eighth less memory.
 */
const HEAP_GROWTH = '--heap-growing-percent=100';

/** Replays a log to its end, and says on standard error what was left out. Throws what replayLog throws, with hints. */
export async function openReplayed(
  log: AofLog,
  choice: LogChoice | undefined,
  options: ReplayOptions,
  session: Session,
): Promise<OpenedSource> {
  setFlagsFromString(HEAP_GROWTH);
  const { skipScripts = false, loadTruncated = false, replayTarget } = options;
  let replay: Replay;
  let current: { readonly name: string } = log;
  try {
    replay = await replayLog(log, {
      ...(replayTarget && { target: replayTarget }),
      likely: choice?.dump === undefined ? undefined : await writerOf(choice.dump),
      onUnknown: skipScripts ? 'skip' : 'error',
      onTruncated: loadTruncated ? 'stop' : 'error',
      limits: session.limits,
      checksum: session.checksum,
      read: (file, run) => {
        current = file;
        return session.readLog(file, run);
      },
      onWarning: (warning) => session.warn(warning, current),
    });
  } catch (error) {
    throw explain(error);
  }
  tell(log, replay, session);
  const source = replaySource(replay, log.name);
  const head = new Uint8Array(LOOK_BYTES);
  const { generation, writer } = replay;
  const size = source.readAt(0, head, 0, head.length);
  const again = (): ByteSource => replaySource(replay, log.name);
  return { source, head: head.subarray(0, size), replayed: { generation, writer, again } };
}

/** Who wrote a dump, by its head; undefined where that cannot be read. */
async function writerOf(path: string): Promise<Target | undefined> {
  const found = new SourceTarget();
  let isDump = false;
  try {
    for await (const entry of readRdb(path, { filter: { limit: 0 } })) {
      if (entry.kind === 'header') found.start(entry);
      else if (entry.kind === 'aux') found.aux(entry);
      else break;
      isDump = true;
    }
  } catch (error) {
    if (!(error instanceof FormatError) && (error as NodeJS.ErrnoException).code === undefined) throw error;
  }
  return isDump ? found.resolve() : undefined;
}

function explain(error: unknown): unknown {
  if (!(error instanceof FormatError)) return error;
  switch (error.code) {
    case 'UNKNOWN_COMMAND':
      return withHint(error, '--skip-scripts leaves out what cannot be replayed');
    case 'TRUNCATED':
    case 'OPEN_TRANSACTION':
      return withHint(error, '--load-truncated reads what stands before, as a server does; aof fix cuts the rest off');
    case 'BAD_COMMAND':
    case 'BAD_ANNOTATION':
      return withHint(error, 'rdb-inspect aof check says what is wrong, aof fix repairs it');
    default:
      return error;
  }
}

function tell(log: AofLog, { counts, cut }: Replay, session: Session): void {
  if (cut !== undefined) {
    const { code, message, offset } = cut.error;
    session.warn({ code, message: `${message}; what stands before was read`, offset }, cut.file);
  }
  const { skipped } = counts;
  if (skipped.size === 0) return;
  const names = [...skipped].map(([name, count]) => `${name} (${formatCount(count)})`).join(', ');
  session.warn({ code: 'SKIPPED', message: `left out, with whatever they did: ${names}` }, log);
  session.leftOut += [...skipped.values()].reduce((sum, count) => sum + count, 0);
}
