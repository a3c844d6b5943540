/** Runs the writers of commands over bytes in memory, and takes their output apart again. */
import type { Limits } from '../../src/bytes/limits.js';
import { Window } from '../../src/bytes/window.js';
import { decodeCommand, skipCommand } from '../../src/codecs/resp.js';
import type { LossEntry } from '../../src/convert/loss.js';
import type { CommandOptions, CommandRows } from '../../src/convert/rdb-to-commands/command-rows.js';
import { RestoreHandler } from '../../src/convert/rdb-to-commands/restore-handler.js';
import { RewriteHandler } from '../../src/convert/rdb-to-commands/rewrite-handler.js';
import { RdbDriver } from '../../src/rdb/driver.js';

export interface CommandRun {
  readonly bytes: Uint8Array;
  readonly losses: readonly LossEntry[];
  /** Sizes of the pieces that were handed over. */
  readonly pieces: readonly number[];
}

export interface RunOptions extends Partial<Omit<CommandOptions, 'write' | 'onLoss'>> {
  readonly format?: 'resp' | 'restore';
  readonly limits?: Partial<Limits>;
  /** Size of the next chunk of input; without it the window is over the whole file. */
  readonly chunk?: () => number;
  readonly maxPayloadBytes?: number;
}

/** Lets errors out; `onFailure` then has what was handed over before. */
export function commandRun(
  file: Uint8Array,
  options: RunOptions = {},
  onFailure: (bytes: Uint8Array) => void = () => undefined,
): CommandRun {
  const { format = 'resp', limits, chunk, ...rest } = options;
  const output: Uint8Array[] = [];
  const losses: LossEntry[] = [];
  const settings = {
    nowMs: 1_700_000_000_000,
    ...rest,
    write: (bytes: Uint8Array, start: number, end: number) => output.push(bytes.slice(start, end)),
    onLoss: (loss: LossEntry) => losses.push(loss),
  };
  const handler = format === 'resp' ? new RewriteHandler(settings) : new RestoreHandler(settings);
  try {
    read(file, handler, limits, chunk);
  } catch (error) {
    handler.flush();
    onFailure(join(output));
    throw error;
  }
  handler.flush();
  return { bytes: join(output), losses, pieces: output.map((piece) => piece.length) };
}

/** Every command as texts, one character per byte. Annotations are left out. */
export function commandsOf(bytes: Uint8Array): string[][] {
  const commands: string[][] = [];
  for (let pos = 0; pos < bytes.length; ) {
    if (bytes[pos] === 0x23) {
      pos = bytes.indexOf(0x0a, pos) + 1;
      continue;
    }
    const end = skipCommand(bytes, pos, bytes.length);
    if (end > bytes.length) throw new Error(`half a command at ${pos}`);
    commands.push(decodeCommand(bytes, pos, end).map((arg) => Buffer.from(arg).toString('latin1')));
    pos = end;
  }
  return commands;
}

/** `SELECT 0` and so on, an argument a word: for short expectations. */
export function commandLines(bytes: Uint8Array): string[] {
  return commandsOf(bytes).map((args) => args.join(' '));
}

/** Commands by `db key`, in their order; libraries under `libraries`. */
export function byKey(commands: readonly string[][]): Map<string, string[][]> {
  const found = new Map<string, string[][]>();
  let db = '';
  for (const command of commands) {
    const [name, first = '', second = ''] = command;
    if (name === 'SELECT') db = first;
    else {
      const key = name === 'FUNCTION' ? 'libraries' : `${db} ${name === 'XGROUP' ? second : first}`;
      found.set(key, [...(found.get(key) ?? []), command]);
    }
  }
  return found;
}

function read(
  file: Uint8Array,
  handler: CommandRows,
  limits: Partial<Limits> | undefined,
  chunk: (() => number) | undefined,
): void {
  const window = chunk === undefined ? Window.over(file) : new Window(1);
  const driver = new RdbDriver(window, handler, limits && { limits });
  handler.driver = driver;
  if (chunk !== undefined) {
    for (let pos = 0; pos < file.length; ) {
      const size = Math.min(chunk(), file.length - pos);
      window.room(Math.max(driver.wanted, window.available + size));
      pos += window.append(file.subarray(pos, pos + size), 0);
      while (driver.advance() === 'pause');
    }
    window.ended = true;
  }
  while (driver.advance() === 'pause');
}

function join(pieces: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(pieces));
}
