/** Batches that are being compared side by side, as many as may be. */
export class BatchesUnderWay {
  private readonly running = new Set<Promise<void>>();
  private bytes = 0;
  private failure: { readonly error: unknown } | undefined;

  constructor(
    private readonly maxBatches: number,
    private readonly maxBytes: number,
  ) {}

  /** Starts `run` once there is room for `bytes` of values. Throws what another one has failed with. */
  async start(bytes: number, run: () => Promise<void>): Promise<void> {
    const { running, maxBatches, maxBytes } = this;
    while (running.size >= maxBatches || (running.size > 0 && this.bytes + bytes > maxBytes))
      await Promise.race(running);
    this.throwFailure();
    this.bytes += bytes;
    const done: Promise<void> = run()
      .catch((error: unknown) => {
        this.failure ??= { error };
      })
      .finally(() => {
        this.bytes -= bytes;
        running.delete(done);
      });
    running.add(done);
  }

  /** Resolves when none is under way. */
  async settled(): Promise<void> {
    await Promise.all(this.running);
  }

  throwFailure(): void {
    if (this.failure !== undefined) throw this.failure.error;
  }
}
