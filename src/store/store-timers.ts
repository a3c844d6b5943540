/** What drives a store by itself: a cron ten times a second, and background work whenever the event loop has come round. */
const CRON_MS = 100;

/** What is driven. */
export interface Driven {
  readonly hasEnded: boolean;
  cron(): void;
  work(): boolean;
}

export class StoreTimers {
  private interval: ReturnType<typeof setInterval> | undefined;
  private isWorking = false;

  constructor(private readonly store: Driven) {}

  /** A program that has nothing else to do is not kept from ending. */
  start(): void {
    this.interval ??= setInterval(() => this.run(() => this.store.cron()), CRON_MS);
    if (typeof this.interval === 'object') this.interval.unref();
  }

  stop(): void {
    clearInterval(this.interval);
    this.interval = undefined;
  }

  /** There may be background work: it is done slice by slice until there is none, everybody else having a turn in between. */
  work(): void {
    if (this.isWorking || this.interval === undefined) return;
    this.isWorking = true;
    const turn = (): void => {
      if (this.interval !== undefined && this.store.work()) setImmediate(turn);
      else this.isWorking = false;
    };
    setImmediate(turn);
  }

  /** Whoever waits for a reply hears of a log that is lost; so does whoever looks at `failure`. */
  private run(act: () => void): void {
    try {
      act();
    } catch (error) {
      if (!this.store.hasEnded) throw error;
    }
  }
}
