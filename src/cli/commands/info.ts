/** `info`: what is in a dump. */
import type { RdbSummary } from '../../inspect/summary.js';
import { summarizeRdb } from '../../inspect/summary.js';
import { EXIT } from '../exit-codes.js';
import { inSource, UsageError } from '../failures.js';
import type { Invocation } from '../invocation.js';
import { type FilterOptions, filterOf } from '../options.js';
import { infoJson } from '../render/info-json.js';
import { Session, type SharedOptions } from '../session.js';

export async function runInfo(
  args: readonly string[],
  options: SharedOptions & FilterOptions,
  invocation: Invocation,
): Promise<number> {
  const session = new Session(options, invocation.signal, invocation.nowMs);
  const filter = filterOf(options);
  const specs = await session.resolve(args);
  return await session.toOutput(specs, async (output) => {
    let printed = 0;
    return await session.each(specs, async (spec) => {
      const { nowMs, checksum, limits } = session;
      const begin = (): void => {
        if (printed++ > 0 && !session.json) output.text('\n');
      };
      return await session.readEither(
        spec,
        async (source) => {
          const summary = await summarizeRdb(source, { nowMs, checksum, limits, ...(filter && { filter }) });
          begin();
          if (session.json) output.text(`${JSON.stringify(infoJson(spec.name, summary))}\n`);
          else output.text(await infoText(session, spec.name, summary));
          return EXIT.OK;
        },
        async (open) => {
          const log = open();
          if (filter !== undefined)
            throw inSource(new UsageError('filters are for dumps, and this is a log'), spec.name);
          begin();
          return await (await import('./aof/info.js')).printLogInfo(log, session, output);
        },
      );
    });
  });
}

async function infoText(session: Session, name: string, summary: RdbSummary): Promise<string> {
  // Tables are loaded where one is printed.
  const { formatInfo } = await import('../render/info-text.js');
  return formatInfo(name, summary, session.style);
}
