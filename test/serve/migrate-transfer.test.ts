/** What MIGRATE says to a server, and what it makes of the ways in which one answers, or does not. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { CommandError, Status } from '../../src/engine/reply.js';
import { MigrateSockets } from '../../src/serve/migrate-sockets.js';
import { type MigrateRequest, MigrateTransfer } from '../../src/serve/migrate-transfer.js';
import { type Answer, linesFor, startTarget, type Target } from './migrate-target.js';

const targets: Target[] = [];
let sockets = new MigrateSockets();

afterEach(async () => {
  sockets.close();
  sockets = new MigrateSockets();
  for (const target of targets.splice(0)) await target.stop();
});

async function play(answer: Answer): Promise<Target> {
  const target = await startTarget(answer);
  targets.push(target);
  return target;
}

interface Told {
  readonly reply: string;
  readonly acknowledged: readonly string[];
}

const TIMEOUT_MS = 150;
const REQUEST = { host: '127.0.0.1', db: '0', timeoutMs: TIMEOUT_MS, isCopy: false, isReplace: false, login: [] };

/** The value of every key is its name. */
async function transfer(
  { port }: { readonly port: number },
  request: Partial<MigrateRequest> = {},
  payloadOf: (key: string) => Uint8Array | undefined = (key) => Buffer.from(key),
): Promise<Told> {
  const work = new MigrateTransfer({ ...REQUEST, port, keys: ['k'], ...request }, (key) => {
    const payload = payloadOf(key);
    return payload && { ttlMs: key.length, payload };
  });
  const reply = await work.run(sockets);
  const { acknowledged } = work;
  if (reply instanceof CommandError) return { reply: `-${reply.message}`, acknowledged };
  return { reply: reply instanceof Status ? `+${reply.text}` : '?', acknowledged };
}

function words(...all: readonly string[]): string {
  return `*${all.length}\r\n${all.map((word) => `$${word.length}\r\n${word}\r\n`).join('')}`;
}

const READING = '-IOERR error or timeout reading to target instance';
const WRITING = '-IOERR error or timeout writing to target instance';
const SELECT = words('SELECT', '0');

describe('what is sent', () => {
  it('is a login and a database first, then all keys', async () => {
    const target = await play(linesFor('+OK'));
    const login = ['user', 'secret'];
    const request = { login, db: '7', isReplace: true, keys: ['a', '\xff\r\n', ''] };
    expect(await transfer(target, request)).toEqual({ reply: '+OK', acknowledged: request.keys });
    const restores = request.keys.map((key) =>
      words('RESTORE', key, String(key.length), Buffer.from(key).toString('latin1'), 'REPLACE'),
    );
    expect(target.received).toEqual([words('AUTH', ...login) + words('SELECT', '7') + restores.join('')]);
  });

  it('selects no database twice, but after an error', async () => {
    const target = await play(linesFor('+OK', '+OK', '+OK', '-BUSYKEY it is', '+OK'));
    for (const key of ['a', 'b', 'c', 'd']) await transfer(target, { keys: [key] });
    await transfer(target, { db: '1', keys: ['e'] });
    const [a, b, c, d, e] = ['a', 'b', 'c', 'd', 'e'].map((key) => words('RESTORE', key, '1', key));
    expect(target.received).toEqual([`${SELECT}${a}${b}${c}${SELECT}${d}${words('SELECT', '1')}${e}`]);
  });

  it.each([
    [['secret'], ['-WRONGPASS no', '+OK']],
    [['secret'], ['+OK', '-ERR DB index is out of range']],
    [[], ['-NOAUTH who are you']],
  ])('is no key where the login or the database is wrong: %j', async (login, lines) => {
    const target = await play(linesFor(...lines));
    const error = lines.find((line) => line.startsWith('-'));
    expect(await transfer(target, { login })).toEqual({
      reply: `-ERR Target instance replied with error: ${error?.slice(1)}`,
      acknowledged: [],
    });
    expect(target.received.join('')).not.toContain('RESTORE');
    expect(sockets.count).toBe(1);
  });

  it.each([
    ['ten thousand keys', 10_000, 1],
    ['large values', 5, 1_000_000],
    ['values as large as a piece', 20, 64 * 1024],
    ['values that fill a piece together', 100, 30_000],
  ])('are %s', async (_name, count, size) => {
    const target = await play(linesFor('+OK'));
    const keys = Array.from({ length: count }, (_, index) => `key:${index}`);
    const value = Buffer.alloc(size, 'x');
    const told = await transfer(target, { keys, timeoutMs: 10_000 }, () => value);
    expect(told).toEqual({ reply: '+OK', acknowledged: keys });
    const text = value.toString('latin1');
    const whole = keys.map((key) => words('RESTORE', key, String(key.length), text)).join('');
    expect(target.received[0] === SELECT + whole).toBe(true);
  });

  it('is not what has gone or cannot be sent', async () => {
    const target = await play(linesFor('+OK'));
    const payloadOf = (key: string): Uint8Array | undefined => {
      if (key === 'bad') throw new CommandError('ERR it cannot be sent');
      return key === 'gone' ? undefined : Buffer.from(key);
    };
    const told = await transfer(target, { keys: ['a', 'gone', 'bad', 'b'] }, payloadOf);
    expect(told).toEqual({ reply: '-ERR it cannot be sent', acknowledged: ['a', 'b'] });
    const fault = transfer(target, {}, () => {
      throw new TypeError('ours');
    });
    await expect(fault).rejects.toThrow('ours');
    expect(sockets.count).toBe(0);
  });
});

