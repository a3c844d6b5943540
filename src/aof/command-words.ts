/** A command as words, wherever they lie: what the rules of its keys look at. */
export interface CommandWords {
  /** Arguments, the name included. */
  readonly argc: number;
  /** Arguments that may be asked for: all of them, but for giants of a log. */
  readonly held: number;
  /** Whether an argument is this word, in any case; `word` is upper case. */
  is(index: number, word: string): boolean;
  size(index: number): number;
  /** A whole number; 0 for anything else. */
  count(index: number): number;
}
