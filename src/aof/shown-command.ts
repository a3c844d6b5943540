/** A command as it is shown: copied, long arguments cut. */
import { copyBytes } from '../bytes/slice.js';
import type { CommandView } from './command-view.js';
import type { LogState } from './log-state.js';
import type { LogPlace } from './model.js';

export interface ShownArgument {
  /** The beginning of the argument, or all of it. */
  readonly bytes: Uint8Array;
  /** Of the whole argument. */
  readonly sizeBytes: number;
}

export interface ShownCommand {
  readonly place: LogPlace;
  /** Bytes that it takes in the file. */
  readonly sizeBytes: number;
  /** The database that is selected while it runs. */
  readonly db: number;
  /** Of the last `#TS` before it in its file, Unix seconds. */
  readonly timeSeconds: number | undefined;
  /** Offset of the MULTI of the transaction that it stands in, MULTI and EXEC not included. */
  readonly multiOffset: number | undefined;
  /** Name first; fewer than `argc` where there are many. */
  readonly args: readonly ShownArgument[];
  readonly argc: number;
}

/** How much of a command is copied. */
export interface ShownBounds {
  readonly maxArguments: number;
  readonly maxArgumentBytes: number;
}

/** Enough for a line that people read. */
export const SHOWN_BOUNDS: ShownBounds = { maxArguments: 32, maxArgumentBytes: 120 };

/** `state` is as it was before the command; `file` is the index of its file. */
export function showCommand(view: CommandView, state: LogState, file: number, bounds: ShownBounds): ShownCommand {
  const args: ShownArgument[] = [];
  for (let index = 0; index < Math.min(view.held, bounds.maxArguments); index++) {
    const start = view.start(index);
    const size = view.size(index);
    const held = start < 0 ? 0 : Math.min(size, bounds.maxArgumentBytes);
    args.push({ bytes: copyBytes(view.bytes, Math.max(start, 0), Math.max(start, 0) + held), sizeBytes: size });
  }
  const isInside = state.inTransaction && view.control === 0;
  return {
    place: { file, offset: view.offset },
    sizeBytes: view.sizeBytes,
    db: state.db,
    timeSeconds: state.timeSeconds,
    multiOffset: isInside ? state.multiOffset : undefined,
    args,
    argc: view.argc,
  };
}
