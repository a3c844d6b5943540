/** The table of commands: that it is whole, and how it is asked. Its facts are compared with servers in test/live. */
import { describe, expect, it } from 'vitest';
import {
  allCommands,
  commandCount,
  findCommand,
  fitsArity,
  isKnownTo,
  KEY_ROLE,
  lookup,
  lookupCommand,
} from '../../src/aof/command-table.js';
import { NameTable } from '../../src/aof/commands/name-table.js';
import { viewOf } from '../support/command-sample.js';

function named(text: string): string | undefined {
  const bytes = Buffer.from(`..${text}..`, 'latin1');
  return lookup(bytes, 2, bytes.length - 2)?.name;
}

describe('lookup', () => {
  it('finds every command in any case, and nothing else', () => {
    for (const { name, isSubcommand } of allCommands()) {
      if (isSubcommand) continue;
      expect(named(name)).toBe(name);
      expect(named(name.toLowerCase())).toBe(name);
      expect(named(`${name}x`)).not.toBe(name);
    }
  });

  it.each(['', 'nope', 'SE', 'SETT', 's\xe9t', 'S\0T', 'x'.repeat(1000), 'CREATE', 'XGROUP CREATE'])(
    'not %j',
    (name) => {
      expect(named(name)).toBeUndefined();
    },
  );

  it.each([
    [['xGroup', 'create', 's', 'g', '$'], 'XGROUP CREATE'],
    [['XGROUP', 'NOPE', 's'], 'XGROUP'],
    [['XGROUP'], 'XGROUP'],
    [['COMMAND'], 'COMMAND'],
    [['SET', 'create'], 'SET'],
    [['CREATE', 's'], undefined],
  ])('of a container, the subcommand: %j', (args, name) => {
    expect(lookupCommand(viewOf(args))?.name).toBe(name);
  });

  it('asks nothing of a name that was elided', () => {
    const view = viewOf(['SET', 'k', 'v']);
    view.ranges[0] = -4;
    expect(lookupCommand(view)).toBeUndefined();
  });
});

describe('the rows', () => {
  it('have dense ids and different names', () => {
    const specs = allCommands();
    expect(specs.map(({ id }) => id)).toEqual(specs.map((_, id) => id));
    expect(new Set(specs.map(({ name }) => name)).size).toBe(specs.length);
    expect(commandCount()).toBe(specs.length);
    expect(specs.length).toBeGreaterThan(450);
  });

  it('say of every writing command where its keys are, or are known to have none', () => {
    const without = allCommands()
      .filter(({ isWrite, keys, name }) => isWrite && keys.length === 0 && !name.startsWith('FT.'))
      .map(({ name }) => name);
    expect(without.sort()).toEqual([
      'CLUSTER FLUSHSLOT',
      'FLUSHALL',
      'FLUSHDB',
      'FUNCTION DELETE',
      'FUNCTION FLUSH',
      'FUNCTION LOAD',
      'FUNCTION RESTORE',
      'HIMPORT',
      'SFLUSH',
      'SWAPDB',
      'TRIMSLOTS',
    ]);
  });

  it('never write to a key with a command that only reads', () => {
    const wrong = allCommands().filter(
      ({ isWrite, keys, name }) =>
        !isWrite && keys.some(({ role }) => role !== KEY_ROLE.READ && role !== KEY_ROLE.ANY) && name !== 'PFCOUNT',
    );
    expect(wrong.map(({ name }) => name)).toEqual([]);
  });
});

describe('questions', () => {
  it.each([
    ['SET', 'redis', '1.0', true],
    ['SET', 'valkey', '7.2', true],
    ['COPY', 'redis', '6.0.16', false],
    ['COPY', 'redis', '6.2', true],
    ['COPY', 'redis', '7', true],
    ['HSETEX', 'redis', '7.4', false],
    ['HSETEX', 'redis', '8.0.2', true],
    ['HSETEX', 'valkey', '8.1.1', false],
    ['HSETEX', 'valkey', '9.0', true],
    ['VADD', 'valkey', '9.2', false],
    ['XIDMPRECORD', 'redis', '8.6.1', false],
    ['XIDMPRECORD', 'redis', '8.10', true],
    ['JSON.SET', 'redis', '8.0', undefined],
    ['cluster  flushslot', 'valkey', '9.0', true],
  ] as const)('%s of %s %s: %s', (name, family, version, known) => {
    expect(isKnownTo(findCommand(name)!, family, version)).toBe(known);
  });

  it.each([
    ['GET', 2, true],
    ['GET', 1, false],
    ['GET', 3, false],
    ['SET', 2, false],
    ['SET', 3, true],
    ['SET', 9, true],
    ['XGROUP CREATE', 4, false],
    ['XGROUP CREATE', 5, true],
  ])('%s with %i arguments: %s', (name, argc, fits) => {
    expect(fitsArity(findCommand(name)!, argc)).toBe(fits);
  });
});

it('keeps names that meet in one slot apart', () => {
  const table = new NameTable<number>();
  const names = Array.from({ length: 500 }, (_, at) => `N${at}`);
  for (const [at, name] of names.entries()) table.add(name, at);
  for (const [at, name] of names.entries())
    expect(table.find(Buffer.from(name.toLowerCase()), 0, name.length)).toBe(at);
  expect(table.find(Buffer.from('N500'), 0, 4)).toBeUndefined();
  expect(table.values()).toHaveLength(500);
});
