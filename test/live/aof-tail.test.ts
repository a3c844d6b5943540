/** `aof tail -f` beside a server that writes and rewrites its log. */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { openAofLog } from '../../src/aof/directory/directory.js';
import { LogFollower } from '../../src/aof/follow.js';
import { nodeFiles } from '../../src/bytes/files-node.js';
import { startServer } from '../support/live-server.js';
import { latin1 } from '../support/packed.js';

it('sees every command once, from increment to increment', async () => {
  const server = await startServer({ args: ['--appendonly', 'yes', '--appendfsync', 'no'] });
  const seen: string[] = [];
  const switches: string[] = [];
  const follower = new LogFollower({
    files: nodeFiles,
    look: () => openAofLog(server.dir, nodeFiles),
    createHandler: () => ({
      command: (view) => void (view.is(0, 'SET') && seen.push(latin1(view.copy(1)))),
      annotation: () => undefined,
      full: () => false,
    }),
    onSwitch: (_file, reason) => switches.push(reason),
  });
  try {
    const written: string[] = [];
    for (let round = 0; round < 4; round++) {
      for (let index = 0; index < 200; index++) {
        const key = `key:${round}:${index}`;
        await server.send('SET', key, 'v'.repeat(index));
        written.push(key);
        if (index % 17 === 0) follower.poll();
        if (index === 100) await server.send('BGREWRITEAOF');
      }
      while (/aof_rewrite_in_progress:1/.test(String(await server.send('INFO', 'persistence')))) {
        await sleep(20);
        follower.poll();
      }
    }
    follower.poll();
    expect(seen).toEqual(written);
    expect(switches).toEqual(['next', 'next', 'next', 'next']);
  } finally {
    follower.close();
    await server.stop();
  }
});
