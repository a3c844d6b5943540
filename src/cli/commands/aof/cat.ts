/** `aof cat`: the commands of a log, one per line. */
import { CommandFilter } from '../../../aof/command-filter.js';
import { AofDriver } from '../../../aof/driver.js';
import type { Holding } from '../../../aof/large-command.js';
import { openTransaction } from '../../../aof/log-state.js';
import type { LogFile } from '../../../aof/model.js';
import { Window } from '../../../bytes/window.js';
import type { LineWriter } from '../../../convert/log-lines/line-writer.js';
import { drive } from '../../../rdb/drive.js';
import { EXIT } from '../../exit-codes.js';
import { inSource } from '../../failures.js';
import type { Invocation } from '../../invocation.js';
import { commandFilterOf, type LineOptions, LinePrinter, lineWriterOf } from '../../log-lines.js';
import { logPaths, openLogArgument } from '../../log-source.js';
import type { Output } from '../../output.js';
import { formatCount } from '../../render/quantity.js';
import { Session, type SharedOptions } from '../../session.js';

export interface AofCatOptions extends SharedOptions, LineOptions {
  readonly json?: boolean;
  readonly limit?: number;
  readonly history?: boolean;
}

export async function runAofCat(arg: string, options: AofCatOptions, invocation: Invocation): Promise<number> {
  const session = new Session(options, invocation.signal, invocation.nowMs, true);
  const log = openLogArgument(arg, { signal: invocation.signal });
  const files = options.history ? [...log.history, ...log.files] : log.files;
  const filter = new CommandFilter(commandFilterOf(options, options.limit));
  return await session.toOutputBeside(logPaths(log), async (output) => {
    const { lines, holding } = lineWriterOf(options, output);
    try {
      for (const file of files) {
        if (!filter.exhausted) await printFile(file, { session, filter, lines, holding, output });
      }
    } finally {
      lines.flush();
    }
    return EXIT.OK;
  });
}

interface Printing {
  readonly session: Session;
  readonly filter: CommandFilter;
  readonly lines: LineWriter;
  readonly holding: Holding;
  readonly output: Output;
}

async function printFile(file: LogFile, { session, filter, lines, holding, output }: Printing): Promise<void> {
  lines.file(file.name);
  const driver = await session.readLog(file, async (source) => {
    const window = Window.for(source.sizeBytes);
    const printer = new LinePrinter(() => driver, filter, lines, output);
    const { limits, checksum } = session;
    const driver: AofDriver = new AofDriver(window, printer, { holding, limits, checksum });
    while (!filter.exhausted && (await drive(source, driver)) !== 'done') await output.drain();
    return driver;
  });
  if (driver.rdbBytes > 0) {
    session.note(
      `${file.name} begins with a dump of ${formatCount(driver.rdbBytes)} bytes, whose keys are no commands: see rdb-inspect keys and export`,
    );
  }
  if (driver.state.inTransaction && !filter.exhausted) throw inSource(openTransaction(driver.state), file.name);
}
