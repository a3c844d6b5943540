/** The lowest layer of output: bytes to descriptors. */
import * as fs from 'node:fs';
import { OutputError } from './failures.js';

/** Bytes are written before the call returns, or kept until {@link Sink.drain}. */
export interface Sink {
  write(bytes: Uint8Array, start: number, end: number): void;
  /** Bytes wait to be written: {@link drain} should be awaited soon. */
  readonly isBehind: boolean;
  drain(): Promise<void>;
  /** Everything has been written: makes it durable and visible. */
  commit(): Promise<void>;
  /** What was written cannot be taken back. */
  readonly isFinal: boolean;
  /** Ends without a commit: takes back what can be taken back. */
  discard(): void;
}

const RETRY_MS = 5;

/** Writes all of it: short writes go on, a pipe that is full for the moment is waited for. Throws OutputError. */
export function writeFully(fd: number, name: string, bytes: Uint8Array, start: number, end: number): void {
  for (let pos = start; pos < end; ) {
    try {
      const count = fs.writeSync(fd, bytes, pos, end - pos);
      // A device that takes nothing without an error would keep us here forever.
      if (count === 0) throw Object.assign(new Error('nothing was taken'), { code: 'EIO' });
      pos += count;
    } catch (error) {
      const failure = error as NodeJS.ErrnoException;
      if (failure.code !== 'EAGAIN') throw new OutputError(name, failure);
      sleep(RETRY_MS);
    }
  }
}

const clock = new Int32Array(new SharedArrayBuffer(4));

function sleep(ms: number): void {
  Atomics.wait(clock, 0, 0, ms);
}
