/** An engine for tests: commands as arrays of byte strings, replies as plain values. */
import { findCommand } from '../../src/aof/command-table.js';
import type { ByteString } from '../../src/bytes/byte-string.js';
import { Engine } from '../../src/engine/engine.js';
import { BooleanReply, CommandError, KeyedReply, type Reply, Status } from '../../src/engine/reply.js';
import { CommandRunner } from '../../src/engine/runner.js';
import type { EngineOptions } from '../../src/engine/settings.js';

export interface TestEngine {
  readonly engine: Engine;
  readonly runner: CommandRunner;
  /** The reply; a status as `+OK`, an error as `-ERR …`. */
  run(...args: readonly (ByteString | number)[]): Reply;
}

/** A clock that stands at `nowMs` unless one is given. */
export function testEngine(options: EngineOptions = {}): TestEngine {
  const engine = new Engine({ clock: () => 1_000_000, ...options });
  const runner = new CommandRunner(engine);
  const run = (...words: readonly (ByteString | number)[]): Reply => {
    const args = words.map(String);
    const container = findCommand(args[0]!);
    if (container === undefined) throw new Error(`no such command: ${args[0]}`);
    const spec = container.subcommands === undefined ? container : (findCommand(`${args[0]} ${args[1]}`) ?? container);
    engine.tick();
    try {
      const reply = runner.run(spec, args);
      if (reply instanceof BooleanReply) return Number(reply.value);
      if (reply instanceof KeyedReply) return reply.pairs;
      return reply instanceof Status ? `+${reply.text}` : reply;
    } catch (error) {
      if (error instanceof CommandError) return `-${error.message}`;
      throw error;
    }
  };
  return { engine, runner, run };
}
