/** The command tree: names, options, help. What a command does is loaded when it is called. */
import { Argument, Command, Option } from 'commander';
import { parseDbMap } from '../convert/db-map.js';
import { parseCount } from '../rdb/filter-text.js';
import { addConvertOptions, targetOption } from './convert-options.js';
import { writeDiagnostic } from './diagnostics.js';
import {
  addFilterOptions,
  addSharedOptions,
  choiceOption,
  databaseOption,
  encodingOption,
  reading,
} from './options.js';
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
4 done with loss, 70 output not written, 130 and 143 ended by a signal.

Examples:
  $ rdb-inspect info dump.rdb
  $ rdb-inspect check --deep dump.rdb
  $ rdb-inspect keys dump.rdb -k 'user:*' --ttl none
  $ rdb-inspect get dump.rdb user:1
  $ rdb-inspect export dump.rdb -f ndjson -o keys.ndjson.gz
`;

/** In the order of the help. */
export const COMMANDS = [
  'info',
  'check',
  'keys',
  'get',
  'export',
  'convert',
  'compat',
  'explain',
  'diff',
  'split',
  'merge',
  'formats',
] as const;

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
  for (const add of [
    addInfo,
    addCheck,
    addKeys,
    addGet,
    addExport,
    addConvert,
    addCompat,
    addExplain,
    addDiff,
    addSplit,
    addMerge,
    addFormats,
  ])
    add(program, invocation);
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
    .addOption(
      choiceOption('--decode <how>', 'auto: take gzip and zlib off, and indent JSON on a terminal', ['none', 'auto']),
    )
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
  const command = define(program, 'export', 'every key with its value, as JSON or as commands for a server')
    .addArgument(new Argument('<src>', SOURCE))
    .requiredOption(
      '-f, --format <format>',
      'ndjson: one object per line; json: one array; resp: commands for redis-cli --pipe; restore: RESTORE with payloads',
    )
    .option('--all', 'everything in the file: header, aux fields, functions and the rest as records of their own')
    .addOption(encodingOption())
    .option(
      '--target <server>',
      'of commands: the server that reads them, redis:7.0 (default: that which wrote the dump)',
    )
    .option('--replace', 'of commands: replace keys and libraries that are there already')
    .addOption(
      new Option(
        '--on-unsupported <policy>',
        'of commands: what to do about what they cannot say (default: error)',
      ).choices(['error', 'drop', 'convert']),
    )
    .action(async (source, options) => {
      const { runExport } = await import('./commands/export.js');
      invocation.exitCode = await runExport(source, options, invocation);
    });
  addExamples(addSharedOptions(addFilterOptions(command)), [
    'export dump.rdb -f ndjson > keys.ndjson',
    'export dump.rdb -f json -o keys.json.gz',
    'export dump.rdb -f ndjson -t hash --elements 1000~',
    'export dump.rdb -f ndjson --sample 1% | jq .key',
    'export dump.rdb -f resp | redis-cli --pipe',
    "export dump.rdb -f restore --replace -k 'user:1:*' | redis-cli --pipe",
    'export dump.rdb -f resp --target redis:6.2 --on-unsupported convert -o commands.aof',
  ]);
}

function addConvert(program: Command, invocation: Invocation): void {
  const command = define(program, 'convert', 'a dump for another server, or with some of its keys')
    .addArgument(new Argument('<src>', SOURCE))
    .action(async (source, options) => {
      const { runConvert } = await import('./commands/convert.js');
      invocation.exitCode = await runConvert(source, options, invocation);
    });
  addSharedOptions(addFilterOptions(addConvertOptions(command))).addHelpText(
    'after',
    `
What the server loads is copied as it is; the rest is written in a form that it does load. Whatever is lost is reported,
and the exit code is then 4. Under --on-unsupported error (the default) a loss ends the command, and no file is written.
--set-ttl and --skip-expired are about the expiries of keys and of hash fields. Filters choose the keys.
Targets: redis:2.2 to redis:8.10, valkey:7.2 to valkey:9.2, keydb:6.`,
  );
  addExamples(command, [
    'convert dump.rdb --target redis:7.0 -o old.rdb',
    'convert dump.rdb --target redis:6.2 --on-unsupported convert --report lost.json -o old.rdb',
    "convert dump.rdb -k 'user:*' --db-map 0:3 -o users.rdb",
    'convert dump.rdb --set-ttl rebase --drop-modules -o staging.rdb',
  ]);
}

function addCompat(program: Command, invocation: Invocation): void {
  const command = define(program, 'compat', 'whether a server loads a dump, and what stands in the way')
    .addArgument(new Argument('<src>', SOURCE))
    .addOption(targetOption('the server, such as valkey:8.1').makeOptionMandatory())
    .action(async (source, options) => {
      const { runCompat } = await import('./commands/compat.js');
      invocation.exitCode = await runCompat(source, options, invocation);
    });
  addSharedOptions(addFilterOptions(command)).addHelpText(
    'after',
    `
