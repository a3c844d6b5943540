/** From the options of a connection to a server. */
import { describe, expect, it } from 'vitest';
import type { ConnectionFlags } from '../../src/cli/connection-options.js';
import { UsageError } from '../../src/cli/failures.js';
import { placeText, targetPlaceOf } from '../../src/cli/target-place.js';
import type { Endpoint, TargetPlace } from '../../src/import/target/endpoint.js';
import { TargetError } from '../../src/import/target/target-error.js';
import { temporaryDirectory } from './run-cli.js';

const directory = temporaryDirectory();

interface Asked {
  readonly place: TargetPlace;
  readonly warnings: readonly string[];
}

async function placeOf(flags: Partial<ConnectionFlags>, env: Record<string, string> = {}): Promise<Asked> {
  const warnings: string[] = [];
  const place = await targetPlaceOf(
    { authWarning: true, ...flags },
    { env, askPassword: async () => 'asked', warn: (text) => warnings.push(text) },
  );
  return { place, warnings };
}

async function endpointOf(flags: Partial<ConnectionFlags>, env?: Record<string, string>): Promise<Endpoint> {
  const { place } = await placeOf(flags, env);
  if (place.kind !== 'server') throw new Error('no server');
  return place.endpoint;
}

describe('addresses', () => {
  it.each<[Partial<ConnectionFlags>, string]>([
    [{}, '127.0.0.1:6379'],
    [{ host: 'a' }, 'a:6379'],
    [{ port: 7 }, '127.0.0.1:7'],
    [{ host: '::1', port: 7 }, '[::1]:7'],
    [{ host: '[::1]' }, '[::1]:6379'],
    [{ socket: '/run/s' }, 'unix:/run/s'],
    [{ to: 'redis://a:7' }, 'a:7'],
    [{ with: 'redis://a:7' }, 'a:7'],
    [{ uri: 'redis://a:7', to: 'redis://a:7' }, 'a:7'],
    [{ to: 'redis://a:7', host: 'b' }, 'b:7'],
    [{ to: 'redis://a:7', port: 8 }, 'a:8'],
    [{ to: 'redis://a:7', socket: '/run/s' }, 'unix:/run/s'],
    [{ to: 'unix:///run/s', host: 'b' }, 'b:6379'],
    [{ to: 'unix:///run/s' }, 'unix:/run/s'],
    [{ to: 'redis-sentinel://a,b:7/primary' }, 'primary of a:26379, b:7'],
  ])('%j', async (flags, address) => {
    expect(placeText((await placeOf(flags)).place)).toBe(address);
  });

  it('keep the database of the URL', async () => {
    expect((await endpointOf({ to: 'redis://a/3', host: 'b' })).db).toBe(3);
  });
});

describe('passwords', () => {
  const url = 'redis://me:url@a';
  const env = { REDISCLI_AUTH: 'env' };
  it.each<[string, Partial<ConnectionFlags>, Record<string, string>, [string | undefined, string | undefined]]>([
    ['none', {}, {}, [undefined, undefined]],
    ['an empty variable', {}, { REDISCLI_AUTH: '' }, [undefined, undefined]],
    ['the variable', {}, env, [undefined, 'env']],
    ['a user with the variable', { user: 'you' }, env, ['you', 'env']],
    ['the URL before the variable', { to: url }, env, ['me', 'url']],
    ['-a before the URL', { to: url, pass: 'arg' }, env, ['me', 'arg']],
    ['an empty -a', { to: url, pass: '' }, env, ['me', '']],
    ['--user before the URL', { to: url, user: 'you' }, env, ['you', 'url']],
    ['--askpass before all', { to: url, pass: 'arg', askpass: true }, env, ['me', 'asked']],
  ])('%s', async (_, flags, variables, [username, password]) => {
    expect(await endpointOf(flags, variables)).toMatchObject({ username, password });
  });

  it('are for the primary that sentinels name', async () => {
    const { place } = await placeOf({ to: 'redis-sentinel://a/primary', pass: 'arg' });
    expect(place).toMatchObject({
      kind: 'sentinel',
      place: { primary: { password: 'arg' }, sentinels: [{ password: undefined }] },
    });
  });

  it.each<[Partial<ConnectionFlags>, number]>([
    [{ pass: 'arg' }, 1],
    [{ to: url }, 1],
    [{ to: url, authWarning: false }, 0],
    [{ pass: 'arg', askpass: true }, 0],
    [{}, 0],
  ])('%j: %d warnings', async (flags, count) => {
    const { warnings } = await placeOf(flags, env);
    expect(warnings).toHaveLength(count);
    expect(warnings.join()).not.toMatch(/arg\b|url\b/);
  });
});

describe('TLS', () => {
  it('comes from the option or from the URL', async () => {
    const plain = { servername: 'a', rejectUnauthorized: true, ca: undefined };
    expect((await endpointOf({ to: 'redis://a', tls: true })).tls).toMatchObject(plain);
    expect((await endpointOf({ to: 'rediss://a' })).tls).toMatchObject(plain);
    expect((await endpointOf({ host: 'a', tls: true })).tls).toMatchObject(plain);
    expect((await endpointOf({ to: 'redis://a' })).tls).toBeUndefined();
  });

  it('of sentinels, too', async () => {
    const { place } = await placeOf({ to: 'redis-sentinel://a/primary', tls: true });
    expect(place).toMatchObject({ place: { sentinels: [{ tls: { servername: 'a' } }], primary: { tls: {} } } });
  });

  it('takes contents of files, and a name that stays', async () => {
    const flags = {
      tls: true,
      cacert: directory.write('ca', 'CA'),
      cert: directory.write('cert', 'CERT'),
      key: directory.write('key', 'KEY'),
      sni: 'name',
      insecure: true,
      host: '10.0.0.1',
    };
    expect((await endpointOf(flags)).tls).toEqual({
      ca: 'CA',
      cert: 'CERT',
      key: 'KEY',
      servername: 'name',
      rejectUnauthorized: false,
    });
  });
});

describe('what cannot be', () => {
  it.each<Partial<ConnectionFlags>>([
    { to: 'redis://a', with: 'redis://b' },
    { socket: '/s', host: 'a' },
    { to: 'unix:///s', port: 7 },
    { to: 'redis-sentinel://a/primary', host: 'b' },
    { socket: '/s', tls: true },
    { cacert: 'x' },
    { insecure: true },
    { tls: true, cert: 'x' },
    { tls: true, cacert: 'nothing' },
    { user: 'me' },
  ])('%j', async (flags) => {
    await expect(placeOf(flags)).rejects.toBeInstanceOf(UsageError);
  });

  it('is said without the URL, which may hold a password', async () => {
    const error = await placeOf({ to: 'me:secret@host' }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(TargetError);
    expect(error).toMatchObject({ code: 'BAD_URL', message: expect.not.stringContaining('secret') });
  });
});
