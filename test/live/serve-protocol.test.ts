/** The same scenes, and the same bytes, at a real server and at ours: what every client is sent is the same. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LiveServer, startServer } from '../support/live-server.js';
import { MESSAGES } from '../support/serve-messages.js';
import { BROKEN_REQUESTS, BROKEN_WITHOUT_PASSWORD, WHOLE_REQUESTS } from '../support/serve-requests.js';
import { playScenario, RawClient } from '../support/serve-scenario.js';
import { type SocketServer, startOurs } from '../support/serve-sockets.js';
import { STREAM_WAITS, WAITS } from '../support/serve-waits.js';

let live: LiveServer;
let ours: SocketServer;

beforeAll(async () => {
  live = await startServer();
  ours = await startOurs({ store: { target: 'redis:7.0' } });
});

afterAll(async () => {
  await ours.stop();
  await live.stop();
});

describe('clients that wait are answered as by the server', () => {
  it.each(Object.entries({ ...WAITS, ...STREAM_WAITS }))('%s', async (_name, steps) => {
    const theirs = await playScenario(live.port, steps);
    expect(await playScenario(ours.port, steps)).toEqual(theirs);
    expect(ours.warnings).toEqual([]);
  });
});

describe('messages and events are told as by the server', () => {
  it.each(Object.entries(MESSAGES))('%s', async (_name, steps) => {
    const theirs = await playScenario(live.port, steps, 'CONFIG SET notify-keyspace-events KEA');
    expect(await playScenario(ours.port, steps, 'CONFIG SET notify-keyspace-events KEA')).toEqual(theirs);
  });
});

describe('broken requests get the error of the server, and the connection ends', () => {
  const start = ['*1\r\n$4\r\nPING\r\n', ''];
  it.each(BROKEN_REQUESTS)('%s', async (_name, request) => {
    for (const before of start) {
      const theirs = await brokenBy(live.port, before + request);
      expect(await brokenBy(ours.port, before + request)).toEqual(theirs);
    }
  });

  it.each(BROKEN_WITHOUT_PASSWORD)('before a password is given: %s', async (_name, request) => {
    await live.send('CONFIG', 'SET', 'requirepass', 'secret');
    const other = await startOurs({ config: { requirepass: 'secret' } });
    try {
      expect(await brokenBy(other.port, request)).toEqual(await brokenBy(live.port, request));
    } finally {
      await other.stop();
      await live.send('CONFIG', 'SET', 'requirepass', '');
    }
  });

  it.each(WHOLE_REQUESTS)('this is none: %s', async (_name, request) => {
    const theirs = await answered(live.port, request);
    expect(await answered(ours.port, request)).toEqual(theirs);
    expect(theirs).toContain('done');
  });
});

/** What comes until the server closes, or asks for more. */
async function brokenBy(port: number, request: string): Promise<{ readonly text: string; readonly isClosed: boolean }> {
  const client = await RawClient.connect(port);
  try {
    client.write(request);
    await client.until(() => client.received.includes('-'));
    await client.closed();
    return { text: client.received, isClosed: client.isClosed };
  } finally {
    client.close();
  }
}

async function answered(port: number, request: string): Promise<string> {
  const client = await RawClient.connect(port);
  try {
    client.write(`${request}*2\r\n$4\r\nECHO\r\n$4\r\ndone\r\n`);
    await client.until(() => client.received.includes('done\r\n'));
    return client.received;
  } finally {
    client.close();
  }
}
