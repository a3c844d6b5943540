/** `formats`: the support matrix. */
import type { Command } from 'commander';
import { addExamples, defineCommand } from '../define-command.js';
import type { Invocation } from '../invocation.js';
import { addSharedOptions } from '../options.js';

export function registerFormats(parent: Command, invocation: Invocation): void {
  const command = defineCommand(parent, 'formats', 'what can be read and written, by server version').action(
    async (options) => {
      const { runFormats } = await import('../commands/formats.js');
      invocation.exitCode = await runFormats(options, invocation);
    },
  );
  addExamples(addSharedOptions(command), ['formats', 'formats --json']);
}
