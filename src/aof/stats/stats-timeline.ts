/** How commands spread over time, as far as `#TS` annotations tell: buckets that widen so that there are never many. */

/** What was logged within `[startSeconds, startSeconds + widthSeconds)`. */
export interface TimeBucket {
  /** Unix seconds. */
  readonly startSeconds: number;
  readonly commands: number;
  readonly bytes: number;
}

export interface Timeline {
  readonly widthSeconds: number;
  /** In order of time; those without commands are missing. */
  readonly buckets: readonly TimeBucket[];
  /** Commands before the first annotation of their file. */
  readonly untimed: { readonly commands: number; readonly bytes: number };
  /** Of the annotations. */
  readonly firstSeconds: number;
  readonly lastSeconds: number;
}

/** Each a multiple of the one before: second, 5 s, 15 s, minute, 5, 15, hour, 3, 12, day, week, and so on. */
const WIDTHS = [1, 5, 15, 60, 300, 900, 3600, 10_800, 43_200, 86_400, 604_800];
const LAST_FACTOR = 4;
const MAX_BUCKETS = 240;

interface Counts {
  commands: number;
  bytes: number;
}

export class TimelineCounter {
  private readonly untimed: Counts = { commands: 0, bytes: 0 };
  private current: Counts = this.untimed;
  private buckets = new Map<number, Counts>();
  private step = 0;
  private firstSeconds = Infinity;
  private lastSeconds = -Infinity;

  /** A file begins: what follows has no time until it is told. */
  restart(): void {
    this.current = this.untimed;
  }

  moveTo(seconds: number): void {
    this.firstSeconds = Math.min(this.firstSeconds, seconds);
    this.lastSeconds = Math.max(this.lastSeconds, seconds);
    this.current = this.bucketAt(seconds);
    if (this.buckets.size <= MAX_BUCKETS) return;
    while (this.buckets.size > MAX_BUCKETS) this.widen();
    this.current = this.bucketAt(seconds);
  }

  add(bytes: number): void {
    this.current.commands++;
    this.current.bytes += bytes;
  }

  /** Undefined where nothing was annotated. */
  result(): Timeline | undefined {
    if (this.lastSeconds === -Infinity) return undefined;
    const buckets = [...this.buckets]
      .filter(([, { commands }]) => commands > 0)
      .sort(([a], [b]) => a - b)
      .map(([startSeconds, counts]) => ({ startSeconds, ...counts }));
    const { firstSeconds, lastSeconds } = this;
    return { widthSeconds: this.width, buckets, untimed: { ...this.untimed }, firstSeconds, lastSeconds };
  }

  private get width(): number {
    const beyond = this.step - (WIDTHS.length - 1);
    return beyond <= 0 ? WIDTHS[this.step]! : WIDTHS.at(-1)! * LAST_FACTOR ** beyond;
  }

  private bucketAt(seconds: number): Counts {
    const start = seconds - (seconds % this.width);
    let bucket = this.buckets.get(start);
    if (bucket === undefined) {
      bucket = { commands: 0, bytes: 0 };
      this.buckets.set(start, bucket);
    }
    return bucket;
  }

  private widen(): void {
    this.step++;
    const old = this.buckets;
    this.buckets = new Map();
    for (const [start, { commands, bytes }] of old) {
      const bucket = this.bucketAt(start);
      bucket.commands += commands;
      bucket.bytes += bytes;
    }
  }
}
