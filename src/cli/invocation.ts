/** What every command is called with beside its arguments and options. */
export interface Invocation {
  readonly signal: AbortSignal;
  /** Unix ms that count as now. */
  readonly nowMs: number;
  /** Receives the exit code of the command that ran. */
  exitCode: number;
}
