/** The command tree: names, options, help. What a command does is loaded when it is called. */
import { Argument, Command } from 'commander';
import { parseCount } from '../rdb/filter-text.js';
import { writeDiagnostic } from './diagnostics.js';
import { addFilterOptions, addSharedOptions, databaseOption, encodingOption, reading } from './options.js';
import { writeFully } from './sink.js';
import { VERSION } from './version.js';

/** What the commands are called with. */
export interface Invocation {
  readonly signal: AbortSignal;
  /** Unix ms that count as now. */
  readonly nowMs: number;
  /** Receives the exit code of the command that ran. */
  exitCode: number;
}

const SOURCE = 'a file, - for standard input, an http(s) URL, or a directory of *.rdb';

const MORE = `
A source is ${SOURCE}.
Dumps of Redis 1 to 8.10 and Valkey 7.2 to 9.2 are read, also inside gzip, zstd and VKCS.

Exit codes: 0 sound or done, 1 bad or not found, 2 usage, 3 not readable, not a dump or not supported,
70 output not written, 130 and 143 ended by a signal.

Examples:
  $ rdb-inspect info dump.rdb
  $ rdb-inspect check --deep dump.rdb
  $ rdb-inspect keys dump.rdb -k 'user:*' --ttl none
  $ rdb-inspect get dump.rdb user:1
  $ rdb-inspect export dump.rdb -f ndjson -o keys.ndjson.gz
`;

/** In the order of the help. */
export const COMMANDS = ['info', 'check', 'keys', 'get', 'export', 'explain', 'formats'] as const;

export function createProgram(invocation: Invocation): Command {
  const program = new Command('rdb-inspect')
    .description('Reads Redis and Valkey dumps (RDB files): what is in them, and whether they are sound.')
    .version(VERSION, '-V, --version', 'print the version')
    .helpOption('--help', 'show help')
    .helpCommand('help [command]', 'show help for a command')
    .showSuggestionAfterError()
    .exitOverride()
    // main.ts prints errors, in one form for all of them.
    .configureOutput({ outputError: () => undefined, writeOut: writeHelp, writeErr: writeDiagnostic })
    .addHelpText('after', MORE);
  for (const add of [addInfo, addCheck, addKeys, addGet, addExport, addExplain, addFormats]) add(program, invocation);
  return program;
}

function writeHelp(text: string): void {
  const bytes = new TextEncoder().encode(text);
  writeFully(1, 'standard output', bytes, 0, bytes.length);
}

function addInfo(program: Command, invocation: Invocation): void {
  const command = define(program, 'info', 'header, databases, counts per type, functions, modules, checksum')
    .addArgument(new Argument('<src...>', SOURCE))
    .action(async (sources, options) => {
      const { runInfo } = await import('./commands/info.js');
      invocation.exitCode = await runInfo(sources, options, invocation);
    });
  addSharedOptions(addFilterOptions(command)).addHelpText('after', '\nFilters choose the keys that are counted.');
  addExamples(command, [
    'info dump.rdb',
    'info --json shard-*.rdb',
    "info dump.rdb -k 'session:*' --ttl none",
    'info https://backups.example/dump.rdb.gz',
  ]);
}

function addCheck(program: Command, invocation: Invocation): void {
  const command = define(program, 'check', 'whether a dump is sound, as redis-check-rdb, and deeper')
    .addArgument(new Argument('<src...>', SOURCE))
    .option('--deep', 'every packed structure, stream and key, against every rule of the format')
    .action(async (sources, options) => {
      const { runCheck } = await import('./commands/check.js');
      invocation.exitCode = await runCheck(sources, options, invocation);
    });
  addExamples(addSharedOptions(command), [
    'check dump.rdb',
    'check --deep --json /var/lib/redis/dump.rdb',
    'zcat dump.rdb.gz | rdb-inspect check -',
  ]);
}

function addKeys(program: Command, invocation: Invocation): void {
  const command = define(program, 'keys', 'one key per line: raw if printable, else quoted as redis-cli does')
    .addArgument(new Argument('<src>', SOURCE))
    .option('-0, --null', 'raw keys, each followed by a NUL byte')
    .addOption(encodingOption())
    .action(async (source, options) => {
      const { runKeys } = await import('./commands/keys.js');
      invocation.exitCode = await runKeys(source, options, invocation);
    });
  addExamples(addSharedOptions(addFilterOptions(command)), [
    'keys dump.rdb',
    "keys dump.rdb -k 'cache:*' --size '>1MB'",
    'keys dump.rdb --json | jq -r .type | sort | uniq -c',
    'keys dump.rdb -0 --ttl expired | xargs -0 redis-cli unlink',
  ]);
}

