/** How much there is of something in a second: measured from one time that somebody asks to the next. */

export interface Totals {
  readonly commands: number;
  readonly inputBytes: number;
  readonly outputBytes: number;
}

/** Less than this tells nothing; beyond {@link WINDOW_MS} what was is left behind. */
const LEAST_MS = 100;
const WINDOW_MS = 1000;
const NOTHING: Totals = { commands: 0, inputBytes: 0, outputBytes: 0 };

export class Rates {
  private rates = NOTHING;
  private before = NOTHING;

  constructor(private sinceMs: number) {}

  /** Each by the second. Totals that begin at nothing again count as nothing. */
  at(nowMs: number, totals: Totals): Totals {
    const ms = nowMs - this.sinceMs;
    if (ms < LEAST_MS) return this.rates;
    const perSecond = (name: keyof Totals): number => (Math.max(0, totals[name] - this.before[name]) * 1000) / ms;
    this.rates = {
      commands: perSecond('commands'),
      inputBytes: perSecond('inputBytes'),
      outputBytes: perSecond('outputBytes'),
    };
    if (ms >= WINDOW_MS) {
      this.before = totals;
      this.sinceMs = nowMs;
    }
    return this.rates;
  }
}
