/** How long commands take: what took longer than `latency-monitor-threshold` (LATENCY), and how all are spread. */

/** Of a histogram: the last is for everything that takes longer. */
const BUCKETS = 32;
/** Of one event; older ones go. */
const MOST_SAMPLES = 160;

export interface Sample {
  /** Unix seconds. */
  readonly atSeconds: number;
  readonly ms: number;
}

export interface LatencyEvent {
  /** The latest last; one for each second, which is the longest of it. */
  samples: Sample[];
  maxMs: number;
}

export interface Histogram {
  calls: number;
  /** How many took up to 2^index µs. */
  readonly counts: number[];
}

export interface LatencySettings {
  /** `latency-monitor-threshold`; 0: nothing is kept. */
  readonly latencyThresholdMs: number;
  /** `latency-tracking` */
  readonly tracksLatency: boolean;
}

export class LatencyMonitor {
  readonly events = new Map<string, LatencyEvent>();
  /** By command in small letters, `config|get`. */
  readonly histograms = new Map<string, Histogram>();

  constructor(
    private readonly settings: LatencySettings,
    private readonly clock: () => number,
  ) {}

  get isOn(): boolean {
    return this.settings.latencyThresholdMs > 0;
  }

  /** A command has been run. `isFast`: the server flags it so. */
  ran(name: string, usec: number, isFast: boolean): void {
    if (this.settings.tracksLatency) this.count(name, usec);
    this.add(isFast ? 'fast-command' : 'command', Math.floor(usec / 1000));
  }

  add(event: string, ms: number): void {
    const { latencyThresholdMs } = this.settings;
    if (latencyThresholdMs === 0 || ms < latencyThresholdMs) return;
    const found = this.events.get(event) ?? { samples: [], maxMs: 0 };
    this.events.set(event, found);
    found.maxMs = Math.max(found.maxMs, ms);
    const atSeconds = Math.floor(this.clock() / 1000);
    const last = found.samples.at(-1);
    if (last?.atSeconds === atSeconds) {
      if (ms > last.ms) found.samples[found.samples.length - 1] = { atSeconds, ms };
      return;
    }
    found.samples.push({ atSeconds, ms });
    if (found.samples.length > MOST_SAMPLES) found.samples.shift();
  }

  private count(name: string, usec: number): void {
    let found = this.histograms.get(name);
    if (found === undefined) {
      found = { calls: 0, counts: new Array<number>(BUCKETS).fill(0) };
      this.histograms.set(name, found);
    }
    const bucket = usec <= 1 ? 0 : Math.min(BUCKETS - 1, 32 - Math.clz32(Math.min(usec, 2 ** 31) - 1));
    found.calls++;
    found.counts[bucket]!++;
  }
}
