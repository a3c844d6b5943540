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

/** A file that is whole before it appears. */
export interface FileSink extends Sink {
  /** Makes what has been written durable, under its temporary name; nothing may be written after. Throws OutputError. */
  seal(): Promise<void>;
  /** Takes a file away that has been committed already. */
  takeBack(): void;
}

/** The calls of the system that writing needs. */
export interface WriteCalls {
  /** As that of node:fs: answers how many bytes were taken. */
  writeSync(fd: number, bytes: Uint8Array, pos: number, length: number): number;
  sleep(ms: number): void;
}

const FIRST_WAIT_MS = 0.25;
const LONGEST_WAIT_MS = 16;

const clock = new Int32Array(new SharedArrayBuffer(4));

const SYSTEM: WriteCalls = {
  writeSync: (fd, bytes, pos, length) => fs.writeSync(fd, bytes, pos, length),
  sleep: (ms) => void Atomics.wait(clock, 0, 0, ms),
};

/**
 * Writes all of `bytes[start, end)`: short writes go on, a pipe that is full for the moment is waited for, asleep, and the longer
 * the longer it stays full. Throws OutputError.
 */
export function writeFully(
  fd: number,
  name: string,
  bytes: Uint8Array,
  start: number,
  end: number,
  { writeSync, sleep }: WriteCalls = SYSTEM,
): void {
  let waitMs = FIRST_WAIT_MS;
  for (let pos = start; pos < end; ) {
    try {
      const count = writeSync(fd, bytes, pos, end - pos);
      // A device that takes nothing without an error would keep us here forever.
      if (count === 0) throw Object.assign(new Error('nothing was taken'), { code: 'EIO' });
      pos += count;
      waitMs = FIRST_WAIT_MS;
    } catch (error) {
      const failure = error as NodeJS.ErrnoException;
      if (failure.code !== 'EAGAIN') throw new OutputError(name, failure);
      sleep(waitMs);
      waitMs = Math.min(2 * waitMs, LONGEST_WAIT_MS);
    }
  }
}
