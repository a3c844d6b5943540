/** What the definitions of all commands have in common: which of them are made, and how their help looks. */
import { Argument, type Command } from 'commander';
import type { Invocation } from './invocation.js';

/** What a source can be, for people. */
export const SOURCE = 'a dump or a log: a file, - for standard input, an http(s) URL, or a directory of either';

/** Defines a command under `parent`; `argv` is what stands behind its name. */
type Register = (parent: Command, invocation: Invocation, argv: readonly string[]) => void;

/** The commands of a parent by name, in the order of its help. */
export type Registrations = Readonly<Record<string, Register>>;

/** Defines the command that `argv` begins with, or all of them where it begins with none: help and suggestions name them. */
export function registerAsked(
  parent: Command,
  commands: Registrations,
  invocation: Invocation,
  argv: readonly string[],
): void {
  const [name = '', ...rest] = argv;
  const asked = Object.hasOwn(commands, name) ? [commands[name]!] : Object.values(commands);
  for (const register of asked) register(parent, invocation, rest);
}

/** A command under `parent`, which is the program, or a command with commands of its own. */
export function defineCommand(parent: Command, name: string, summary: string): Command {
  const description = `${summary[0]!.toUpperCase()}${summary.slice(1)}.`;
  return parent.command(name).summary(summary).description(description).helpOption('--help', 'show help');
}

export function sourceArgument(name = '<src>'): Argument {
  return new Argument(name, SOURCE);
}

/** Command lines without the name of the program, except where it stands behind a pipe. */
export function addExamples(command: Command, examples: readonly string[]): void {
  const lines = examples.map((example) => (example.includes('| rdb-inspect') ? example : `rdb-inspect ${example}`));
  command.addHelpText('after', `\nExamples:\n${lines.map((line) => `  $ ${line}\n`).join('')}`);
}
