/** What commands that write a dump have in common: it may go to a pipe, and then the report goes elsewhere. */
import { resolve } from 'node:path';
import { isatty } from 'node:tty';
import { writeDiagnostic } from './diagnostics.js';
import { UsageError, withHint } from './failures.js';
import { openOutput } from './output.js';

export const CHOOSE_POLICY =
  'choose --on-unsupported convert (keep what can be kept) or drop (leave out what is not whole)';

/** Throws UsageError where the dump would go to a terminal, or where the report would. */
export function checkDumpOutput({ output, report }: { readonly output?: string; readonly report?: string }): void {
  if (isStandardOutput(output) && isatty(1))
    throw withHint(new UsageError('a dump is not for terminals'), 'name a file with -o, or pipe it');
  if (report !== undefined && output !== undefined && resolve(report) === resolve(output))
    throw new UsageError('the report and the dump cannot be one file');
}

/** Standard output where that is free, standard error where the dump went there. */
export async function printBeside(json: object, dumpOutput: string | undefined): Promise<void> {
  const line = `${JSON.stringify(json)}\n`;
  if (isStandardOutput(dumpOutput)) {
    writeDiagnostic(line);
    return;
  }
  const output = await openOutput(undefined, []);
  output.text(line);
  await output.commit();
}

function isStandardOutput(output: string | undefined): boolean {
  return output === undefined || output === '-';
}
