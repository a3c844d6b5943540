/** One command line from its arguments to its exit code. */
import type { Command, CommanderError } from 'commander';
import { writeDiagnostic } from './diagnostics.js';
import { EXIT, errorToExitCode } from './exit-codes.js';
import { OutputError, StoppedBySignal, UsageError, withHint } from './failures.js';
import type { Invocation } from './invocation.js';
import { commandPath, createProgram } from './program.js';
import { watchSignals } from './signals.js';

/** Runs one command line and returns its exit code. Never throws. A signal ends the process here. */
export async function run(argv: readonly string[]): Promise<number> {
  const watch = watchSignals();
  const invocation: Invocation = { signal: watch.signal, nowMs: Date.now(), exitCode: EXIT.OK };
  let program: Command | undefined;
  try {
    program = createProgram(invocation, argv);
    await program.parseAsync(argv, { from: 'user' });
    return invocation.exitCode;
  } catch (error) {
    const code = await fail(error, argv, program === undefined ? [] : commandPath(program, argv));
    // A read that nobody can call back, of a pipe or a terminal, would keep the process from ending.
    if (error instanceof StoppedBySignal) process.exit(code);
    return code;
  } finally {
    watch.stop();
  }
}

/** Says what went wrong, where that is worth a word. `command`: the one that the line names. Returns the exit code. */
export async function fail(thrown: unknown, argv: readonly string[], command: readonly string[]): Promise<number> {
  const error = isCommanderError(thrown) ? usageError(thrown, command) : thrown;
  if (error === undefined) return EXIT.OK;
  const code = errorToExitCode(error);
  const isSilent = error instanceof StoppedBySignal || (error instanceof OutputError && error.isClosedPipe);
  if (!isSilent) {
    const { formatError } = await import('./report-error.js');
    const given = argv.slice(0, argv.includes('--') ? argv.indexOf('--') : undefined);
    const verbose = given.includes('-v') || given.includes('--verbose');
    writeDiagnostic(formatError(error, given.includes('--json'), verbose));
  }
  return code;
}

/** Undefined where help or the version was asked for, and printed. */
function usageError(error: CommanderError, command: readonly string[]): UsageError | undefined {
  if (error.exitCode === 0) return undefined;
  // Without a command the help has been printed already.
  if (error.code === 'commander.help') {
    return withHint(
      new UsageError('a command is missing'),
      ['rdb-inspect help', ...(command.length > 0 ? command : ['info'])].join(' '),
    );
  }
  const [message = '', ...rest] = error.message.replace(/^error: /, '').split('\n');
  const suggestion = /^\(Did you mean (.*)\?\)$/.exec(rest.join(' ').trim())?.[1];
  const help = ['rdb-inspect', ...command, '--help'].join(' ');
  return withHint(new UsageError(message), suggestion === undefined ? help : `did you mean ${suggestion}?`);
}

/** By its mark: the class is known only where commander has been loaded. */
function isCommanderError(error: unknown): error is CommanderError {
  return (
    error instanceof Error && 'code' in error && typeof error.code === 'string' && error.code.startsWith('commander.')
  );
}
