/** The commands of a log as lines: what `aof cat` and `aof tail` print. */
import type { CommandView } from '../../aof/command-view.js';
import type { LogState } from '../../aof/log-state.js';

/** One form of lines. Bytes leave in about 128 KiB, whole lines only. */
export interface LineWriter {
  /** From here on the commands are those of this file. */
  file(name: string): void;
  /** `state` is as it was before the command. */
  command(view: CommandView, state: LogState): void;
  /** Hands over what is there. */
  flush(): void;
}
