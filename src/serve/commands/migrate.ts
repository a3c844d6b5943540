/**
 * MIGRATE: keys go to another server, and are deleted here when that has acknowledged them. Nobody's commands are run meanwhile, as at a
 * server, which does nothing else either.
 */
import { findCommand } from '../../aof/command-table.js';
import type { ByteString } from '../../bytes/byte-string.js';
import { RedisFileError } from '../../bytes/errors.js';
import { integerArgument, isOption } from '../../engine/arguments.js';
import type { Call, CommandTable } from '../../engine/call.js';
import { encodeDumpOf } from '../../engine/commands/restore.js';
import type { Database } from '../../engine/database.js';
import { CommandError, type Reply, Status, syntaxError } from '../../engine/reply.js';
import { isBefore } from '../../engine/unix-ms.js';
import { type Connection, NO_REPLY } from '../connection.js';
import { type MigratedValue, type MigrateRequest, MigrateTransfer } from '../migrate-transfer.js';
import type { Server } from '../server.js';
import { connectionOf } from '../server-context.js';
import { serverOf } from './server-of.js';

export const MIGRATE_COMMANDS: CommandTable = { MIGRATE: migrate };

const NO_KEY = new Status('NOKEY');
const DEFAULT_TIMEOUT_MS = 1000;
const DEL = findCommand('DEL')!;

/** MIGRATE host port (key | "") destination-db timeout [COPY] [REPLACE] [AUTH password | AUTH2 username password] [KEYS key [key ...]] */
function migrate(call: Call): Reply {
  const { db, engine, args, nowMs } = call;
  const request = parseRequest(args);
  // Keys of a dump are decoded when they are sent, and not before.
  const isThere = (key: ByteString): boolean => (engine.isReadOnly ? db.has(key) : db.get(key) !== undefined);
  const keys = request.keys.filter((key) => isThere(key) && timeLeft(db, key, nowMs) !== undefined);
  if (keys.length === 0) return NO_KEY;
  const server = serverOf(call);
  const migration: Migration = { server, connection: connectionOf(call), args, db, request: { ...request, keys } };
  server.hold(Promise.resolve().then(() => carryOut(migration)));
  return NO_REPLY;
}

/** Whether a command is a MIGRATE that leaves everything as it is: where it is wrong it says so, and does nothing. */
export function leavesAll(name: string, args: readonly ByteString[]): boolean {
  if (name !== 'MIGRATE') return false;
  try {
    return parseRequest(args).isCopy;
  } catch (error) {
    if (error instanceof CommandError) return true;
    throw error;
  }
}

/** As a server checks it: options first, of the numbers the timeout; a port that is none is 0, where nobody listens. */
function parseRequest(args: readonly ByteString[]): MigrateRequest {
  const [, host, port, key, db, timeout] = args as [ByteString, ...ByteString[]];
  const options = parseOptions(args);
  const timeoutMs = Number(integerArgument(timeout));
  return {
    host: host!,
    port: Number.parseInt(port!, 10) || 0,
    db: String(integerArgument(db)),
    timeoutMs: timeoutMs > 0 ? timeoutMs : DEFAULT_TIMEOUT_MS,
    keys: [key!],
    ...options,
  };
}

type Options = Pick<MigrateRequest, 'isCopy' | 'isReplace' | 'login'> & Partial<Pick<MigrateRequest, 'keys'>>;

function parseOptions(args: readonly ByteString[]): Options {
  let isCopy = false;
  let isReplace = false;
  let login: readonly ByteString[] = [];
  for (let at = 6; at < args.length; at++) {
    const option = args[at];
    if (isOption(option, 'COPY')) isCopy = true;
    else if (isOption(option, 'REPLACE')) isReplace = true;
    else if (isOption(option, 'KEYS')) {
      if (args[3] !== '')
        throw new CommandError('ERR When using MIGRATE KEYS option, the key argument must be set to the empty string');
      return { isCopy, isReplace, login, keys: args.slice(at + 1) };
    } else {
      const words = isOption(option, 'AUTH') ? 1 : isOption(option, 'AUTH2') ? 2 : 0;
      if (words === 0 || at + words >= args.length) throw syntaxError();
      login = args.slice(at + 1, at + 1 + words);
      at += words;
    }
  }
  return { isCopy, isReplace, login };
}

interface Migration {
  readonly server: Server;
  readonly connection: Connection;
  readonly args: readonly ByteString[];
  readonly db: Database;
  readonly request: MigrateRequest;
}

/** Answers whatever comes of it: an error of ours ends a command, not the server. */
async function carryOut(migration: Migration): Promise<void> {
  const { server, connection, args } = migration;
  const begun = performance.now();
  let reply: Reply;
  try {
    reply = await moveKeys(migration);
  } catch (error) {
    server.warn('MIGRATE has failed', error);
    reply = new CommandError('ERR internal error');
  }
  server.served(connection, args, reply, performance.now() - begun);
  connection.reply(reply);
}

async function moveKeys({ server, connection, db, request }: Migration): Promise<Reply> {
  const { backend, clock } = server;
  const transfer = new MigrateTransfer(request, (key) => valueAt(db, key, clock()));
  const reply = await transfer.run(server.migrateSockets);
  const { acknowledged } = transfer;
  // A store that has ended meanwhile has them still: they are here and there.
  if (request.isCopy || acknowledged.length === 0 || backend.store?.hasEnded) return reply;
  // Also in the log, and for whoever watches or listens.
  const { runner } = connection.session;
  runner.execute(['DEL', ...acknowledged], DEL);
  backend.count(runner.dirty);
  return reply;
}

/** Undefined where the key has gone, or its time has come. It is left as it is: this is no command that would log what expires. */
function valueAt(db: Database, key: ByteString, nowMs: number): MigratedValue | undefined {
  const stored = db.keys.get(key);
  const ttlMs = timeLeft(db, key, nowMs);
  if (stored === undefined || ttlMs === undefined) return undefined;
  try {
    return { ttlMs, payload: encodeDumpOf(db, key, stored) };
  } catch (error) {
    if (error instanceof RedisFileError) throw new CommandError(`ERR a key cannot be sent: ${error.message}`);
    throw error;
  }
}

/** As RESTORE takes it, milliseconds: 0 without expiry, and so 1 at the last moment. Undefined where it has expired. */
function timeLeft(db: Database, key: ByteString, nowMs: number): number | bigint | undefined {
  const atMs = db.expiryOf(key);
  if (atMs === undefined) return 0;
  if (isBefore(atMs, nowMs)) return undefined;
  return typeof atMs === 'number' ? Math.max(atMs - nowMs, 1) : atMs - BigInt(nowMs);
}
