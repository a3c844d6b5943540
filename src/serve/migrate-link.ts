/**
 * A connection to another server that keys are given to: commands go out as bytes, replies come back as lines. What goes wrong with it is
 * a {@link LinkError}, the other side being silent for too long included; it is of no use then.
 */
import { connect, type Socket } from 'node:net';
import { type ByteString, toByteString } from '../bytes/byte-string.js';

/** What it was at. */
export type LinkStep = 'connecting' | 'writing' | 'reading';

export class LinkError extends Error {
  override readonly name = 'LinkError';

  /** `reason`: `nonsense` is what no server answers. */
  constructor(
    readonly step: LinkStep,
    readonly reason: 'timeout' | 'closed' | 'nonsense',
    cause?: unknown,
  ) {
    super(`${reason} while ${step}`, { cause });
  }
}

/** As much goes out at a time: whoever reads slowly is waited for piece by piece. */
export const PIECE_BYTES = 64 * 1024;
/** An error reply is one line; no server has one that is longer. */
const MOST_LINE_BYTES = 64 * 1024;
/** Lines that wait to be read, before no more are taken. */
const MOST_LINES = 65_536;
const MOST_PORT = 65_535;
/** The longest that a timer of the machine goes. */
const MOST_TIMER_MS = 2 ** 31 - 1;
/** Found out before anything is sent, and yet to a server errors of its first write: it begins to connect, and does not look. */
const TURNED_AWAY: ReadonlySet<unknown> = new Set(['ECONNREFUSED', 'ECONNRESET', 'EHOSTUNREACH']);

export class MigrateLink {
  /** The number of the database that is selected there, as it was sent; undefined where that is not known. */
  selected: string | undefined;
  private readonly socket: Socket;
  private lines: ByteString[] = [];
  /** Of the lines, those that were read. */
  private taken = 0;
  /** Of a line that is not whole. */
  private begun: ByteString = '';
  /** Why it has come to its end. */
  private end: LinkError['reason'] | undefined;
  private cause: unknown;
  /** Whoever waits for something to happen. */
  private wake: () => void = nobody;

  /**
   * Begins to connect. Throws LinkError for what cannot be an address. `onEnd` is called when it has come to its end, by itself or
   * by {@link destroy}.
   */
  constructor(host: ByteString, port: number, onEnd: () => void) {
    if (host === '' || port < 0 || port > MOST_PORT) throw new LinkError('connecting', 'closed');
    try {
      this.socket = connect({ host: Buffer.from(host, 'latin1').toString(), port, noDelay: true });
    } catch (cause) {
      throw new LinkError('connecting', 'closed', cause);
    }
    const { socket } = this;
    socket.on('data', (bytes: Uint8Array) => this.receive(bytes));
    socket.on('connect', () => this.wake());
    socket.on('error', (cause: NodeJS.ErrnoException) =>
      this.fail(cause.code === 'ETIMEDOUT' ? 'timeout' : 'closed', cause),
    );
    socket.on('end', () => this.fail('closed'));
    socket.on('close', () => {
      this.fail('closed');
      onEnd();
    });
  }

  /** Whether commands may be sent, whose replies are the next lines. */
  get isFresh(): boolean {
    return this.end === undefined && this.begun === '' && this.taken === this.lines.length;
  }

  /** Until it is connected. Times in all of these are of doing nothing. */
  async open(timeoutMs: number): Promise<void> {
    try {
      while (this.socket.connecting || this.socket.pending) await this.happening('connecting', timeoutMs);
    } catch (error) {
      const { cause } = this;
      if (
        error instanceof LinkError &&
        cause instanceof Error &&
        TURNED_AWAY.has((cause as NodeJS.ErrnoException).code)
      )
        throw new LinkError('writing', error.reason, cause);
      throw error;
    }
  }

  /** Until the bytes are with the system, which is when they may change. */
  async write(bytes: Uint8Array, timeoutMs: number): Promise<void> {
    const { socket } = this;
    for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
      if (this.end === undefined) socket.write(bytes.subarray(at, at + PIECE_BYTES), () => this.wake());
      while (this.end !== undefined || socket.writableLength > 0) await this.happening('writing', timeoutMs);
    }
  }

  /** The next reply: undefined for that of a command which has done what it does, else the text of the error. */
  async reply(timeoutMs: number): Promise<ByteString | undefined> {
    while (this.taken === this.lines.length) await this.happening('reading', timeoutMs);
    const line = this.lines[this.taken++]!;
    if (this.taken === this.lines.length) {
      this.lines = [];
      this.taken = 0;
      this.socket.resume();
    }
    if (line.startsWith('-')) return line.slice(1);
    // A key is deleted for it: whoever answers anything else has not taken the key.
    if (!line.startsWith('+')) throw new LinkError('reading', 'nonsense');
    return undefined;
  }

  /** Does not keep the process from ending, until it is used again. */
  rest(): void {
    this.socket.unref();
  }

  resume(): void {
    this.socket.ref();
  }

  destroy(): void {
    this.socket.destroy();
    this.fail('closed');
  }

  /** Until something happens to it. Throws LinkError where nothing does, or where it has come to its end. */
  private async happening(step: LinkStep, timeoutMs: number): Promise<void> {
    if (this.end === undefined && !(await this.isWoken(timeoutMs))) throw new LinkError(step, 'timeout');
    if (this.end !== undefined && (step !== 'reading' || this.taken === this.lines.length))
      throw new LinkError(step, this.end, this.cause);
  }

  private isWoken(timeoutMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      const settle = (isWoken: boolean): void => {
        clearTimeout(timer);
        this.wake = nobody;
        resolve(isWoken);
      };
      const timer = setTimeout(() => settle(false), Math.min(timeoutMs, MOST_TIMER_MS));
      this.wake = () => settle(true);
    });
  }

  private receive(bytes: Uint8Array): void {
    if (this.end !== undefined) return;
    const lines = (this.begun + toByteString(bytes)).split('\n');
    this.begun = lines.pop()!;
    for (const line of lines) this.lines.push(line.endsWith('\r') ? line.slice(0, -1) : line);
    if (this.begun.length > MOST_LINE_BYTES) this.fail('nonsense');
    else if (this.lines.length > MOST_LINES) this.socket.pause();
    this.wake();
  }

  private fail(reason: LinkError['reason'], cause?: unknown): void {
    if (this.end !== undefined) return;
    this.end = reason;
    this.cause = cause;
    this.wake();
  }
}

function nobody(): void {
  // Nobody waits.
}
