/** Who listens to what, and what they are told. Scenes with a real server beside stand in test/live/serve-protocol.test.ts. */
import { expect, it } from 'vitest';
import { KeyspaceEvents } from '../../src/serve/keyspace-events.js';
import { PubSub } from '../../src/serve/pubsub.js';
import { openServer } from './commands-server.js';

it('tells channels and patterns, each once, and counts them', async () => {
  const { connect, server } = await openServer();
  const [one, other] = [connect(), connect()];
  server.pubsub.subscribe(one.connection, 'channel', 'news');
  server.pubsub.subscribe(one.connection, 'channel', 'news');
  server.pubsub.subscribePattern(one.connection, 'n*');
  server.pubsub.subscribe(other.connection, 'shard', 'news');
  expect(server.pubsub.publish('channel', 'news', 'x')).toBe(2);
  expect(await one.take()).toBe(
    '*3\r\n$7\r\nmessage\r\n$4\r\nnews\r\n$1\r\nx\r\n*4\r\n$8\r\npmessage\r\n$2\r\nn*\r\n$4\r\nnews\r\n$1\r\nx\r\n',
  );
  expect(server.pubsub.publish('shard', 'news', 'x')).toBe(1);
  expect(await other.take()).toBe('*3\r\n$8\r\nsmessage\r\n$4\r\nnews\r\n$1\r\nx\r\n');
  expect(server.pubsub.publish('channel', 'other', 'x')).toBe(0);
});

it('forgets who has gone, and keeps one thing to do then, however often a client comes and goes', async () => {
  const { connect, server } = await openServer();
  const { connection } = connect();
  for (let round = 0; round < 100; round++) {
    server.pubsub.subscribe(connection, 'channel', 'a');
    server.pubsub.subscribePattern(connection, 'b');
    server.pubsub.unsubscribeAll(connection);
  }
  expect(server.pubsub.isEmpty).toBe(true);
  expect(connection.onClose.size).toBe(1);
  server.pubsub.subscribe(connection, 'channel', 'a');
  server.pubsub.subscribe(connection, 'shard', 'a');
  server.pubsub.subscribePattern(connection, 'a');
  connection.close();
  expect(server.pubsub.isEmpty).toBe(true);
  expect(server.pubsub.publish('channel', 'a', 'x')).toBe(0);
});

it('tells of keys by both kinds of channels, of the classes that are asked for', () => {
  const pubsub = new PubSub();
  const told: string[] = [];
  pubsub.publish = (_kind, channel, message) => told.push(`${channel} ${message}`);
  Object.defineProperty(pubsub, 'isEmpty', { value: false });
  const settings = { eventLetters: new Set<string>() };
  const events = new KeyspaceEvents(settings, pubsub);
  const db = { index: 3 } as Parameters<KeyspaceEvents['tell']>[3];
  const tell = (letters: string): string[] => {
    settings.eventLetters = new Set(letters);
    told.length = 0;
    events.tell('l', 'lpush', 'key', db);
    return [...told];
  };
  expect(tell('')).toEqual([]);
  expect(tell('KE')).toEqual([]);
  expect(tell('l')).toEqual([]);
  expect(tell('K$l')).toEqual(['__keyspace@3__:key lpush']);
  expect(tell('El')).toEqual(['__keyevent@3__:lpush key']);
  expect(tell('KEl')).toEqual(['__keyspace@3__:key lpush', '__keyevent@3__:lpush key']);
});
