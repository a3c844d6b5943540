/** `compat`: whether a server loads a dump, and what stands in the way. Nothing is written. */

import { Window } from '../../bytes/window.js';
import { type Compatibility, summarizeCompatibility } from '../../convert/convert.js';
import { ConvertHandler } from '../../convert/convert-handler.js';
import { takesHeader } from '../../convert/loadable.js';
import { drive } from '../../rdb/drive.js';
import { RdbDriver } from '../../rdb/driver.js';
import { compileFilter } from '../../rdb/filter.js';
import type { Target } from '../../rdb/versions.js';
import { EXIT } from '../exit-codes.js';
import type { Invocation } from '../invocation.js';
import { type FilterOptions, filterOf } from '../options.js';
import { compatJson } from '../render/convert-json.js';
import { Session, type SharedOptions } from '../session.js';
import type { SourceSpec } from '../source.js';

export type CompatOptions = SharedOptions & FilterOptions & { readonly target: Target };

export async function runCompat(arg: string, options: CompatOptions, invocation: Invocation): Promise<number> {
  const session = new Session(options, invocation.signal, invocation.nowMs);
  const spec = await session.resolveOne(arg);
  return await session.toOutput([spec], async (output) => {
    const handler = await survey(spec, options, session);
    const compat = summarizeCompatibility(handler);
    if (session.json) {
      output.text(`${JSON.stringify(compatJson(spec.name, compat))}\n`);
    } else {
      // Tables are loaded where one is printed.
      const { formatCompatibility } = await import('../render/convert-report.js');
      const isKnown = takesHeader(compat.source, options.target);
      output.text(formatCompatibility(spec.name, compat, isKnown, session.style));
    }
    return exitCodeOf(compat);
  });
}

async function survey(spec: SourceSpec, options: CompatOptions, session: Session): Promise<ConvertHandler> {
  const { nowMs, checksum, limits } = session;
  const filter = filterOf(options);
  return await session.read(spec, async (source) => {
    const handler = new ConvertHandler({
      target: options.target,
      onUnsupported: 'convert',
      nowMs,
      filter: filter && compileFilter(filter, nowMs, source),
      onWarning: (warning) => session.warn(warning, spec),
    });
    const window = Window.for(source.sizeBytes);
    const driver = new RdbDriver(window, handler, { checksum, limits });
    handler.driver = driver;
    handler.source = source;
    while ((await drive(source, driver)) === 'pause');
    return handler;
  });
}

/** 0: it loads as it is; 1: once it is converted, and nothing is lost; 4: something is, parts of keys or whole ones. */
function exitCodeOf({ loads, convertible }: Compatibility): number {
  if (loads) return EXIT.OK;
  return convertible === 'lossless' ? EXIT.BAD : EXIT.LOSS;
}
