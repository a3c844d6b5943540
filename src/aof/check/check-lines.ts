/** The line at which redis-check-aof stops in a file that is not whole. */
import { FormatError } from '../../bytes/errors.js';
import type { ByteSource } from '../../bytes/source.js';
import type { Window } from '../../bytes/window.js';
import { ItemScanner } from '../scanner.js';

const STAR = 0x2a;
const DOLLAR = 0x24;
const CR = 0x0d;
const LF = 0x0a;
/** What a number's line takes at most. */
const MAX_LINE = 128;

/** Where the reading of a damaged command ends. */
export interface BrokenCommand {
  /** Line ends that were read: of numbers, and behind arguments. */
  readonly lines: number;
  /** What is wrong: the number's line, what stands behind an argument, or that the bytes end. */
  readonly at: 'number' | 'line-end' | 'end';
  /** The number that was read last; undefined where none could be read. */
  readonly number: number | undefined;
}

/**
 * Reads the command at the window's position up to where it breaks, in redis-check-aof's steps: a number's line, then the
 * argument as a whole with its line end. Moves the window; nothing of an argument is held.
 */
export async function readBrokenCommand(source: ByteSource, window: Window): Promise<BrokenCommand> {
  const scanner = new ItemScanner();
  let lines = 0;
  let last: number | undefined;
  const number = async (prefix: number): Promise<number> => {
    await fill(source, window, MAX_LINE);
    try {
      const value = scanner.number(window.bytes, window.pos, window.end, prefix);
      if (value < 0) return ENDS;
      window.pos = scanner.next;
      lines++;
      last = value;
      return value;
    } catch (error) {
      if (error instanceof FormatError) return BROKEN;
      throw error;
    }
  };
  const argc = await number(STAR);
  if (argc < 0) return { lines, at: argc === ENDS ? 'end' : 'number', number: last };
  for (let index = 0; index < argc; index++) {
    const size = await number(DOLLAR);
    if (size < 0) return { lines, at: size === ENDS ? 'end' : 'number', number: last };
    if (!(await skip(source, window, size)) || !(await fill(source, window, 2)))
      return { lines, at: 'end', number: last };
    if (window.bytes[window.pos] !== CR || window.bytes[window.pos + 1] !== LF)
      return { lines, at: 'line-end', number: last };
    window.pos += 2;
    lines++;
  }
  return { lines, at: 'number', number: last };
}

/** Reads to the end without looking; the size of the whole input. */
export async function drain(source: ByteSource, window: Window): Promise<number> {
  if (source.sizeBytes !== undefined) return source.sizeBytes;
  while (!window.ended) {
    window.pos = window.end;
    await fill(source, window, 1);
  }
  return window.base + window.end;
}

const ENDS = -1;
const BROKEN = -2;

async function skip(source: ByteSource, window: Window, count: number): Promise<boolean> {
  for (let left = count; ; ) {
    const step = Math.min(left, window.available);
    window.pos += step;
    left -= step;
    if (left === 0) return true;
    if (window.totalBytes !== undefined && left > window.totalBytes - window.offset) return false;
    if (!(await fill(source, window, 1))) return false;
  }
}

/** Whether `wanted` bytes are there, after reading what it takes. */
async function fill(source: ByteSource, window: Window, wanted: number): Promise<boolean> {
  while (window.available < wanted && !window.ended) {
    const room = window.room(wanted);
    const count = await source.read(window.bytes, window.end, room);
    if (count === 0) window.ended = true;
    else window.filled(count);
  }
  return window.available >= wanted;
}