describe('a server', () => {
  it.each([
    ['says nothing', 0],
    ['says nothing more', 1],
  ])('%s', async (_name, count) => {
    const target = await play((socket, received) => void (received === SELECT && count > 0 && socket.write('+OK\r\n')));
    expect(await transfer(target)).toEqual({ reply: READING, acknowledged: [] });
    expect(target.sockets.length).toBe(1);
    expect(sockets.count).toBe(0);
  });

  it('reads nothing', async () => {
    const target = await play((socket) => socket.write('+OK\r\n') && socket.pause());
    expect(await transfer(target, {}, () => new Uint8Array(50_000_000))).toEqual({ reply: WRITING, acknowledged: [] });
  });

  it('answers slowly, and in pieces', async () => {
    const target = await play(
      (socket, received) => void trickle(socket, received === SELECT ? '+OK\r\n' : '+FINE\r\n'),
    );
    expect(await transfer(target)).toEqual({ reply: '+OK', acknowledged: ['k'] });
  });

  it('closes whatever comes', async () => {
    const target = await play((socket) => socket.destroy());
    expect(await transfer(target)).toEqual({ reply: READING, acknowledged: [] });
    expect(target.sockets.length).toBe(2);
  });

  it('closes once', async () => {
    const answer = linesFor('+OK');
    const target = await play((socket, received, connection) =>
      connection === 0 && received.includes('RESTORE') ? socket.destroy() : answer(socket, received, connection),
    );
    expect(await transfer(target)).toEqual({ reply: '+OK', acknowledged: ['k'] });
    expect(target.received[1]).toBe(target.received[0]);
  });

  it('closes behind some of its replies', async () => {
    const target = await play((socket, received) => {
      if (!received.includes('RESTORE')) socket.write('+OK\r\n');
      else socket.end('+OK\r\n+OK\r\n+O');
    });
    expect(await transfer(target, { keys: ['a', 'b', 'c'] })).toEqual({ reply: READING, acknowledged: ['a', 'b'] });
    expect(target.sockets.length).toBe(1);
  });

  it('refuses some keys: the first error counts', async () => {
    const lines = ['+OK', '+OK', '-BUSYKEY b', '+OK', '-ERR d'];
    const target = await play(linesFor(...lines));
    const told = await transfer(target, { keys: ['a', 'b', 'c', 'd'] });
    expect(told).toEqual({ reply: '-ERR Target instance replied with error: BUSYKEY b', acknowledged: ['a', 'c'] });
    expect(sockets.count).toBe(1);
  });

  it('refuses a key and closes', async () => {
    const target = await play((socket, received) => {
      if (!received.includes('RESTORE')) socket.write('+OK\r\n');
      else socket.end('-BUSYKEY a\r\n+OK\r\n');
    });
    const told = await transfer(target, { keys: ['a', 'b', 'c'] });
    expect(told).toEqual({ reply: '-ERR Target instance replied with error: BUSYKEY a', acknowledged: ['b'] });
    expect(sockets.count).toBe(0);
  });

  it.each([
    ['HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n'],
    [':1\r\n:1\r\n'],
    ['$2\r\nOK\r\n'],
    ['\r\n\r\n'],
    ['x'.repeat(200_000)],
  ])('is none: %j', async (answer) => {
    const target = await play((socket) => void socket.write(answer));
    expect(await transfer(target)).toEqual({ reply: READING, acknowledged: [] });
    expect(target.sockets.length).toBe(1);
  });

  it('is none, and says so late', async () => {
    const target = await play(linesFor('+OK', '+OK', ':1'));
    expect(await transfer(target, { keys: ['a', 'b', 'c'] })).toEqual({ reply: READING, acknowledged: ['a'] });
  });
});

