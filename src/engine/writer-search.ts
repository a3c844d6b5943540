/** Who wrote a log: looked for before its first command is run, since the engine is to behave as that server. */
import { AofDriver, isRdbMagic } from '../aof/driver.js';
import type { AofLog, LogFile } from '../aof/model.js';
import { FormatError } from '../bytes/errors.js';
import type { ByteSource } from '../bytes/source.js';
import { BytesSource, peekSource } from '../bytes/source-plain.js';
import { Window } from '../bytes/window.js';
import { drive } from '../rdb/drive.js';
import { TARGETS, type Target } from '../rdb/versions.js';
import type { Engine } from './engine.js';
import { isAmbiguous, type LogNeeds, type LogWriter } from './generation.js';
import { LogSigns, nearest } from './log-signs.js';
import type { EngineOptions } from './settings.js';

/** What is looked at: a rewrite has keys in the order of their hashes, so that its beginning is a sample. */
const SAMPLE_BYTES = 8 * 1024 * 1024;
const MAGIC_BYTES = 6;

export class WriterSearch {
  /** What the engine is made with; the target is found by the first call of {@link look} that meets something. */
  readonly engineOptions: EngineOptions & { target?: Target | string };
  private by: LogWriter['by'] | undefined;
  private candidates: readonly Target[] = TARGETS;

  constructor(
    private readonly log: AofLog,
    private readonly options: EngineOptions & { readonly likely?: Target | undefined },
  ) {
    this.engineOptions = { ...options };
    if (options.target !== undefined) this.by = 'told';
  }

  /** Returns the source to read on with, from its beginning. */
  async look(source: ByteSource, file: LogFile): Promise<ByteSource> {
    if (this.by !== undefined) return source;
    const start = await sampleOf(source, MAGIC_BYTES);
    if (start.head.length === 0) return start.source;
    if (isRdbMagic(start.head, 0, start.head.length)) {
      this.by = 'dump';
      return start.source;
    }
    const sample = await sampleOf(start.source, SAMPLE_BYTES);
    await this.infer(sample.head, file);
    return sample.source;
  }

  result(needs: LogNeeds, engine: Engine): LogWriter {
    const { by = 'nothing' } = this;
    const isInferred = by === 'signs' || by === 'nothing';
    return { by, isGuess: isInferred && isAmbiguous(this.candidates, needs, engine) };
  }

  private async infer(head: Uint8Array, file: LogFile): Promise<void> {
    const signs = new LogSigns(this.log, file);
    try {
      await drive(new BytesSource(head), new AofDriver(Window.for(head.length), signs));
    } catch (error) {
      if (!(error instanceof FormatError)) throw error; // The sample ends somewhere, and the replay says what is wrong.
    }
    const { likely } = this.options;
    this.candidates = signs.candidates;
    if (likely !== undefined && this.candidates.includes(likely)) {
      this.by = 'beside';
      this.engineOptions.target = likely;
      return;
    }
    this.by = signs.isEmpty ? 'nothing' : 'signs';
    this.engineOptions.target = nearest(this.candidates);
  }
}

/** The first bytes, and a source that gives them again. */
async function sampleOf(source: ByteSource, most: number): Promise<{ source: ByteSource; head: Uint8Array }> {
  const head = new Uint8Array(Math.min(most, source.sizeBytes ?? most));
  const { source: again, size } = await peekSource(source, head);
  return { source: again, head: head.subarray(0, size) };
}
