/** The engine has every command on data that the server has: what is not there is named here, with its reason. */
import { expect, it } from 'vitest';
import { findCommand } from '../../src/aof/command-table.js';
import { Engine } from '../../src/engine/engine.js';
import { CommandRunner } from '../../src/engine/runner.js';
import { startServer } from '../support/live-server.js';

const ABSENT: Readonly<Record<string, string>> = {
  LOLWUT: 'draws a picture',
  MIGRATE: 'talks to another server',
  VEMB: 'vectors are not told back',
  VINFO: 'is about a graph',
  VLINKS: 'is about a graph',
  VSIM: 'searches a graph',
  CLUSTERSCAN: 'is about a cluster',
  'CLUSTER FLUSHSLOTS': 'is about a cluster',
};

it('has the commands that read and write', async () => {
  const server = await startServer();
  const names = new Set<string>();
  for (const category of ['write', 'read'])
    for (const name of (await server.send('COMMAND', 'LIST', 'FILTERBY', 'ACLCAT', category)) as Buffer[])
      names.add(String(name).replace('|', ' ').toUpperCase());
  await server.stop();
  const runner = new CommandRunner(new Engine());
  const missing = [...names].filter((name) => {
    const spec = findCommand(name);
    return spec === undefined || (spec.subcommands === undefined && !runner.has(spec));
  });
  expect(missing.filter((name) => ABSENT[name] === undefined)).toEqual([]);
  expect(names.size).toBeGreaterThan(180);
});
