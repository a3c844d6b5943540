/** `aof find`: commands by what stands in them. */
import { type FindQuery, type FoundCommand, findCommands } from '../../../aof/find.js';
import { SHOWN_BOUNDS, type ShownBounds } from '../../../aof/shown-command.js';
import { codeToExitCode, EXIT } from '../../exit-codes.js';
import { inSource, UsageError } from '../../failures.js';
import type { Invocation } from '../../invocation.js';
import { logPaths, openLogArgument } from '../../log-source.js';
import type { Output } from '../../output.js';
import { parseBytesArgument } from '../../render/bytes-text.js';
import { commandJson, commandText, headText } from '../../render/log-command.js';
import { Session, type SharedOptions } from '../../session.js';

export interface AofFindOptions extends SharedOptions {
  readonly ignoreCase?: boolean;
  readonly argument?: string;
  readonly command?: readonly string[];
  readonly match?: readonly Uint8Array[];
  readonly notMatch?: readonly Uint8Array[];
  readonly keyRegex?: RegExp;
  readonly db?: readonly number[];
  readonly since?: number;
  readonly until?: number;
  readonly limit?: number;
  readonly count?: boolean;
}

/** What NDJSON has of a command: more than a line, and still no gigabytes. */
const JSON_BOUNDS: ShownBounds = { maxArguments: 1024, maxArgumentBytes: 4096 };

export async function runAofFind(
  arg: string,
  text: string | undefined,
  options: AofFindOptions,
  invocation: Invocation,
): Promise<number> {
  const query = queryOf(text, options);
  const session = new Session(options, invocation.signal, invocation.nowMs, true);
  const log = openLogArgument(arg, { signal: invocation.signal });
  return await session.toOutputBeside(logPaths(log), async (output) => {
    const { limits, checksum, json, style } = session;
    const print = async (batch: readonly FoundCommand[]): Promise<void> => {
      for (const found of options.count ? [] : batch) {
        if (json) output.text(`${JSON.stringify({ ...commandJson(found, log.files), found: found.found })}\n`);
        else output.text(`${style.dim(headText(found, log.files))} ${commandText(found)}\n`);
      }
      await settle(output);
    };
    const { count, failure } = await findCommands(log, query, print, {
      shown: json ? JSON_BOUNDS : SHOWN_BOUNDS,
      limits,
      checksum,
      read: (file, run) => session.readLog(file, run),
    });
    if (options.count) output.text(json ? `${JSON.stringify({ count })}\n` : `${count}\n`);
    if (failure === undefined) return count > 0 ? EXIT.OK : EXIT.BAD;
    output.flush();
    session.report(inSource(failure.error, log.files[failure.file]!.name));
    return codeToExitCode(failure.error.code);
  });
}

function queryOf(text: string | undefined, options: AofFindOptions): FindQuery {
  const { ignoreCase = false, argument, command, match, notMatch, keyRegex, db, since, until, limit } = options;
  const query: FindQuery = {
    ...(text !== undefined && { contains: parseBytesArgument(text), ignoreCase }),
    ...(argument !== undefined && { argument: parseBytesArgument(argument) }),
    ...(command && { commands: command }),
    ...(match && { match }),
    ...(notMatch && { notMatch }),
    ...(keyRegex && { keyRegex }),
    ...(db && { dbs: db }),
    ...(since !== undefined && { sinceSeconds: Math.ceil(since / 1000) }),
    ...(until !== undefined && { untilSeconds: Math.floor(until / 1000) }),
  };
  if (Object.keys(query).length === 0) {
    throw new UsageError(
      'nothing to look for: give a text, or one of --argument, -c, -k, -K, --key-regex, -n, --since',
    );
  }
  if (text === '') throw new UsageError('an empty text stands everywhere');
  return { ...query, ...(limit !== undefined && { limit }) };
}

/** Whoever looks on sees what was found while the search goes on. */
async function settle(output: Output): Promise<void> {
  if (output.isTerminal) output.flush();
  if (output.isBehind) await output.drain();
}