Exit codes: 0 the server loads it as it is, 4 convert would keep every key but lose parts, 1 it does not load as it is.`,
  );
  addExamples(command, ['compat dump.rdb --target valkey:8.1', 'compat dump.rdb --target redis:6.2 --json | jq .lost']);
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

function addDiff(program: Command, invocation: Invocation): void {
  const command = define(program, 'diff', 'what differs between two dumps, whatever the encodings')
    .addArgument(new Argument('<before>', SOURCE))
    .addArgument(new Argument('<after>', SOURCE))
    .option('--summary', 'counts by database and type (default)')
    .option('--keys', 'one line per key: + added, - removed, ~ changed')
    .option('--fields', 'also the fields, members, items and entries that changed, old → new')
    .option('--ignore-ttl', 'expiry of keys and of fields does not count')
    .action(async (before, after, options) => {
      const { runDiff } = await import('./commands/diff.js');
      invocation.exitCode = await runDiff(before, after, options, invocation);
    });
  addSharedOptions(addFilterOptions(command)).addHelpText(
    'after',
    `
Keys are matched by database and name. Types, values, expiry, fields' expiry, streams' groups and function libraries are
compared; the order of sets and hashes, idle times and counters of use are not. Exit code 0: the same, 1: different.
Filters are applied to each file by itself; -l ends the list after so many keys. Both inputs are read more than once:
what is piped, compressed or comes from a URL is first copied to a temporary file (in TMPDIR).`,
  );
  addExamples(command, [
    'diff yesterday.rdb today.rdb',
    "diff --keys before.rdb after.rdb -k 'user:*'",
    'diff --fields --json before.rdb after.rdb | jq .parts',
    'diff --ignore-ttl primary.rdb replica.rdb.gz && echo same',
  ]);
}

function addSplit(program: Command, invocation: Invocation): void {
  const command = define(program, 'split', 'one dump into several: by slot, prefix, database or number')
    .addArgument(new Argument('<src>', SOURCE))
    .requiredOption('--by <rule>', 'slot, slot:N, prefix, db, or a number of files')
    .option('--nodes <file>', "who owns which slots: a cluster's nodes.conf, or lines of NAME START-END…")
    .option('--sep <text>', 'what ends a prefix (default: :)')
    .action(async (source, options) => {
      const { runSplit } = await import('./commands/split.js');
      invocation.exitCode = await runSplit(source, options, invocation);
    });
  const output = addSharedOptions(addFilterOptions(command)).options.find(({ long }) => long === '--output')!;
  output.description = 'the directory for the files: new, or empty';
  command.addHelpText(
    'after',
    `
The files appear when all of them are complete: each has the version of the source, its aux fields and function
libraries, and keys as they stand in the source. At most 256 files are written: keys
of further prefixes and databases go to other.rdb. Equal keys go to equal parts in every dump that is split by a number.
slot takes --nodes; slot:3 stands for three equal ranges.`,
  );
  addExamples(command, [
    'split dump.rdb -o nodes/ --by slot --nodes nodes.conf',
    'split dump.rdb -o shards/ --by slot:3',
    'split dump.rdb -o tenants/ --by prefix --sep /',
    "split dump.rdb -o parts/ --by 8 -k 'user:*'",
  ]);
}

function addMerge(program: Command, invocation: Invocation): void {
  const command = define(program, 'merge', 'several dumps into one')
    .addArgument(new Argument('<src...>', SOURCE))
    .addOption(
      choiceOption('--on-conflict <policy>', 'of a key that stands in several dumps: stop, or keep one', [
        'error',
        'first',
        'last',
      ]),
    )
    .option('--db-map <pairs>', 'other numbers for databases: 0:3,1:4', reading(parseDbMap))
    .action(async (sources, options) => {
      const { runMerge } = await import('./commands/merge.js');
      invocation.exitCode = await runMerge(sources, options, invocation);
    });
  addSharedOptions(command).addHelpText(
    'after',
    `
Keys come in the order of the dumps, as they stand in them; the version is the newest among them. Function libraries are
merged by name, by the same policy; aux fields are those of the first dump. Dumps of Valkey 9 do not mix with those of
Redis: convert one of them first. Every dump is read more than once: what is piped, compressed or comes from a URL is
first copied to a temporary file (in TMPDIR).`,
  );
  addExamples(command, [
    'merge shard-1.rdb shard-2.rdb shard-3.rdb -o all.rdb',
    'merge old.rdb new.rdb -o latest.rdb --on-conflict last',
    'merge shards/ --json -o all.rdb',
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
