/** What an engine tells from now on: lines of its log, but for SELECT; events as `l lpush key`; keys that have changed. */
import { CommandLog } from '../../src/engine/command-log.js';
import type { Engine } from '../../src/engine/engine.js';

export interface EngineTold {
  readonly lines: string[];
  readonly events: string[];
  readonly changed: string[];
}

export function listenTo(engine: Engine): EngineTold {
  const told: EngineTold = { lines: [], events: [], changed: [] };
  engine.log = new CommandLog((args) => {
    if (args[0] !== 'SELECT') told.lines.push(args.join(' '));
  }, engine.settings.target);
  engine.listener = {
    event: (kind, event, key) => told.events.push(`${kind} ${event} ${key}`),
    changed: (_db, key) => told.changed.push(key),
  };
  return told;
}
