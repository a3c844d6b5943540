/**
 * Where a target is, as a URL says it:
 *
 *     redis://[user[:password]@]host[:port][/db]             rediss:// with TLS
 *     unix://[user[:password]@]/path[?db=N]                  or redis-socket://
 *     redis-sentinel://[user[:password]@]host[:port],…/name[/db]     rediss-sentinel:// with TLS
 *
 * User, password, path and name are percent-encoded where they hold what the form itself uses. What cannot be read is
 * never shown again, since any piece of it may be a password that was written at the wrong place.
 */
import { isIP } from 'node:net';
import { TargetError } from './target-error.js';

/** TLS of a connection: contents in PEM, not names of files. */
export interface EndpointTls {
  /** The name that is sent and checked; undefined for an address, which has none. */
  readonly servername: string | undefined;
  /** Instead of the authorities that Node knows. */
  readonly ca: string | undefined;
  /** Of this side, for servers that ask for it. */
  readonly cert: string | undefined;
  readonly key: string | undefined;
  readonly rejectUnauthorized: boolean;
}

/** One server, and how to come in. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
  /** Where it is set, `host` and `port` mean nothing. */
  readonly socketPath: string | undefined;
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly db: number;
  readonly tls: EndpointTls | undefined;
}

/** A primary that sentinels know. */
export interface SentinelPlace {
  /** To be asked in this order; they are given neither user nor password. */
  readonly sentinels: readonly Endpoint[];
  readonly primaryName: string;
  /** How to come in at the primary, whatever its host and port are; those here mean nothing. */
  readonly primary: Endpoint;
}

/** What a URL names. */
export type TargetPlace =
  | { readonly kind: 'server'; readonly endpoint: Endpoint }
  | { readonly kind: 'sentinel'; readonly place: SentinelPlace };

const DEFAULT_PORT = 6379;
const DEFAULT_SENTINEL_PORT = 26379;
const DEFAULT_HOST = '127.0.0.1';

/**
 * The server of a URL; `tls` says more about the TLS of `rediss://`.
 *
 * @throws TargetError (BAD_URL)
 */
export function parseEndpoint(url: string, tls: Partial<EndpointTls> = {}): Endpoint {
  const place = parsePlace(url, tls);
  if (place.kind === 'sentinel') throw badUrl('sentinels are named where one server is expected');
  return place.endpoint;
}

/**
 * The server or the sentinels of a URL.
 *
 * @throws TargetError (BAD_URL)
 */
export function parsePlace(url: string, tls: Partial<EndpointTls> = {}): TargetPlace {
  const scheme = /^([a-z-]+):\/\//i.exec(url)?.[1]?.toLowerCase();
  const rest = url.slice((scheme?.length ?? 0) + 3);
  switch (scheme) {
    case 'redis':
    case 'rediss':
      return { kind: 'server', endpoint: parseServer(rest, scheme === 'rediss' ? tls : undefined) };
    case 'unix':
    case 'redis-socket':
      return { kind: 'server', endpoint: parseSocket(rest) };
    case 'redis-sentinel':
    case 'rediss-sentinel':
      return { kind: 'sentinel', place: parseSentinels(rest, scheme === 'rediss-sentinel' ? tls : undefined) };
    default:
      throw badUrl('it must begin with redis://, rediss://, unix:// or redis-sentinel://');
  }
}

/** `host:port`, `[::1]:port` or `unix:/path`: the place of an endpoint for people and as the key of a table. */
export function formatAddress(endpoint: Pick<Endpoint, 'host' | 'port' | 'socketPath'>): string {
  if (endpoint.socketPath !== undefined) return `unix:${endpoint.socketPath}`;
  return endpoint.host.includes(':') ? `[${endpoint.host}]:${endpoint.port}` : `${endpoint.host}:${endpoint.port}`;
}

/** Another server that is entered in the same way: a node of the same cluster, the primary that a sentinel names. */
export function endpointAt(endpoint: Endpoint, host: string, port: number): Endpoint {
  const { tls } = endpoint;
  // A name that was given for all servers is kept; one that was the host itself follows the host.
  const servername = tls?.servername === tlsName(endpoint.host) ? tlsName(host) : tls?.servername;
  return { ...endpoint, host, port, socketPath: undefined, tls: tls && { ...tls, servername } };
}

