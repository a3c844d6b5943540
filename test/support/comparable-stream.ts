/** Streams without what depends on whose clock it was: when something was delivered, and when a consumer was seen. */
import type { RdbValue, StreamGroup, StreamState } from '../../src/rdb/model.js';
import { comparableValue } from './engine-differential.js';

export function comparableStream(value: RdbValue): unknown {
  if (value.type !== 'stream') return comparableValue(value);
  const { length, lastId, firstId, maxDeletedId, entriesAdded, groups, idmp } = value.state as StreamState;
  const state = { length, lastId, firstId, maxDeletedId, entriesAdded, groups: groups.map(timeless), idmp };
  return { entries: value.entries, state };
}

function timeless({ pending, consumers, nacked = [], ...rest }: StreamGroup): unknown {
  return {
    ...rest,
    nacked,
    pending: pending.map(({ id, deliveries, consumer }) => ({ id, deliveries, consumer })),
    consumers: consumers.map(({ name }) => name),
  };
}
