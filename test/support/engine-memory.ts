/**
 * A process of its own, started with --expose-gc: fills an engine with so many keys of one kind, by commands, and prints
 * what that has added to its memory, in bytes.
 */
import { findCommand } from '../../src/aof/command-table.js';
import type { ByteString } from '../../src/bytes/byte-string.js';
import { Engine } from '../../src/engine/engine.js';
import { CommandRunner } from '../../src/engine/runner.js';

export interface MemoryUse {
  /** Keys in the engine at the end. */
  readonly keys: number;
  /** Of the heap and of buffers beside it, once garbage is gone. */
  readonly held: number;
  /** Resident memory, garbage of the way included. */
  readonly resident: number;
}

const COMMANDS: Readonly<Record<string, (number: string) => ByteString[]>> = {
  strings: (number) => ['SET', `key:${number}`, `value${number.slice(2)}`],
  hashes: (number) => ['HSET', `user:${number}`, ...FIELDS.flatMap((field) => [field, `${field[0]}${number}`])],
};
const FIELDS = ['name', 'email', 'city', 'plan', 'seen'];

const [, , kind = '', count = ''] = process.argv;
const parts = COMMANDS[kind]!;
const runner = new CommandRunner(new Engine());
// The code is compiled, and the way through it is warm, before anything counts.
fill(1000);
runner.engine.database(0).clear();
const before = memory();
fill(Number(count));
const after = memory();
const use: MemoryUse = {
  keys: runner.engine.database(0).size,
  held: after.held - before.held,
  resident: after.resident - before.resident,
};
process.stdout.write(JSON.stringify(use));

function fill(keys: number): void {
  for (let key = 0; key < keys; key++) {
    const args = parts(String(key).padStart(7, '0'));
    runner.run(findCommand(args[0]!)!, args);
  }
}

function memory(): { held: number; resident: number } {
  // Two rounds: what the first finds dead may hold buffers.
  globalThis.gc!();
  globalThis.gc!();
  const { heapUsed, arrayBuffers, rss } = process.memoryUsage();
  return { held: heapUsed + arrayBuffers, resident: rss };
}