function parseServer(rest: string, tls: Partial<EndpointTls> | undefined): Endpoint {
  const { login, hosts, path } = splitAuthority(rest);
  const { host, port } = parseHost(hosts, DEFAULT_PORT);
  return { host, port, socketPath: undefined, ...login, db: parseDb(path), tls: tls && fullTls(tls, host) };
}

function parseSocket(rest: string): Endpoint {
  const [, user, path, db] = /^(?:([^/]*)@)?(\/[^?#]+)(?:\?db=([^?#&]*))?$/.exec(rest) ?? [];
  if (path === undefined) throw badUrl('the path of a socket begins with /, and only ?db=N may follow it');
  const socketPath = decoded(path, 'path');
  return { host: '', port: 0, socketPath, ...parseLogin(user), db: parseDb(db ?? ''), tls: undefined };
}

function parseSentinels(rest: string, tls: Partial<EndpointTls> | undefined): SentinelPlace {
  const { login, hosts, path } = splitAuthority(rest);
  const [name = '', db = '', ...more] = path.split('/');
  if (name === '' || more.length > 0) throw badUrl('behind the sentinels stands /name of the primary, and /db perhaps');
  const nobody = { socketPath: undefined, username: undefined, password: undefined, db: 0 };
  const sentinels = hosts.split(',').map((text) => {
    const { host, port } = parseHost(text, DEFAULT_SENTINEL_PORT);
    return { host, port, ...nobody, tls: tls && fullTls(tls, host) };
  });
  const primary = { host: '', port: 0, socketPath: undefined, ...login, db: parseDb(db), tls: tls && fullTls(tls, '') };
  return { sentinels, primaryName: decoded(name, 'name of the primary'), primary };
}

interface Login {
  readonly username: string | undefined;
  readonly password: string | undefined;
}

/** The login ends at the last `@`, since people leave those of a password as they are. */
function splitAuthority(rest: string): { login: Login; hosts: string; path: string } {
  if (/[?#\s]/.test(rest)) throw badUrl('?, # and spaces must be percent-encoded');
  const parts = /^(?:(.*)@)?([^/@]*)(?:\/(.*))?$/.exec(rest);
  if (parts === null) throw badUrl('an @ stands in its path');
  return { login: parseLogin(parts[1]), hosts: parts[2]!, path: parts[3] ?? '' };
}

function parseLogin(text: string | undefined): Login {
  if (text === undefined || text === '' || text === ':') return { username: undefined, password: undefined };
  const colon = text.indexOf(':');
  if (colon < 0) throw badUrl('a user without a password: a password alone is written :password@');
  const username = decoded(text.slice(0, colon), 'user');
  return { username: username === '' ? undefined : username, password: decoded(text.slice(colon + 1), 'password') };
}

function parseHost(text: string, defaultPort: number): { host: string; port: number } {
  const parts = /^(?:\[([^\]]*)\]|([^:[\]]*))(?::(.*))?$/.exec(text);
  if (parts === null) throw badUrl('its host cannot be read: IPv6 addresses stand in brackets');
  const [, inBrackets, plain, portText] = parts;
  if (inBrackets !== undefined && isIP(inBrackets) !== 6) throw badUrl('what stands in brackets is no IPv6 address');
  return { host: inBrackets ?? (decoded(plain!, 'host') || DEFAULT_HOST), port: parsePort(portText, defaultPort) };
}

function parsePort(text: string | undefined, defaultPort: number): number {
  if (text === undefined) return defaultPort;
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port < 1 || port > 65535) throw badUrl('its port is no number from 1 to 65535');
  return port;
}

function parseDb(text: string): number {
  if (text === '') return 0;
  if (!/^\d{1,9}$/.test(text)) throw badUrl('its database is no number');
  return Number(text);
}

function fullTls(tls: Partial<EndpointTls>, host: string): EndpointTls {
  const { servername = tlsName(host), ca, cert, key, rejectUnauthorized = true } = tls;
  return { servername, ca, cert, key, rejectUnauthorized };
}

/** TLS sends names, never addresses (RFC 6066 §3). */
function tlsName(host: string): string | undefined {
  return host === '' || isIP(host) !== 0 ? undefined : host;
}

function decoded(text: string, what: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw badUrl(`a % in its ${what} does not begin a code of two digits`);
  }
}

function badUrl(why: string): TargetError {
  return new TargetError('BAD_URL', `the address of the target cannot be read: ${why}`, '');
}
