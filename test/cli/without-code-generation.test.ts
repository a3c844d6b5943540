/** Reading needs no code made at run time: every dump is checked, exported and explained under Node's flag against it. */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { fixturePath, listFixtures } from '../support/fixtures.js';

const COMMAND = path.join(fileURLToPath(new URL('../..', import.meta.url)), 'bin/rdb-inspect.js');

function run(...args: string[]): { code: number | null; output: string } {
  const flags = ['--disallow-code-generation-from-strings', COMMAND];
  const { status, stdout, stderr } = spawnSync(process.execPath, [...flags, ...args], {
    encoding: 'utf8',
    maxBuffer: 1e9,
  });
  return { code: status, output: stdout + stderr };
}

it('checks every dump in depth', () => {
  const { code, output } = run('check', '--deep', ...listFixtures().map((fixture) => fixture.path));
  expect(code, output).toBe(0);
  expect(output.match(/RDB looks OK/g)).toHaveLength(listFixtures().length);
});

it('exports and explains', () => {
  const file = fixturePath('redis-7.4/types');
  expect(run('export', file, '-f', 'ndjson')).toMatchObject({ code: 0 });
  expect(run('explain', file, '--key', 'exp:hash')).toMatchObject({ code: 0 });
  expect(run('explain', file, '--offset', '0').output).toContain('REDIS');
});
