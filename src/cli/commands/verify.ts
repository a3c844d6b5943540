/** `verify`: whether a live server has what a dump or a log has. */
import type { VerifyResult } from '../../import/verify/model.js';
import { verifyKeys } from '../../import/verify/verify-keys.js';
import { EXIT } from '../exit-codes.js';
import type { KeysAtTargetOptions } from '../import-options.js';
import type { Invocation } from '../invocation.js';
import { withKeySource } from '../key-source.js';
import { keyOptionsOf, placeFor } from '../keys-at-target.js';
import { paceText } from '../render/quantity.js';
import { differenceJson, verifyJson } from '../render/verify-json.js';
import { formatDifference, formatVerify } from '../render/verify-text.js';
import { retryNotes } from '../retry-notes.js';
import { Session } from '../session.js';
import { placeText } from '../target-place.js';

export interface VerifyCommandOptions extends KeysAtTargetOptions {
  /** Milliseconds. */
  readonly ttlTolerance?: number;
  /** Milliseconds. */
  readonly retry?: number;
  readonly extra: boolean;
}

export async function runVerify(arg: string, options: VerifyCommandOptions, invocation: Invocation): Promise<number> {
  const session = new Session(options, invocation.signal, invocation.nowMs);
  const spec = await session.resolveOne(arg);
  const keyOptions = keyOptionsOf(options, spec, session);
  const place = await placeFor(options, session);
  return await session.toOutput([spec], (output) =>
    withKeySource(spec, options, session, false, async (keys) => {
      const result = await verifyKeys(keys, place, {
        ...keyOptions,
        ttlToleranceMs: options.ttlTolerance,
        extra: options.extra,
        retryMs: options.retry,
        onRetry: retryNotes(session),
        onProgress: ({ counts, elapsedMs }) => session.showProgress(paceText(counts.keys, elapsedMs)),
        onDifference: (difference) => {
          if (session.json) session.tell({ difference: differenceJson(difference) });
          else if (options.verbose) session.note(formatDifference(difference));
        },
      });
      const target = placeText(place);
      if (session.json) output.text(`${JSON.stringify(verifyJson(spec.name, target, result))}\n`);
      else if (!session.quiet) output.text(formatVerify(spec.name, target, result, session.style));
      const code = verifyExitCode(result);
      return code === EXIT.OK && session.leftOut > 0 ? EXIT.LOSS : code;
    }),
  );
}

/** A difference is one, whatever could not be compared. */
export function verifyExitCode({ isSame, unknown }: VerifyResult): number {
  if (!isSame) return EXIT.BAD;
  return unknown > 0 ? EXIT.LOSS : EXIT.OK;
}
