/** Where a command's data goes: standard output, or a file that appears only when it is complete. */
import { isatty } from 'node:tty';
import { type Sink, writeFully } from './sink.js';

const BUFFER_BYTES = 64 * 1024;
const STDOUT_FD = 1;

/** Collects small pieces; a method per shape of data. */
export class Output {
  private readonly buffer = new Uint8Array(BUFFER_BYTES);
  private used = 0;
  private readonly encoder = new TextEncoder();

  constructor(
    private readonly sink: Sink,
    /** Someone is looking at it. */
    readonly isTerminal: boolean,
  ) {}

  get isBehind(): boolean {
    return this.sink.isBehind;
  }

  /** Takes `bytes[start, end)`, which may change after the call. */
  write(bytes: Uint8Array, start = 0, end = bytes.length): void {
    const size = end - start;
    if (size > BUFFER_BYTES - this.used) this.flush();
    if (size > BUFFER_BYTES) {
      this.sink.write(bytes, start, end);
      return;
    }
    if (size < 64) for (let pos = start, to = this.used; pos < end; pos++) this.buffer[to++] = bytes[pos]!;
    else this.buffer.set(bytes.subarray(start, end), this.used);
    this.used += size;
  }

  text(text: string): void {
    this.write(this.encoder.encode(text));
  }

  byte(byte: number): void {
    if (this.used === BUFFER_BYTES) this.flush();
    this.buffer[this.used++] = byte;
  }

  flush(): void {
    const { used } = this;
    this.used = 0;
    if (used > 0) this.sink.write(this.buffer, 0, used);
  }

  async drain(): Promise<void> {
    await this.sink.drain();
  }

  async commit(): Promise<void> {
    this.flush();
    await this.sink.commit();
  }

  /** After a failure: whole lines that were on their way still go where they cannot be taken back. */
  discard(): void {
    try {
      if (this.sink.isFinal) this.flush();
    } catch {
      // The failure that led here is the one that matters.
    }
    this.sink.discard();
  }
}

/** `target`: a path, or `-` or nothing for standard output. `inputs` are paths that must not be overwritten. Throws as openFileSink. */
export async function openOutput(target: string | undefined, inputs: readonly string[]): Promise<Output> {
  if (target === undefined || target === '-')
    return new Output(new DescriptorSink(STDOUT_FD, 'standard output'), isatty(1));
  return new Output((await import('./output-file.js')).openFileSink(target, inputs), false);
}

/** A descriptor that is not ours to close. */
class DescriptorSink implements Sink {
  readonly isBehind = false;
  readonly isFinal = true;

  constructor(
    private readonly fd: number,
    private readonly name: string,
  ) {}

  write(bytes: Uint8Array, start: number, end: number): void {
    writeFully(this.fd, this.name, bytes, start, end);
  }

  async drain(): Promise<void> {}

  async commit(): Promise<void> {}

  discard(): void {}
}
