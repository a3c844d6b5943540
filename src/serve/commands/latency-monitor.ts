/** How long commands take: what took longer than `latency-monitor-threshold` (LATENCY), and how all are spread. */
import type { Server } from '../server.js';

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

/** What the server has of its configuration; it may know nothing of this. */
interface LatencySettings {
  /** 0: nothing is kept. */
  readonly latencyThresholdMs?: number;
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
    return (this.settings.latencyThresholdMs ?? 0) > 0;
  }

  /** A command has been run. `isFast`: the server flags it so. */
  ran(name: string, usec: number, isFast: boolean): void {
    const found = this.histograms.get(name) ?? { calls: 0, counts: [] };
    this.histograms.set(name, found);
    const bucket = Math.max(0, Math.ceil(Math.log2(usec)));
    found.calls++;
    found.counts[bucket] = (found.counts[bucket] ?? 0) + 1;
    this.add(isFast ? 'fast-command' : 'command', Math.floor(usec / 1000));
  }

  add(event: string, ms: number): void {
    const { latencyThresholdMs = 0 } = this.settings;
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
}

const monitors = new WeakMap<Server, LatencyMonitor>();

export function latencyOf(server: Server): LatencyMonitor {
  const found = monitors.get(server) ?? new LatencyMonitor(server.config as LatencySettings, server.clock);
  monitors.set(server, found);
  return found;
}
