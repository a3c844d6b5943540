/**
 * Whether there is room left in the heap. V8 ends the process where there is none: a server has to stop taking data before. What is
 * in use says little, since much of it may be garbage; what is left behind a whole collection does.
 */
import { constants, type PerformanceEntry, PerformanceObserver } from 'node:perf_hooks';
import { getHeapStatistics } from 'node:v8';

/** Of the most that V8 allows: values in the making and garbage need the rest. */
const MOST_SHARE = 0.85;
/** Of the limit, what is for new objects only. */
const YOUNG_BYTES = 64 * 1024 * 1024;

export class HeapRoom {
  /** Most of the heap is data, as far as the last collection has found. */
  isShort = false;
  private readonly observer: PerformanceObserver;

  constructor() {
    this.observer = new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) if (isWhole(entry)) this.look();
    });
    this.observer.observe({ entryTypes: ['gc'] });
  }

  close(): void {
    this.observer.disconnect();
  }

  private look(): void {
    const { used_heap_size: used, heap_size_limit: limit } = getHeapStatistics();
    this.isShort = used > (limit - YOUNG_BYTES) * MOST_SHARE;
  }
}

/** A collection of all generations. */
function isWhole(entry: PerformanceEntry): boolean {
  const { detail } = entry as { readonly detail?: { readonly kind?: number } };
  return detail?.kind === constants.NODE_PERFORMANCE_GC_MAJOR;
}
