/** Runs the exporter over bytes in memory, as a whole or in chunks. */
import type { Limits } from '../../src/bytes/limits.js';
import { WINDOW_BYTES, Window } from '../../src/bytes/window.js';
import { NdjsonHandler, type NdjsonOptions } from '../../src/convert/json/ndjson-handler.js';
import { type DriverOptions, RdbDriver } from '../../src/rdb/driver.js';

export interface ExportRun {
  /** What was handed over, joined, as UTF-8. */
  readonly text: string;
  readonly lines: string[];
  /** Sizes of the pieces. */
  readonly pieces: readonly number[];
  readonly pauses: number;
}

export interface RunOptions extends Partial<Omit<NdjsonOptions, 'write'>>, Pick<DriverOptions, 'checksum'> {
  readonly limits?: Partial<Limits>;
  /** Size of the next chunk of input; without it the window is over the whole file, out of the kernels' reach. */
  readonly chunk?: () => number;
  /** With a window of the usual size, in the kernels' memory. */
  readonly compiled?: boolean;
}

/** Lets errors out; {@link failingRun} catches them. */
export function exportRun(file: Uint8Array, options: RunOptions = {}): ExportRun {
  const output: Uint8Array[] = [];
  const { run, handler } = start(file, options, output);
  const pauses = run();
  handler.finish();
  return { ...collect(output), pauses };
}

/** What a run has written when the reading fails, with the error. */
export function failingRun(file: Uint8Array, options: RunOptions = {}): ExportRun & { error: unknown } {
  const result = anyRun(file, options);
  if (result.error === undefined) throw new Error('the file was read without an error');
  return result;
}

/** What a run has written, and the error where it failed. */
export function anyRun(file: Uint8Array, options: RunOptions = {}): ExportRun & { error: unknown } {
  const output: Uint8Array[] = [];
  const { run, handler } = start(file, options, output);
  try {
    const pauses = run();
    handler.finish();
    return { ...collect(output), pauses, error: undefined };
  } catch (error) {
    handler.flush();
    return { ...collect(output), pauses: 0, error };
  }
}

export function linesOf(file: Uint8Array, options: RunOptions = {}): string[] {
  return exportRun(file, options).lines;
}

function start(
  file: Uint8Array,
  options: RunOptions,
  output: Uint8Array[],
): { run: () => number; handler: NdjsonHandler } {
  const { limits, checksum, compiled, ...rest } = options;
  const chunk = rest.chunk ?? (compiled ? () => WINDOW_BYTES : undefined);
  const handler = new NdjsonHandler({ ...rest, write: (bytes, from, to) => output.push(bytes.slice(from, to)) });
  const window = chunk === undefined ? Window.over(file) : compiled ? Window.for(undefined) : new Window(1);
  const driver = new RdbDriver(window, handler, { checksum: checksum ?? true, ...(limits && { limits }) });
  handler.driver = driver;
  return { handler, run: () => (chunk === undefined ? advance(driver) : feed(file, driver, window, chunk)) };
}

function feed(file: Uint8Array, driver: RdbDriver, window: Window, chunk: () => number): number {
  let pauses = 0;
  for (let pos = 0; pos < file.length; ) {
    const size = Math.min(chunk(), file.length - pos);
    window.room(Math.max(driver.wanted, window.available + size));
    pos += window.append(file.subarray(pos, pos + size), 0);
    pauses += advance(driver);
  }
  window.ended = true;
  return pauses + advance(driver);
}

function advance(driver: RdbDriver): number {
  let pauses = 0;
  while (driver.advance() === 'pause') pauses++;
  return pauses;
}

function collect(output: readonly Uint8Array[]): Omit<ExportRun, 'pauses'> {
  const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.concat(output));
  return { text, lines: text.split('\n').slice(0, -1), pieces: output.map((piece) => piece.length) };
}
