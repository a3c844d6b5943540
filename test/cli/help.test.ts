/** Help, version, and what is said to a slip of the fingers. */
import fs from 'node:fs';
import { describe, expect, it } from 'vitest';
import { commandPath, createProgram } from '../../src/cli/program.js';
import { cli } from './run-cli.js';

const manifest = JSON.parse(fs.readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

const program = createProgram({ signal: new AbortController().signal, nowMs: 0, exitCode: 0 });
/** `aof cat` as well as `info`: all that do something themselves. */
const LEAVES = leavesOf(program, []);

it.each(LEAVES)('%s has help with examples', async (command) => {
  const { code, stdout, stderr } = await cli([...command.split(' '), '--help']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toContain('Usage: rdb-inspect');
  expect(stdout).toMatch(new RegExp(`Examples:\n( {2}\\$ .*\n)* {2}\\$ .*rdb-inspect ${command}`));
});

it('lists the commands, the exit codes and examples', async () => {
  const { code, stdout } = await cli(['--help']);
  expect(code).toBe(0);
  for (const command of program.commands.map((one) => one.name()))
    expect(stdout).toMatch(new RegExp(`^ {2}${command} `, 'm'));
  expect(stdout).toContain('Exit codes:');
  expect((await cli(['help', 'keys'])).stdout).toBe((await cli(['keys', '--help'])).stdout);
});

it('prints the version', async () => {
  expect(await cli(['--version'])).toMatchObject({ code: 0, stdout: `${manifest.version}\n`, stderr: '' });
});

describe('usage errors exit with 2, without a word on standard output', () => {
  it.each<[string, string[], string]>([
    ['an unknown command', ['exprt'], "unknown command 'exprt'\nhint: did you mean export?"],
    ['an unknown option', ['keys', 'x', '--limt', '3'], "unknown option '--limt'\nhint: did you mean --limit?"],
    ['a missing source', ['check'], "missing required argument 'src'\nhint: rdb-inspect check --help"],
    ['a surplus argument', ['keys', 'a', 'b'], 'too many arguments'],
    ['a bad size', ['keys', 'x', '--size', '4q'], "'4q' is no size"],
    ['a bad range', ['keys', 'x', '--elements', '9~3'], "'9~3' is an empty range"],
    ['a bad type', ['keys', 'x', '-t', 'bloom'], "'bloom' is no type"],
    ['a bad database', ['keys', 'x', '-n', '-1'], "'-1' is no whole number"],
    ['a bad regular expression', ['keys', 'x', '--key-regex', '('], "'(' is no regular expression"],
    ['a bad choice', ['info', 'x', '--color', 'blue'], 'Allowed choices are auto, always, never'],
    ['a bad format', ['export', 'x', '-f', 'xml'], 'there is no export format xml\nhint: -f ndjson or -f json'],
    ['no rule', ['split', 'x', '-o', 'y'], "required option '--by <rule>' not specified"],
    ['an offset and a key', ['explain', 'x', '--offset', '3', '--key', 'k'], 'one of --offset and --key is wanted'],
    ['neither', ['explain', 'x'], 'one of --offset and --key is wanted'],
    ['half a quoted key', ['get', 'x', '"k'], '"k begins with a quote but is no quoted string'],
    ['two forms of keys', ['keys', 'x', '-0', '--json'], '--null and --json exclude each other'],
    ['standard input twice', ['info', '-', '-'], 'standard input can be read only once'],
  ])('%s', async (_, args, message) => {
    const { code, stdout, stderr } = await cli(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(message);
  });

  it('no command at all shows the help', async () => {
    const { code, stdout, stderr } = await cli([]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('Usage: rdb-inspect');
  });

  it('as JSON where that is asked for', async () => {
    const { code, stderr } = await cli(['keys', 'x', '--limt', '3', '--json']);
    expect(code).toBe(2);
    expect(JSON.parse(stderr)).toEqual({
      error: {
        code: 'USAGE',
        offset: null,
        db: null,
        key: null,
        message: "unknown option '--limt'",
        hint: 'did you mean --limit?',
      },
    });
  });
});

it('knows which command a line names', () => {
  expect(commandPath(program, ['-q', 'keys', 'dump.rdb', 'get'])).toEqual(['keys']);
  expect(commandPath(program, ['nothing', 'keys'])).toEqual([]);
});

function leavesOf(command: typeof program, path: readonly string[]): string[] {
  const below = command.commands.flatMap((one) => leavesOf(one, [...path, one.name()]));
  return below.length > 0 ? below : [path.join(' ')];
}
