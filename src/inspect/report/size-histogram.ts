/** Keys by their size in powers of two. */
import type { KeyFacts } from '../facts/key-facts.js';
import type { ReportCount } from './report-data.js';

/** Bins 0, 1, 2–3, 4–7, …, up to 2^53. */
const BINS = 55;

export class SizeHistogram {
  private readonly keys = new Float64Array(BINS);
  private readonly memory = new Float64Array(BINS);
  private readonly bytes = new Float64Array(BINS);

  add(size: number, facts: KeyFacts): void {
    const bin = binOf(size);
    this.keys[bin]! += 1;
    this.memory[bin]! += facts.memoryBytes;
    this.bytes[bin]! += facts.valueBytes;
  }

  /** From the first to the last bin that holds something. */
  report(): (ReportCount & { readonly fromBytes: number })[] {
    const bins: (ReportCount & { readonly fromBytes: number })[] = [];
    const last = this.keys.findLastIndex((keys) => keys > 0);
    for (let bin = 0; bin <= last; bin++) {
      if (bins.length === 0 && this.keys[bin] === 0) continue;
      const fromBytes = bin === 0 ? 0 : 2 ** (bin - 1);
      bins.push({ fromBytes, keys: this.keys[bin]!, memory: this.memory[bin]!, bytes: this.bytes[bin]! });
    }
    return bins;
  }
}

function binOf(size: number): number {
  if (size < 0x80000000) return 32 - Math.clz32(size);
  return 31 + 32 - Math.clz32(Math.min(size / 0x80000000, 0xffffffff));
}