function addGet(program: Command, invocation: Invocation): void {
  const command = define(
    program,
    'get',
    'one value: readable on a terminal; piped, a string raw, anything else as NDJSON',
  )
    .addArgument(new Argument('<src>', SOURCE))
    .addArgument(new Argument('<key>', 'the key, or "…" with the escapes of redis-cli'))
    .addOption(databaseOption())
    .option('--path <path>', 'a field, member, stream id, index or range of indexes (0..9); printed raw when piped')
    .option('--decode <how>', 'auto: take gzip and zlib off, and indent JSON on a terminal', 'none')
    .addOption(encodingOption())
    .action(async (source, key, options) => {
      const { runGet } = await import('./commands/get.js');
      invocation.exitCode = await runGet(source, key, options, invocation);
    });
  addSharedOptions(command).addHelpText(
    'after',
    '\nWith -n the reading ends at the key. Without, the rest of the file is searched for the same key in other databases.',
  );
  addExamples(command, [
    'get dump.rdb user:1',
    'get dump.rdb user:1 --path name',
    'get dump.rdb queue --path -3..-1',
    'get dump.rdb \'"\\xff\\x00bin"\' -n 3 --json',
    'get dump.rdb page:home --decode auto > page.html',
  ]);
}

function addExport(program: Command, invocation: Invocation): void {
  const command = define(program, 'export', 'every key with its value, as JSON')
    .addArgument(new Argument('<src>', SOURCE))
    .requiredOption('-f, --format <format>', 'ndjson: one object per line; json: one array')
    .option('--all', 'everything in the file: header, aux fields, functions and the rest as records of their own')
    .addOption(encodingOption())
    .action(async (source, options) => {
      const { runExport } = await import('./commands/export.js');
      invocation.exitCode = await runExport(source, options, invocation);
    });
  addExamples(addSharedOptions(addFilterOptions(command)), [
    'export dump.rdb -f ndjson > keys.ndjson',
    'export dump.rdb -f json -o keys.json.gz',
    'export dump.rdb -f ndjson -t hash --elements 1000~',
    'export dump.rdb -f ndjson --sample 1% | jq .key',
  ]);
}

function addExplain(program: Command, invocation: Invocation): void {
  const command = define(program, 'explain', 'the bytes of one record, annotated')
    .addArgument(new Argument('<src>', SOURCE))
    .option('--offset <n>', 'the record at this offset of the file, or around it', reading(parseOffset))
    .option('--key <key>', 'the record of this key, or "…" with the escapes of redis-cli')
    .addOption(databaseOption())
    .action(async (source, options) => {
      const { runExplain } = await import('./commands/explain.js');
      invocation.exitCode = await runExplain(source, options, invocation);
    });
  addExamples(addSharedOptions(command), [
    'explain dump.rdb --key user:1',
    'explain dump.rdb --offset 0',
    'explain dump.rdb --offset 0x4d2',
  ]);
}

function addFormats(program: Command, invocation: Invocation): void {
  const command = define(program, 'formats', 'what can be read and written, by server version').action(
    async (options) => {
      const { runFormats } = await import('./commands/formats.js');
      invocation.exitCode = await runFormats(options, invocation);
    },
  );
  addExamples(addSharedOptions(command), ['formats', 'formats --json']);
}

function define(program: Command, name: (typeof COMMANDS)[number], summary: string): Command {
  const description = `${summary[0]!.toUpperCase()}${summary.slice(1)}.`;
  return program.command(name).summary(summary).description(description).helpOption('--help', 'show help');
}

function addExamples(command: Command, examples: readonly string[]): void {
  const lines = examples.map((example) => (example.includes('| rdb-inspect') ? example : `rdb-inspect ${example}`));
  command.addHelpText('after', `\nExamples:\n${lines.map((line) => `  $ ${line}\n`).join('')}`);
}

function parseOffset(text: string): number {
  return /^0x[0-9a-f]+$/i.test(text) ? Number(text) : parseCount(text);
}
