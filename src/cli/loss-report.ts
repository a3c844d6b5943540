/** The file of `--report`: every loss on a line of its own as it is met, then the summary. One JSON object in all. */
import type { LossEntry } from '../convert/loss.js';
import { openFileSink } from './output-file.js';
import { lossJson } from './render/convert-json.js';
import type { Sink } from './sink.js';

const FLUSH_BYTES = 64 * 1024;

export class LossReport {
  private text = '{"losses":[';
  private count = 0;

  private constructor(private readonly sink: Sink) {}

  /** `others`: files that must not be overwritten. */
  static open(path: string, others: readonly string[]): LossReport {
    return new LossReport(openFileSink(path, others));
  }

  add(entry: LossEntry): void {
    this.text += `${this.count++ === 0 ? '' : ','}\n${JSON.stringify(lossJson(entry))}`;
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
