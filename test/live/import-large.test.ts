/** A value of millions of elements goes into a server by and by: in little memory, and whole. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { cli } from '../cli/run-cli.js';
import { type LiveServer, type ServerOptions, startServer } from '../support/live-server.js';
import { watchMemory } from '../support/peak-memory.js';

const ELEMENTS = 5_000_000;
/** Of one script. */
const SCRIPT_ELEMENTS = 500_000;
const MAX_MEMORY_BYTES = 250 * 1024 * 1024;
/** The least that servers take. */
const MAX_BULK_BYTES = 1024 * 1024;

/** Elements of different lengths, a thousand at a time. */
const FILL = `
  for from = tonumber(ARGV[1]), tonumber(ARGV[2]) - 1, 1000 do
    local items = {}
    for i = 0, 999 do items[i + 1] = 'element:' .. (from + i) end
    redis.call('RPUSH', KEYS[1], unpack(items))
  end`;

const opened: LiveServer[] = [];
afterEach(async () => {
  for (const server of opened.splice(0)) await server.stop();
});

async function serverWith(options: ServerOptions = {}): Promise<LiveServer> {
  const server = await startServer(options);
  opened.push(server);
  return server;
}

it(`a list of ${ELEMENTS} elements`, async () => {
  const source = await serverWith();
  for (let from = 0; from < ELEMENTS; from += SCRIPT_ELEMENTS)
    await source.send('EVAL', FILL, 1, 'large', from, from + SCRIPT_ELEMENTS);
  await source.send('SET', 'small', 'x');
  await source.send('SAVE');
  expect(await source.send('LLEN', 'large')).toBe(ELEMENTS);
  const target = await serverWith({ args: ['--proto-max-bulk-len', String(MAX_BULK_BYTES)] });

  let memory: ReturnType<typeof watchMemory> | undefined;
  const { code, stdout, stderr } = await cli(
    ['import', join(source.dir, 'dump.rdb'), '--to', `redis://127.0.0.1:${target.port}`],
    { running: ({ pid }) => (memory = watchMemory(pid!)) },
  );
  const peakBytes = memory!.stop();
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(/sent +2 /);
  if (existsSync('/proc/self/status')) {
    expect(peakBytes).toBeGreaterThan(20 * 1024 * 1024);
    expect(peakBytes).toBeLessThan(MAX_MEMORY_BYTES);
  }
  expect(await target.send('LLEN', 'large')).toBe(ELEMENTS);
  expect(await target.send('DBSIZE')).toBe(2);
  expect(await target.send('KEYS', 'rdb-inspect:*')).toEqual([]);
  expect(await target.send('DEBUG', 'DIGEST')).toBe(await source.send('DEBUG', 'DIGEST'));
});
