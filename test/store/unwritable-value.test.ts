/** A value that the server of the store has no type for: it came with the dump of a newer one. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findTarget } from '../../src/engine/index.js';
import { openStore, type Store } from '../../src/store/index.js';

let dir: string;

beforeEach(async () => {
  dir = fs.mkdtempSync(path.join(os.tmpdir(), 'rdb-inspect-unwritable-'));
  const newer = await opened('redis:8.0');
  const client = newer.client();
  for (const key of ['a', 'b']) client.execute(['SET', key, '1']);
  client.execute(['HSET', 'h', 'field', 'value']);
  client.execute(['HPEXPIRE', 'h', '100000', 'FIELDS', '1', 'field']);
  newer.shutdown({ save: 'save' });
});

afterEach(() => fs.rmSync(dir, { recursive: true, force: true }));

function opened(target: string): Promise<Store> {
  return openStore({ dir, save: '', timers: false, clock: () => 1_700_000_000_000, target: findTarget(target)! });
}

describe('a value that cannot be written', () => {
  it.each([[[]], [['SET', 'h', 'other']]])('fails a save in the background, and no command: %j', async (command) => {
    const before = fs.readFileSync(path.join(dir, 'dump.rdb'));
    const store = await opened('redis:7.0');
    const client = store.client();
    client.execute(['BGSAVE']);
    if (command.length > 0) expect(client.execute(command)).toMatchObject({ text: 'OK' });
    while (store.work());
    expect(store.status).toMatchObject({ isSaveInProgress: false, saveFailure: { code: 'CANNOT_ENCODE' } });
    expect(store.engine.liveSnapshots.size).toBe(0);
    expect(fs.readdirSync(dir)).toEqual(['dump.rdb']);
    expect(fs.readFileSync(path.join(dir, 'dump.rdb'))).toEqual(before);
    store.abandon();
  });

  it('fails SAVE, and leaves nothing behind', async () => {
    const store = await opened('redis:7.0');
    expect(store.client().execute(['SAVE'])).toMatchObject({ message: 'ERR' });
    expect(store.engine.liveSnapshots.size).toBe(0);
    expect(fs.readdirSync(dir)).toEqual(['dump.rdb']);
    store.abandon();
  });
});
