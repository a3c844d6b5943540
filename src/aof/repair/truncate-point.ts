/** Points at which a log can be cut. */

/** Where a log is to end. */
export type TruncatePoint =
  /** Before the first annotation that says a later time, Unix seconds. */
  | { readonly kind: 'time'; readonly seconds: number }
  /** Behind the last whole item outside a transaction that ends at this offset of a file, or before it. */
  | { readonly kind: 'offset'; readonly offset: number; readonly file?: string }
  /** Before the `nth` command, from 1, that begins with these arguments, the name in any case. */
  | { readonly kind: 'command'; readonly args: readonly Uint8Array[]; readonly nth: number };

/** Why a log cannot be cut at a point: one sentence, and what to do about it. */
export class NoSuchPointError extends Error {
  override readonly name = 'NoSuchPointError';
  constructor(
    message: string,
    readonly hint: string | undefined,
    /** `base`: the base is later. `times`: the log has none. `command`, `offset`: it is not in the log. */
    readonly why: 'base' | 'times' | 'command' | 'offset',
  ) {
    super(message);
  }
}
