/** `aof`: what is about append-only files alone. */
import type { Command } from 'commander';
import { defineCommand } from '../../define-command.js';
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
const REGISTER: readonly ((parent: Command, invocation: Invocation) => void)[] = [
  registerAofInfo,
  registerAofStats,
  registerAofCat,
  registerAofTail,
  registerAofFind,
  registerAofHistory,
  registerAofCheck,
  registerAofFix,
  registerAofTruncate,
  registerAofConvert,
];

export function registerAof(parent: Command, invocation: Invocation): void {
  const aof = defineCommand(
    parent,
    'aof',
    'append-only files: look at them, check and repair them, cut them at a time',
  );
  for (const register of REGISTER) register(aof, invocation);
}
