/** A dump as commands by several threads: the same bytes as by one. */
import { copyBytes } from '../../bytes/slice.js';
import type { ByteSource } from '../../bytes/source.js';
import { compileFilter } from '../../rdb/filter.js';
import { piecesInOrder } from '../../workers/pieces-in-order.js';
import { LossLedger } from '../loss.js';
import { CommandJoiner, type CommandResult, CommandTask, type CommandTaskOptions } from './command-task.js';
import type { CommandExportOptions } from './export.js';

export async function* exportCommandsBySeveral(
  source: ByteSource,
  jobs: number,
  nowMs: number,
  options: CommandExportOptions,
): AsyncGenerator<Uint8Array, void, void> {
  const { format = 'resp', target, replace, onUnsupported, onLoss, filter, checksum = true, limits } = options;
  const settings: CommandTaskOptions = { format, target: target?.name, replace, onUnsupported, filter, nowMs };
  let pieces: Uint8Array[] = [];
  const ledger = new LossLedger(onLoss ?? (() => undefined));
  const joiner = new CommandJoiner((bytes, start, end) => pieces.push(copyBytes(bytes, start, end)), ledger);
  const piecesOf = (result: CommandResult): Uint8Array[] => {
    joiner.add(result);
    const joined = pieces;
    pieces = [];
    return joined;
  };
  yield* piecesInOrder({
    source,
    jobs,
    file: 'worker',
    spec: { name: 'commands', options: settings },
    task: new CommandTask(settings, filter && compileFilter(filter, nowMs, source)),
    piecesOf,
    warning: options.onWarning ?? (() => undefined),
    driver: { checksum, ...(limits && { limits }) },
  });
}
