/** The history of a key, collected. */
import { expect } from 'vitest';
import { type HistoryEvent, type HistoryOptions, historyOfKey } from '../../src/aof/history/history.js';
import type { AofLog } from '../../src/aof/model.js';

export interface Told {
  readonly events: readonly HistoryEvent[];
  readonly followed: readonly string[];
  readonly failure: string | undefined;
}

export async function told(log: AofLog, key: string, options: HistoryOptions = {}): Promise<Told> {
  const events: HistoryEvent[] = [];
  let followed: string[] = [];
  const { failure, events: count } = await historyOfKey(log, Buffer.from(key), (batch) => void events.push(...batch), {
    ...options,
    onFollowed: (keys) => {
      followed = keys.map(({ db, key: name }) => `${db} ${Buffer.from(name)}`);
    },
  });
  expect(count).toBe(events.length);
  return { events, followed, failure: failure?.error.code };
}
