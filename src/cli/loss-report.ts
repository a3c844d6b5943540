/** Losses on their way to the user: all of them into the file of `--report`, the first ones also into the JSON of `--json`. */
import type { LossEntry } from '../convert/loss.js';
import { UsageError, withHint } from './failures.js';
import { compressionOf } from './output-compressed.js';
import { type FileSink, openFileSink } from './output-file.js';
import { lossJson } from './render/convert-json.js';

/** Single losses in the JSON of `--json`; the file of `--report` has all of them. */
const MAX_SHOWN = 1000;
const FLUSH_BYTES = 64 * 1024;

/** Its memory does not grow with the number of losses. */
export class LossReport {
  private readonly shown: LossEntry[] = [];
  private isOpen = true;

  private constructor(private readonly file: ReportFile | undefined) {}

  /** `path`: that of `--report`. `others`: files that must not be overwritten. Throws UsageError, OutputError. */
  static open(path: string | undefined, others: readonly string[]): LossReport {
    // Losses are met between two rows, where nothing can wait for zstd.
    if (path !== undefined && compressionOf(path) === 'zstd')
      throw withHint(new UsageError('the report is JSON, or gzip of it'), `--report ${path.replace(/\.zst$/i, '.gz')}`);
    if (path === '-') throw new UsageError('the report is a file; --json prints losses');
    return new LossReport(path === undefined ? undefined : new ReportFile(openFileSink(path, others)));
  }

  add(entry: LossEntry): void {
    this.file?.add(lossJson(entry));
    if (this.shown.length < MAX_SHOWN) this.shown.push(entry);
  }

  /** Of an import: a key that was not written, among the losses of the file alone. */
  addFailure(failure: object): void {
    this.file?.add(failure);
  }

  /** The first losses, for `--json`. */
  json(): object[] {
    return this.shown.map(lossJson);
  }

  /** Everything has been added; `summary` says what became of the command. */
  async commit(summary: Readonly<Record<string, unknown>>): Promise<void> {
    this.isOpen = false;
    await this.file?.commit(summary);
  }

  /** After a failure. What has been committed stays. */
  discard(): void {
    if (this.isOpen) this.file?.discard();
    this.isOpen = false;
  }
}

/** Every loss on a line of its own as it is met, then the summary. One JSON object in all. */
class ReportFile {
  private text = '{"losses":[';
  private count = 0;

  constructor(private readonly sink: FileSink) {}

  add(entry: object): void {
    this.text += `${this.count++ === 0 ? '' : ','}\n${JSON.stringify(entry)}`;
    if (this.text.length >= FLUSH_BYTES) this.flush();
  }

  async commit(summary: Readonly<Record<string, unknown>>): Promise<void> {
    this.text += `\n],${JSON.stringify(summary).slice(1)}\n`;
    this.flush();
    await this.sink.commit();
  }

  discard(): void {
    this.sink.discard();
  }

  private flush(): void {
    const bytes = new TextEncoder().encode(this.text);
    this.text = '';
    this.sink.write(bytes, 0, bytes.length);
  }
}
