/** What SAVE and its like ask of whoever keeps the files of an engine, which does no I/O itself. */
import type { CommandError } from './reply.js';

/** Whether background work may, or must, begin later: `must` within a transaction. */
export type Patience = 'none' | 'may' | 'must';

/** Begun, or to begin when what goes on now has ended. */
export type BackgroundStart = 'started' | 'scheduled';

export interface ShutdownOptions {
  /** `default`: where there are save points. */
  readonly save: 'save' | 'nosave' | 'default';
  /** Whatever goes wrong with it. */
  readonly isForced: boolean;
}

/** Each throws CommandError where the server answers with an error. */
export interface Persistence {
  /** Unix seconds of the last dump that succeeded, or of the start. */
  readonly lastSave: number;
  /** A dump of now, before anything else. */
  save(): void;
  saveInBackground(waiting: Patience): BackgroundStart;
  /** What was called off: a save that goes on, or one that is to begin; undefined: there was none. */
  cancelSave(): 'running' | 'scheduled' | undefined;
  rewriteLog(waiting: Exclude<Patience, 'none'>): BackgroundStart;
  shutdown(options: ShutdownOptions): void;
  /**
   * FLUSHALL has emptied every database: where there are save points the dump is to be as empty at once. True: it is, and
   * nothing has changed since.
   */
  emptied(): boolean;
  /** Why commands that change data are refused for now. */
  refusal(): CommandError | undefined;
}
