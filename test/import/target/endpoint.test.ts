/** What URLs name, and what the refusal of one never shows. */
import { describe, expect, it } from 'vitest';
import {
  type Endpoint,
  endpointAt,
  formatAddress,
  parseEndpoint,
  parsePlace,
} from '../../../src/import/target/endpoint.js';
import { TargetError } from '../../../src/import/target/target-error.js';

const PLAIN: Endpoint = {
  host: '127.0.0.1',
  port: 6379,
  socketPath: undefined,
  username: undefined,
  password: undefined,
  db: 0,
  tls: undefined,
};

const TLS = { servername: undefined, ca: undefined, cert: undefined, key: undefined, rejectUnauthorized: true };

it.each<[string, Partial<Endpoint>]>([
  ['redis://', {}],
  ['redis:///3', { db: 3 }],
  ['redis://localhost', { host: 'localhost' }],
  ['REDIS://example.org:7000/15', { host: 'example.org', port: 7000, db: 15 }],
  ['redis://:secret@h', { host: 'h', password: 'secret' }],
  ['redis://ann:secret@h:1/0', { host: 'h', port: 1, username: 'ann', password: 'secret' }],
  ['redis://ann:@h', { host: 'h', username: 'ann', password: '' }],
  ['redis://:@h', { host: 'h' }],
  ['redis://@h', { host: 'h' }],
  ['redis://a%3Ab:p%40%2F%25%C3%A4@h', { host: 'h', username: 'a:b', password: 'p@/%ä' }],
  ['redis://:p@ss/word:x@h', { host: 'h', password: 'p@ss/word:x' }],
  ['redis://[::1]', { host: '::1' }],
  ['redis://[2001:db8::7]:6380/1', { host: '2001:db8::7', port: 6380, db: 1 }],
  ['redis://u:p@[::1]:6380', { host: '::1', port: 6380, username: 'u', password: 'p' }],
  ['rediss://example.org', { host: 'example.org', tls: { ...TLS, servername: 'example.org' } }],
  ['rediss://10.0.0.1', { host: '10.0.0.1', tls: TLS }],
  ['unix:///run/redis.sock', { host: '', port: 0, socketPath: '/run/redis.sock' }],
  ['unix:///run/a%20b.sock?db=2', { host: '', port: 0, socketPath: '/run/a b.sock', db: 2 }],
  ['redis-socket://ann:pw@/run/x', { host: '', port: 0, socketPath: '/run/x', username: 'ann', password: 'pw' }],
])('reads %s', (url, expected) => {
  expect(parseEndpoint(url)).toEqual({ ...PLAIN, ...expected });
});

it('takes more about TLS from beside the URL', () => {
  expect(parseEndpoint('rediss://10.0.0.1', { ca: 'CA', servername: 'db', rejectUnauthorized: false }).tls).toEqual({
    ...TLS,
    ca: 'CA',
    servername: 'db',
    rejectUnauthorized: false,
  });
  expect(parseEndpoint('redis://10.0.0.1', { ca: 'CA' }).tls).toBeUndefined();
});

it.each([
  'example.org:6379',
  'http://:hunter2@h',
  'redis:/:hunter2@h',
  'redis://hunter2@h',
  'redis://:hunter2',
  'redis://:hunter2#@h',
  'redis://:hunter2?@h',
  'redis://h:6379?password=hunter2',
  'redis://h:0',
  'redis://h:65536',
  'redis://h:hunter2',
  'redis://h:6379/x',
  'redis://h/-1',
  'redis://h/1/2',
  'redis://:hunter2%zz@h',
  'redis://::1',
  'redis://[::1',
  'redis://[hunter2]',
  'redis://[::1]6379',
  'unix://run/redis.sock',
  'unix://',
  'unix:///run/x?password=hunter2',
  'redis-sentinel://h:26379/name',
])('refuses %s', (url) => {
  const error = refusal(() => parseEndpoint(url));
  expect(error).toBeInstanceOf(TargetError);
  expect(error).toMatchObject({ code: 'BAD_URL', isTransient: false, address: '' });
  expect((error as Error).message).not.toContain('hunter2');
});

describe('sentinels', () => {
  it('are several', () => {
    const found = parsePlace('redis-sentinel://ann:pw@a,b:7,[::1]:8/my%2Fname/2');
    const sentinel = { ...PLAIN, port: 26379 };
    expect(found).toEqual({
      kind: 'sentinel',
      place: {
        sentinels: [
          { ...sentinel, host: 'a' },
          { ...sentinel, host: 'b', port: 7 },
          { ...sentinel, host: '::1', port: 8 },
        ],
        primaryName: 'my/name',
        primary: { ...PLAIN, host: '', port: 0, username: 'ann', password: 'pw', db: 2 },
      },
    });
  });

  it('and their primary have TLS together', () => {
    const found = parsePlace('rediss-sentinel://a/name', { ca: 'CA' });
    expect(found).toMatchObject({
      place: {
        sentinels: [{ tls: { servername: 'a', ca: 'CA' } }],
        primary: { tls: { servername: undefined, ca: 'CA' } },
      },
    });
  });

  it.each([
    'redis-sentinel://a',
    'redis-sentinel://a/',
    'redis-sentinel://a/n/x',
    'redis-sentinel://a/n/1/2',
    'redis-sentinel://a:x/n',
  ])('refuses %s', (url) => {
    expect(refusal(() => parsePlace(url))).toMatchObject({ code: 'BAD_URL' });
  });
});

it('shows an address without its login', () => {
  expect(formatAddress(parseEndpoint('redis://u:p@[::1]:6380'))).toBe('[::1]:6380');
  expect(formatAddress(parseEndpoint('redis://u:p@h'))).toBe('h:6379');
  expect(formatAddress(parseEndpoint('unix://u:p@/run/x'))).toBe('unix:/run/x');
});

it('enters another server in the same way', () => {
  const first = parseEndpoint('rediss://u:p@a.example:1/0', { ca: 'CA' });
  const login = { username: 'u', password: 'p' };
  expect(endpointAt(first, 'b.example', 2)).toMatchObject({
    host: 'b.example',
    port: 2,
    ...login,
    tls: { servername: 'b.example', ca: 'CA' },
  });
  expect(endpointAt(first, '10.0.0.2', 2).tls?.servername).toBeUndefined();
  const named = parseEndpoint('rediss://10.0.0.1', { servername: 'db' });
  expect(endpointAt(named, '10.0.0.2', 2).tls?.servername).toBe('db');
});

function refusal(run: () => unknown): unknown {
  try {
    return run();
  } catch (error) {
    return error;
  }
}
