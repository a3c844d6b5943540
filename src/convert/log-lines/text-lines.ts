/**
 * Commands as lines for people:
 *
 *     23 2023-11-14T22:13:20Z [3] SET "two words" v        offset, time where the log has it, database, command
 *     SET "two words" v                                     bare: what redis-cli takes on standard input
 *
 * Arguments are raw where they are printable ASCII without blanks and quotes, else quoted as redis-cli does. A longer one
 * than `maxArgumentBytes` is cut, and its size said.
 */
import type { CommandView } from '../../aof/command-view.js';
import type { LogState } from '../../aof/log-state.js';
import { formatUint53 } from '../../bytes/int64.js';
import { ByteWriter, type WriteBytes } from '../../bytes/writer.js';
import type { LineWriter } from './line-writer.js';

export interface TextLineOptions {
  /** Only the commands. */
  readonly bare: boolean;
  /** Longer arguments are cut; Infinity for never. */
  readonly maxArgumentBytes: number;
}

const BLANK = 0x20;
const NEWLINE = 0x0a;
const QUOTE = 0x22;
const APOSTROPHE = 0x27;
const BACKSLASH = 0x5c;
/** What a byte becomes at most: `\xff`. */
const MAX_QUOTED = 4;
const PIECE_BYTES = 16 * 1024;
const MAX_NUMBER = 20;
const HEX = Uint8Array.from('0123456789abcdef', (digit) => digit.charCodeAt(0));
const LETTERS = new Map([
  [0x0a, 0x6e],
  [0x0d, 0x72],
  [0x09, 0x74],
  [0x07, 0x61],
  [0x08, 0x62],
]);
const utf8 = new TextEncoder();

export class TextLines implements LineWriter {
  private readonly out: ByteWriter;
  private timeSeconds: number | undefined;
  private timeText = new Uint8Array(0);

  constructor(
    private readonly options: TextLineOptions,
    write: WriteBytes,
  ) {
    this.out = new ByteWriter(write);
  }

  file(): void {
    // Whoever reads lines knows the file, or sees a heading that is not ours to print.
  }

  command(view: CommandView, state: LogState): void {
    const { out } = this;
    if (!this.options.bare) this.writePlace(view.offset, state);
    for (let arg = 0; arg < view.argc; arg++) {
      if (arg > 0) out.byte(BLANK);
      if (arg >= view.held) {
        this.text(`…(${view.argc - arg} more)`);
        break;
      }
      if (view.isElided(arg)) this.text(`…(${view.size(arg)} bytes)`);
      else this.writeArgument(view.bytes, view.start(arg), view.end(arg));
    }
    out.byte(NEWLINE);
  }

  flush(): void {
    this.out.flush();
  }

  private writePlace(offset: number, state: LogState): void {
    const { out } = this;
    this.number(offset);
    out.byte(BLANK);
    if (state.timeSeconds !== undefined) {
      out.copy(this.timeOf(state.timeSeconds));
      out.byte(BLANK);
    }
    out.byte(0x5b);
    this.number(state.db);
    out.byte(0x5d);
    out.byte(BLANK);
  }

  private number(value: number): void {
    const { out } = this;
    out.reserve(MAX_NUMBER);
    out.pos = formatUint53(value, out.bytes, out.pos);
  }

  private timeOf(seconds: number): Uint8Array {
    if (seconds !== this.timeSeconds) {
      this.timeSeconds = seconds;
      this.timeText = utf8.encode(formatSeconds(seconds));
    }
    return this.timeText;
  }

  private text(text: string): void {
    this.out.copy(utf8.encode(text));
  }

  private writeArgument(bytes: Uint8Array, start: number, end: number): void {
    const { maxArgumentBytes } = this.options;
    const stop = end - start > maxArgumentBytes ? start + maxArgumentBytes : end;
    if (isPlain(bytes, start, stop)) this.out.copy(bytes, start, stop);
    else this.writeQuoted(bytes, start, stop);
    if (stop < end) this.text(`…(${end - start} bytes)`);
  }

  private writeQuoted(bytes: Uint8Array, start: number, end: number): void {
    const { out } = this;
    out.byte(QUOTE);
    for (let from = start; from < end; from += PIECE_BYTES) {
      const to = Math.min(end, from + PIECE_BYTES);
      out.reserve((to - from) * MAX_QUOTED);
      let at = out.pos;
      for (let pos = from; pos < to; pos++) at = quoteByte(bytes[pos]!, out.bytes, at);
      out.pos = at;
    }
    out.byte(QUOTE);
  }
}

/** Unix seconds as ISO 8601, or as a number where no calendar goes so far. */
function formatSeconds(seconds: number): string {
  const ms = seconds * 1000;
  return Math.abs(ms) <= 8.64e15 ? new Date(ms).toISOString().replace('.000Z', 'Z') : `@${seconds}`;
}

function isPlain(bytes: Uint8Array, start: number, end: number): boolean {
  if (start === end) return false;
  for (let pos = start; pos < end; pos++) {
    const byte = bytes[pos]!;
    if (byte <= BLANK || byte >= 0x7f || byte === QUOTE || byte === APOSTROPHE || byte === BACKSLASH) return false;
  }
  return true;
}

function quoteByte(byte: number, out: Uint8Array, to: number): number {
  if (byte >= BLANK && byte < 0x7f) {
    if (byte !== QUOTE && byte !== BACKSLASH) {
      out[to] = byte;
      return to + 1;
    }
    out[to] = BACKSLASH;
    out[to + 1] = byte;
    return to + 2;
  }
  out[to] = BACKSLASH;
  const letter = LETTERS.get(byte);
  if (letter !== undefined) {
    out[to + 1] = letter;
    return to + 2;
  }
  out[to + 1] = 0x78;
  out[to + 2] = HEX[byte >> 4]!;
  out[to + 3] = HEX[byte & 0xf]!;
  return to + MAX_QUOTED;
}
