/** `digest`: what DEBUG DIGEST says, and DEBUG DIGEST-VALUE of every key. */
import { ShardFilter } from '../../convert/shard-filter.js';
import type { DigestResult } from '../../engine/digest.js';
import { DigestHandler, type DigestHandlerOptions } from '../../engine/digest-handler.js';
import type { Target } from '../../rdb/versions.js';
import { EXIT } from '../exit-codes.js';
import type { Invocation } from '../invocation.js';
import { type EncodingChoice, type FilterOptions, filterOf } from '../options.js';
import type { Output } from '../output.js';
import { readRows } from '../read-rows.js';
import { digestJson } from '../render/digest-json.js';
import { DigestLines, DigestNdjson } from '../render/digest-lines.js';
import { formatCount } from '../render/quantity.js';
import { Session, type SharedOptions } from '../session.js';
import type { ReplayedLog, SourceSpec } from '../source.js';

export interface DigestCommandOptions extends SharedOptions, FilterOptions {
  readonly perKey?: boolean;
  readonly at?: number | 'now';
  readonly target?: Target;
  readonly encoding: EncodingChoice;
}

export async function runDigest(arg: string, options: DigestCommandOptions, invocation: Invocation): Promise<number> {
  const { perKey = false, at, target, encoding } = options;
  const session = new Session({ ...options, replayTarget: target }, invocation.signal, invocation.nowMs, perKey);
  const specs = await session.resolve([arg]);
  const filter = new ShardFilter(filterOf(options) ?? {}, session.nowMs);
  return await session.toOutput(specs, async (output) => {
    const printer = perKey && (session.json ? new DigestNdjson(encoding, output) : new DigestLines(output));
    const forAll: DigestHandlerOptions = {
      target,
      atMs: at === 'now' ? session.nowMs : at,
      filter,
      isBehind: () => output.isBehind,
      ...(printer && { onKey: (key, digest) => printer.key(key, digest) }),
    };
    try {
      return await session.each(specs, async (spec) => {
        const result = await digestSource(spec, filter, forAll, session, output);
        if (!perKey) output.text(session.json ? jsonLine(spec, result) : textLine(spec, result, specs.length > 1));
        return warnUnknown(spec, result, perKey, session);
      });
    } finally {
      if (printer) printer.flush();
    }
  });
}

async function digestSource(
  spec: SourceSpec,
  filter: ShardFilter,
  options: DigestHandlerOptions,
  session: Session,
  output: Output,
): Promise<DigestResult> {
  return await session.read(spec, async (source, _head, replayed) => {
    filter.next(source);
    if (replayed?.writer.isGuess === true) session.note(guessText(spec, replayed));
    // What a server has that replayed a log stands as it is in the dump of the replay.
    const asked = options.target === replayed?.generation ? undefined : options.target;
    const handler = new DigestHandler({
      ...options,
      target: asked,
      onWarning: (warning) => session.warn(warning, spec),
    });
    await readRows(source, handler, session, output);
    if (handler.ending !== undefined) session.warnTail(handler.ending, spec);
    const { dataset, target, expired } = handler;
    return { digest: dataset.hex(), target, keys: dataset.keys, expired, unknown: dataset.unknown };
  });
}

function guessText({ name }: SourceSpec, { generation }: ReplayedLog): string {
  const taken = `it is taken for one of ${generation.name}, and --target names another server`;
  return `${name}: the log leaves open which server wrote it: ${taken}`;
}

function jsonLine({ name }: SourceSpec, result: DigestResult): string {
  return `${JSON.stringify(digestJson(name, result))}\n`;
}

/** As the server prints it; of several dumps with the name of each. */
function textLine({ name }: SourceSpec, { digest }: DigestResult, isNamed: boolean): string {
  return isNamed ? `${digest}  ${name}\n` : `${digest}\n`;
}

function warnUnknown({ name }: SourceSpec, { unknown }: DigestResult, perKey: boolean, session: Session): number {
  if (unknown.length === 0) return EXIT.OK;
  const list = unknown.map(({ what, count }) => `${formatCount(count)} ${what}`).join(', ');
  const text = perKey
    ? `only the server could say the digests of ${list}`
    : `the digest is not comparable, since only the server could say what goes in for ${list}`;
  session.note(`${name}: ${text}`);
  return EXIT.LOSS;
}
