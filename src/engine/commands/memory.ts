/** MEMORY USAGE: what a key takes in the memory of the server that the engine stands for. */
import { integerArgument, isOption } from '../arguments.js';
import type { Call, CommandTable } from '../call.js';
import { KeyMemory } from '../key-memory.js';
import { type Reply, syntaxError } from '../reply.js';
import type { EngineSettings } from '../settings.js';

export const MEMORY_COMMANDS: CommandTable = {
  'MEMORY USAGE': usage,
};

/** MEMORY USAGE key [SAMPLES count]. The count is checked, and every element looked at: what is sampled is but a guess. */
function usage({ db, args }: Call): Reply {
  for (let at = 3; at < args.length; at += 2) {
    if (!isOption(args[at], 'SAMPLES') || at + 1 === args.length) throw syntaxError();
    if (integerArgument(args[at + 1]) < 0) throw syntaxError();
  }
  const key = args[2]!;
  const value = db.get(key);
  return value === undefined ? null : memoryOf(db.engine.settings).bytes(db, key, value);
}

interface Known {
  readonly memory: KeyMemory;
  /** The limits when it was made, which a command may change. */
  readonly encoding: EngineSettings['encoding'];
}

const known = new WeakMap<EngineSettings, Known>();

/** One for each engine: its tables are as good for the next key. */
function memoryOf(settings: EngineSettings): KeyMemory {
  const { encoding } = settings;
  const last = known.get(settings);
  if (last !== undefined && isSame(last.encoding, encoding)) return last.memory;
  const memory = new KeyMemory(settings);
  known.set(settings, { memory, encoding: { ...encoding } });
  return memory;
}

function isSame(one: EngineSettings['encoding'], other: EngineSettings['encoding']): boolean {
  return (Object.keys(one) as (keyof EngineSettings['encoding'])[]).every((name) => one[name] === other[name]);
}
