/** The log that a server would write for commands. */
import { CommandLog } from '../../src/engine/command-log.js';
import { Engine } from '../../src/engine/engine.js';
import { CommandError } from '../../src/engine/reply.js';
import { Session } from '../../src/engine/session.js';

/** Lines of `commands`, which are words between blanks, behind a `setup` that is not logged. SELECT is left out unless asked for. */
export function loggedBy(
  target: string,
  nowMs: number,
  setup: readonly string[],
  commands: readonly string[],
  withSelect = false,
): string[] {
  const lines: string[] = [];
  const engine = new Engine({ target, clock: () => nowMs });
  const session = new Session(engine);
  const run = (command: string): void => {
    const reply = session.execute(command.split(' '));
    if (reply instanceof CommandError) throw reply;
  };
  setup.forEach(run);
  engine.log = new CommandLog((args) => {
    if (withSelect || args[0] !== 'SELECT') lines.push(args.join(' '));
  }, engine.settings.target);
  commands.forEach(run);
  return lines;
}
