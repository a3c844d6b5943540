/** The progress bar on standard error: how far, how fast, how long still. */
import { isatty } from 'node:tty';
import type { ProgressBar } from './render/progress-bar.js';

export type ProgressChoice = 'auto' | 'always' | 'never';

/** What is over before this needs no bar. */
const DELAY_MS = 300;
const STDERR_FD = 2;

/** Shows one source after the other. Nothing is loaded, and nothing written, before the first bar is due. */
export class Progress {
  private bar: ProgressBar | undefined;
  private startedMs = 0;
  private name = '';
  private totalBytes: number | undefined;
  private bytes = 0;
  /** Said beside the bytes and their rate. */
  private detail = '';
  private loading = false;
  private isRunning = false;

  constructor(private readonly wanted: boolean) {}

  /** `auto`: where standard error is a terminal, and the data does not scroll over it. */
  static create(choice: ProgressChoice, isDataOnTerminal: boolean): Progress {
    return new Progress(choice === 'always' || (choice === 'auto' && isatty(STDERR_FD) && !isDataOnTerminal));
  }

  /** Begins with a source of so many bytes. */
  start(name: string, totalBytes: number | undefined): void {
    this.stop();
    this.startedMs = performance.now();
    this.name = name;
    this.totalBytes = totalBytes;
    this.bytes = 0;
    this.isRunning = this.wanted;
  }

  /** So many bytes have been read. */
  update(bytes: number): void {
    if (!this.isRunning) return;
    this.bytes = bytes;
    const elapsedMs = performance.now() - this.startedMs;
    if (this.bar !== undefined) this.bar.update(bytes, elapsedMs, this.detail);
    else if (elapsedMs >= DELAY_MS && !this.loading) void this.open();
  }

  /** What is said beside the bytes: they may be read long before they are done with. */
  describe(detail: string): void {
    this.detail = detail;
    this.update(this.bytes);
  }

  /** Takes the bar off, since something is about to be written; the next update brings it back. */
  clear(): void {
    this.bar?.stop();
    this.bar = undefined;
  }

  stop(): void {
    this.isRunning = false;
    this.detail = '';
    this.clear();
  }

  private async open(): Promise<void> {
    this.loading = true;
    const { ProgressBar } = await import('./render/progress-bar.js');
    this.loading = false;
    // It may be over by now.
    if (!this.isRunning) return;
    this.bar = new ProgressBar(this.name, this.totalBytes);
    this.bar.update(this.bytes, performance.now() - this.startedMs, this.detail);
  }
}