describe('connections', () => {
  it('are closed when nobody has used them for a while', async () => {
    sockets = new MigrateSockets(60);
    const target = await play(linesFor('+OK'));
    for (let round = 0; round < 4; round++) {
      await transfer(target);
      expect(sockets.count).toBe(1);
      await sleep(30);
    }
    expect(target.sockets.length).toBe(1);
    await sleep(100);
    expect(sockets.count).toBe(0);
    expect(target.sockets[0]!.readableEnded || target.sockets[0]!.destroyed).toBe(true);
  });

  it('are forgotten when the other side closes them', async () => {
    const target = await play(linesFor('+OK'));
    await transfer(target);
    target.sockets[0]!.destroy();
    while (sockets.count > 0) await sleep(2);
    expect(await transfer(target)).toEqual({ reply: '+OK', acknowledged: ['k'] });
    expect(target.sockets.length).toBe(2);
  });

  it('are not used again where something was said that nobody had asked for', async () => {
    const target = await play(linesFor('+OK'));
    await transfer(target);
    target.sockets[0]!.write('+OK\r\n');
    await sleep(20);
    await transfer(target, { keys: ['other'] });
    expect(target.sockets.length).toBe(2);
    expect(target.received[0]).not.toContain('other');
  });

  it('are sixty-four at the most: the one that was used the longest time ago goes', async () => {
    const target = await play(linesFor('+OK'));
    // One address, written in as many ways.
    const names = Array.from({ length: 64 }, (_, index) => `127.${'0'.repeat(index)}1`);
    for (const host of names) expect((await transfer(target, { host })).reply, host).toBe('+OK');
    expect(sockets.count).toBe(64);
    await transfer(target, { host: names[0]! });
    await transfer(target, { host: 'localhost' });
    expect(sockets.count).toBe(64);
    await transfer(target, { host: names[0]! });
    expect(target.sockets.length).toBe(65);
    await transfer(target, { host: names[1]! });
    expect(target.sockets.length).toBe(66);
  });

  it('are all gone at the end, and no new ones are made', async () => {
    const target = await play(linesFor('+OK'));
    await transfer(target);
    sockets.close();
    expect(sockets.count).toBe(0);
    expect((await transfer(target)).reply).toBe('-IOERR error or timeout connecting to the client');
    expect(target.sockets.length).toBe(1);
  });
});

async function trickle(socket: { write(text: string): unknown }, text: string): Promise<void> {
  for (const character of text) {
    await sleep(TIMEOUT_MS / 3);
    socket.write(character);
  }
}
