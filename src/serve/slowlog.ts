/** Commands that took long (SLOWLOG). */
import type { ByteString } from '../bytes/byte-string.js';
import type { Connection } from './connection.js';
import { withoutSecrets } from './told-commands.js';

export interface SlowSettings {
  /** `slowlog-log-slower-than`, µs; negative: nothing is kept. */
  readonly slowerThanUsec: number;
  /** `slowlog-max-len` */
  readonly slowLogLength: number;
}

export interface SlowEntry {
  readonly id: number;
  /** Unix seconds. */
  readonly atSeconds: number;
  readonly usec: number;
  /** Shortened where there is much of it. */
  readonly args: readonly ByteString[];
  readonly address: string;
  readonly clientName: ByteString;
}

const MOST_ARGUMENTS = 32;
const MOST_BYTES = 128;

export class SlowLog {
  /** The latest first. */
  entries: SlowEntry[] = [];
  private nextId = 0;

  constructor(private readonly settings: SlowSettings) {}

  isSlow(usec: number): boolean {
    const { slowerThanUsec } = this.settings;
    return slowerThanUsec >= 0 && usec >= slowerThanUsec;
  }

  add(connection: Connection, args: readonly ByteString[], usec: number, nowMs: number): void {
    const { slowLogLength } = this.settings;
    this.entries.unshift({
      id: this.nextId++,
      atSeconds: Math.floor(nowMs / 1000),
      usec,
      args: shortened(withoutSecrets(args)),
      address: connection.transport.address,
      clientName: connection.name,
    });
    if (this.entries.length > slowLogLength) this.entries.length = slowLogLength;
  }

  reset(): void {
    this.entries = [];
  }
}

function shortened(args: readonly ByteString[]): ByteString[] {
  const shown = args.length > MOST_ARGUMENTS ? args.slice(0, MOST_ARGUMENTS - 1) : args;
  const words = shown.map((arg) =>
    arg.length > MOST_BYTES ? `${arg.slice(0, MOST_BYTES)}... (${arg.length - MOST_BYTES} more bytes)` : arg,
  );
  if (shown.length < args.length) words.push(`... (${args.length - shown.length} more arguments)`);
  return words;
}
