/** `aof`: what is about append-only files alone. */
import type { Command } from 'commander';
import { defineCommand, type Registrations, registerAsked } from '../../define-command.js';
import type { Invocation } from '../../invocation.js';
import { registerAofCat } from './cat.js';
import { registerAofCheck } from './check.js';
import { registerAofConvert } from './convert.js';
import { registerAofFind } from './find.js';
import { registerAofFix } from './fix.js';
import { registerAofHistory } from './history.js';
import { registerAofInfo } from './info.js';
import { registerAofStats } from './stats.js';
import { registerAofTail } from './tail.js';
import { registerAofTruncate } from './truncate.js';

/** In the order of the help. */
const COMMANDS: Registrations = {
  info: registerAofInfo,
  stats: registerAofStats,
  cat: registerAofCat,
  tail: registerAofTail,
  find: registerAofFind,
  history: registerAofHistory,
  check: registerAofCheck,
  fix: registerAofFix,
  truncate: registerAofTruncate,
  convert: registerAofConvert,
};

export function registerAof(parent: Command, invocation: Invocation, argv: readonly string[]): void {
  const aof = defineCommand(
    parent,
    'aof',
    'append-only files: look at them, check and repair them, cut them at a time',
  );
  registerAsked(aof, COMMANDS, invocation, argv);
}
