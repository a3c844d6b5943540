/** Commands put together from words, as views. */
import { findCommand, type KeyRole, lookupCommand } from '../../src/aof/command-table.js';
import { CommandView } from '../../src/aof/command-view.js';
import { KeyPositions } from '../../src/aof/key-positions.js';

/** Of text, taken as Latin-1, or bytes. */
export function viewOf(args: readonly (string | Uint8Array)[]): CommandView {
  const view = new CommandView();
  const parts = args.map((arg) => (typeof arg === 'string' ? Buffer.from(arg, 'latin1') : arg));
  view.bytes = Buffer.concat(parts);
  view.argc = args.length;
  view.held = args.length;
  while (view.ranges.length < args.length * 2) view.grow();
  let at = 0;
  for (const [index, part] of parts.entries()) {
    view.ranges[index * 2] = at;
    at += part.length;
    view.ranges[index * 2 + 1] = at;
  }
  return view;
}

export function keysOf(args: readonly string[]): { readonly key: string; readonly role: KeyRole }[] {
  const view = viewOf(args);
  const spec = lookupCommand(view) ?? findCommand(args[0]!);
  if (spec === undefined) throw new Error(`unknown command ${args[0]}`);
  const positions = new KeyPositions();
  const count = positions.locate(view, spec);
  return Array.from({ length: count }, (_, at) => ({
    key: args[positions.index[at]!]!,
    role: positions.role[at]! as KeyRole,
  }));
}
