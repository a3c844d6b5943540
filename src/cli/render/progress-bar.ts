/** One progress bar, drawn by cli-progress. */
import { basename } from 'node:path';
import cliProgress from 'cli-progress';
import { lineText } from './bytes-text.js';
import { formatBytes } from './quantity.js';

const BAR_COLUMNS = 24;
const REDRAWS_PER_SECOND = 10;
/** Where no terminal redraws it, a line now and then. */
const LINE_EVERY_MS = 2000;

export class ProgressBar {
  private readonly bar: cliProgress.SingleBar;
  private readonly name: string;

  /** Without a total there is no bar and no time left, but the bytes and the rate. */
  constructor(
    name: string,
    private readonly totalBytes: number | undefined,
  ) {
    this.bar = new cliProgress.SingleBar({
      format: (_options, _params, payload: { text: string }) => payload.text,
      stream: process.stderr,
      fps: REDRAWS_PER_SECOND,
      clearOnComplete: true,
      hideCursor: true,
      noTTYOutput: true,
      notTTYSchedule: LINE_EVERY_MS,
      gracefulExit: false,
    });
    this.name = lineText(new TextEncoder().encode(basename(name)));
    this.bar.start(totalBytes ?? 0, 0, { text: this.name });
  }

  update(bytes: number, elapsedMs: number, detail = ''): void {
    this.bar.update(bytes, { text: formatProgress(this.name, bytes, this.totalBytes, elapsedMs, detail) });
  }

  stop(): void {
    this.bar.stop();
  }
}

/** `dump.rdb [####----] 43%  1.2 GB/s  5 s left`; `detail` stands behind the rate. */
export function formatProgress(
  name: string,
  bytes: number,
  totalBytes: number | undefined,
  elapsedMs: number,
  detail = '',
): string {
  const bytesPerMs = bytes / Math.max(1, elapsedMs);
  const rate = `${formatBytes(Math.round(bytesPerMs * 1000))}/s${detail === '' ? '' : `  ${detail}`}`;
  if (totalBytes === undefined || totalBytes === 0) return `${name}  ${formatBytes(bytes)}  ${rate}`;
  const share = Math.min(1, bytes / totalBytes);
  const full = Math.floor(share * BAR_COLUMNS);
  const bar = `${'█'.repeat(full)}${'░'.repeat(BAR_COLUMNS - full)}`;
  const leftSeconds = Math.ceil((totalBytes - bytes) / bytesPerMs / 1000);
  const left = Number.isFinite(leftSeconds) ? `ETA ${formatDuration(leftSeconds)}` : '';
  return `${name} ${bar} ${Math.floor(share * 100)}%  ${rate}  ${left}`;
}

/** `7 s`, `2:05`, `1:02:05`. */
function formatDuration(seconds: number): string {
  if (seconds < 60) return `${seconds} s`;
  const pad = (value: number): string => String(value).padStart(2, '0');
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  const tail = pad(seconds % 60);
  return hours > 0 ? `${hours}:${pad(minutes % 60)}:${tail}` : `${minutes}:${tail}`;
}
