/** The progress bar on standard error: how far, how fast, how long still. */
import { isatty } from 'node:tty';
import type { Presets, SingleBar } from 'cli-progress';
import { formatBytes } from './render/quantity.js';

export type ProgressChoice = 'auto' | 'always' | 'never';

/** What is over before this needs no bar. */
const DELAY_MS = 300;
const REDRAW_PER_SECOND = 10;
const STDERR_FD = 2;

/** Shows one source after the other. Nothing is loaded, and nothing written, before the first bar is due. */
export class Progress {
  private bar: SingleBar | undefined;
  private startedMs = 0;
  private name = '';
  private totalBytes: number | undefined;
  private loading: Promise<void> | undefined;
  private active = false;

  constructor(private readonly wanted: boolean) {}

  /** `auto`: where standard error is a terminal and standard output does not scroll over it. */
  static create(choice: ProgressChoice, dataOnTerminal: boolean): Progress {
    return new Progress(choice === 'always' || (choice === 'auto' && isatty(STDERR_FD) && !dataOnTerminal));
  }

  /** Begins with a source of so many bytes. */
  start(name: string, totalBytes: number | undefined): void {
    this.stop();
    this.startedMs = performance.now();
    this.name = name;
    this.totalBytes = totalBytes;
    this.active = this.wanted;
  }

  /** So many bytes have been read. */
  update(bytes: number): void {
    if (!this.active) return;
    const elapsedMs = performance.now() - this.startedMs;
    if (this.bar !== undefined) this.draw(this.bar, bytes, elapsedMs);
    else if (elapsedMs >= DELAY_MS) this.loading ??= this.open();
  }

  /** Clears the bar: what follows may write to the terminal. */
  stop(): void {
    this.active = false;
    this.bar?.stop();
    this.bar = undefined;
    this.loading = undefined;
  }
}
