/**
 * What a program asked of a file system, in order, down to the bytes: enough to say what a power cut at any moment would
 * have left. Files and directories are numbers here, since a name may go to another file.
 */

/** Bytes by path; `undefined` is a directory. A directory stands before what lies in it. */
export type Tree = ReadonlyMap<string, Uint8Array | undefined>;

/** What whoever drives the program says in between. */
export type Mark =
  /** Everything that was run is acknowledged. */
  | { readonly kind: 'acknowledged' }
  /** A dump of the state after `moment` commands was reported complete. */
  | { readonly kind: 'saved'; readonly moment: number }
  /** `appendonly`; where it is on, all up to `moment` is in the base of the log. */
  | { readonly kind: 'log'; readonly isOn: boolean; readonly moment: number }
  | { readonly kind: 'policy'; readonly appendfsync: 'always' | 'everysec' | 'no' };

/** A name that a change is about. */
export interface Place {
  readonly directory: number;
  readonly name: string;
}

export type Change =
  | { readonly kind: 'create' | 'makeDirectory'; readonly node: number; readonly at: Place }
  | { readonly kind: 'rename'; readonly node: number; readonly from: Place; readonly at: Place }
  | { readonly kind: 'remove'; readonly node: number; readonly at: Place }
  /** Bytes go where the file ends by then. */
  | { readonly kind: 'write'; readonly node: number; readonly bytes: Uint8Array }
  | { readonly kind: 'truncate'; readonly node: number; readonly size: number };

export type Sync =
  /** What was written to a file, or done to names in a directory, is durable. */
  | { readonly kind: 'sync' | 'syncData' | 'syncDirectory'; readonly node: number; readonly isLie: boolean }
  | { readonly kind: 'asideBegin'; readonly node: number }
  /** What was written before `begin`, the index of that operation, is durable. */
  | { readonly kind: 'asideEnd'; readonly node: number; readonly begin: number; readonly isLie: boolean };

export type Operation = {
  /** Of the file or directory, at that time; the new one of a rename, and empty for a mark. */
  readonly path: string;
  /** How many commands had been run. */
  readonly moment: number;
} & (Change | Sync | { readonly kind: 'mark'; readonly mark: Mark });

/** What was there at the beginning, durable, and what was done then. */
export interface Recording {
  readonly baseline: Tree;
  readonly journal: readonly Operation[];
}

/** Whether it may change what a power cut leaves. */
export function isTelling({ kind }: Operation): boolean {
  return kind !== 'mark' && kind !== 'asideBegin';
}

/** A line for people. */
export function formatOperation(operation: Operation): string {
  const { kind, path, moment } = operation;
  const rest =
    kind === 'mark'
      ? JSON.stringify(operation.mark)
      : kind === 'write'
        ? `${path} ${operation.bytes.length}`
        : kind === 'truncate'
          ? `${path} ${operation.size}`
          : path;
  return `${moment} ${kind} ${rest}`;
}
