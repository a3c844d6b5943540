/** The command tree. Each command defines itself in `register/`, when it is called; what it does is loaded then. */
import { Command } from 'commander';
import { type Registrations, registerAsked, SOURCE } from './define-command.js';
import { writeDiagnostic } from './diagnostics.js';
import type { Invocation } from './invocation.js';
import { registerAof } from './register/aof/index.js';
import { registerCheck } from './register/check.js';
import { registerCompat } from './register/compat.js';
import { registerConvert } from './register/convert.js';
import { registerDiff } from './register/diff.js';
import { registerDigest } from './register/digest.js';
import { registerDoctor } from './register/doctor.js';
import { registerExplain } from './register/explain.js';
import { registerExport } from './register/export.js';
import { registerFormats } from './register/formats.js';
import { registerGet } from './register/get.js';
import { registerImport } from './register/import.js';
import { registerInfo } from './register/info.js';
import { registerKeys } from './register/keys.js';
import { registerMemory } from './register/memory.js';
import { registerMerge } from './register/merge.js';
import { registerPrefix } from './register/prefix.js';
import { registerReport } from './register/report.js';
import { registerServe } from './register/serve.js';
import { registerSlots } from './register/slots.js';
import { registerSplit } from './register/split.js';
import { registerSql } from './register/sql.js';
import { registerStats } from './register/stats.js';
import { registerTop } from './register/top.js';
import { registerTtl } from './register/ttl.js';
import { registerVerify } from './register/verify.js';
import { writeFully } from './sink.js';
import { VERSION } from './version.js';

const MORE = `
A source is ${SOURCE}.
Dumps of Redis 1 to 8.10 and Valkey 7.2 to 9.2 are read, also inside gzip, zstd and VKCS, and the
append-only files of all of them.

Exit codes: 0 sound or done, 1 bad or not found, 2 usage, 3 not readable, not a dump or not supported,
4 done with loss, 5 the server of an import, 70 output not written, 130 and 143 ended by a signal.

Examples:
  $ rdb-inspect info dump.rdb
  $ rdb-inspect check --deep dump.rdb
  $ rdb-inspect keys dump.rdb -k 'user:*' --ttl none
  $ rdb-inspect get dump.rdb user:1
  $ rdb-inspect export dump.rdb -f ndjson -o keys.ndjson.gz
  $ rdb-inspect aof check appendonlydir
`;

/** In the order of the help. A command with commands of its own adds them itself. */
const COMMANDS: Registrations = {
  info: registerInfo,
  check: registerCheck,
  keys: registerKeys,
  get: registerGet,
  stats: registerStats,
  memory: registerMemory,
  top: registerTop,
  prefix: registerPrefix,
  ttl: registerTtl,
  slots: registerSlots,
  doctor: registerDoctor,
  report: registerReport,
  export: registerExport,
  convert: registerConvert,
  compat: registerCompat,
  explain: registerExplain,
  diff: registerDiff,
  digest: registerDigest,
  split: registerSplit,
  merge: registerMerge,
  import: registerImport,
  verify: registerVerify,
  serve: registerServe,
  sql: registerSql,
  aof: registerAof,
  formats: registerFormats,
};

/** The program with the command that the line begins with; with all of them where it begins with something else. */
export function createProgram(invocation: Invocation, argv: readonly string[] = []): Command {
  const program = new Command('rdb-inspect')
    .description(
      'Reads, checks, repairs and converts the files of Redis and Valkey: dumps (RDB) and append-only files (AOF).',
    )
    .version(VERSION, '-V, --version', 'print the version')
    .helpOption('--help', 'show help')
    .helpCommand('help [command]', 'show help for a command')
    .showSuggestionAfterError()
    .exitOverride()
    // run.ts prints errors, in one form for all of them.
    .configureOutput({ outputError: () => undefined, writeOut: writeHelp, writeErr: writeDiagnostic })
    .addHelpText('after', MORE);
  registerAsked(program, COMMANDS, invocation, argv);
  return program;
}

/** The command that a command line names, as far as it names one: `['aof', 'cat']`, or nothing. */
export function commandPath(program: Command, argv: readonly string[]): string[] {
  const path: string[] = [];
  let command: Command | undefined = program;
  for (const word of argv) {
    if (word.startsWith('-')) continue;
    command = command.commands.find((one) => one.name() === word);
    if (command === undefined) break;
    path.push(word);
  }
  return path;
}

function writeHelp(text: string): void {
  const bytes = new TextEncoder().encode(text);
  writeFully(1, 'standard output', bytes, 0, bytes.length);
}
