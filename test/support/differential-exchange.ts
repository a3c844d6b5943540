/**
 * Files both ways, after the same commands: what the server saves and logs is read by the engine; what the engine saves and
 * would have logged is loaded by a new server. Digests and canonical lines are the same each time.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { openAofLog } from '../../src/aof/directory/directory.js';
import type { ByteString } from '../../src/bytes/byte-string.js';
import { fromByteString } from '../../src/bytes/byte-string.js';
import { nodeFiles } from '../../src/bytes/files-node.js';
import { encodeCommand } from '../../src/codecs/resp.js';
import { canonicalLines } from '../../src/engine/canonical.js';
import { digestEngine, digestStored } from '../../src/engine/digest.js';
import type { Engine } from '../../src/engine/engine.js';
import { replayLog } from '../../src/engine/replay-log.js';
import { Session } from '../../src/engine/session.js';
import { snapshot } from '../../src/engine/snapshot.js';
import { readRdbSync } from '../../src/rdb/read.js';
import { writeRdb } from '../../src/rdb/write.js';
import { type LiveServer, startServer } from './live-server.js';
import type { Reply } from './resp-client.js';

/** `logged`: every line that the engine's log had since the start, SELECT, MULTI and EXEC included. */
export async function exchangeFiles(
  server: LiveServer,
  engine: Engine,
  logged: readonly (readonly ByteString[])[],
): Promise<void> {
  await readTheirs(server, engine);
  await exchangePayloads(server, engine);
  await giveOurs(server, engine, logged);
}

/** The server's dump and its log, as the engine reads them. */
async function readTheirs(server: LiveServer, engine: Engine): Promise<void> {
  const { target } = engine.settings;
  const digest = String(await server.send('DEBUG', 'DIGEST'));
  expectSame('DEBUG DIGEST', digest, digestEngine(engine).digest);
  await server.send('SAVE');
  const saved = new Uint8Array(readFileSync(join(server.dir, 'dump.rdb')));
  const theirs = await canonicalLines(readRdbSync(saved), { target });
  expectSame('the dump', stable(theirs), stable(await canonicalLines(snapshot(engine), { target })));
  const replay = await replayLog(openAofLog(server.dir, nodeFiles), { target });
  expectSame('the digest of the log', digest, digestEngine(replay.engine).digest);
}

/** DUMP of one, RESTORE in the other: each value is the same to DEBUG DIGEST-VALUE. */
async function exchangePayloads(server: LiveServer, engine: Engine): Promise<void> {
  const session = new Session(engine);
  const copy = 'restored';
  engine.log = undefined;
  for (const db of [...engine.inUse()]) {
    await server.send('SELECT', db.index);
    session.execute(['SELECT', String(db.index)]);
    for (const key of [...db.keys.keys()].filter((name) => !db.isExpired(name))) {
      const name = Buffer.from(key, 'latin1');
      const theirs = (await server.send('DUMP', name)) as Buffer;
      const ours = session.execute(['DUMP', key]) as ByteString;
      const digest = digestStored(engine, db.get(key)!, false);
      await server.send('RESTORE', copy, '0', Buffer.from(ours, 'latin1'), 'REPLACE');
      session.execute(['RESTORE', copy, '0', theirs.toString('latin1'), 'REPLACE']);
      const [told] = (await server.send('DEBUG', 'DIGEST-VALUE', copy)) as Reply[];
      expectSame(`our payload of ${key}`, String(told), digest);
      expectSame(`their payload of ${key}`, digest, digestStored(engine, db.get(copy)!, false));
    }
    await server.send('DEL', copy);
    session.execute(['DEL', copy]);
  }
}

/** The engine's dump, and its log in the place of a server's own. */
async function giveOurs(server: LiveServer, engine: Engine, logged: readonly (readonly ByteString[])[]): Promise<void> {
  const { target } = engine.settings;
  const parts: Uint8Array[] = [];
  await writeRdb(snapshot(engine), (bytes) => void parts.push(bytes), { target, keepTypes: true });
  const digest = digestEngine(engine).digest;
  const other = await startServer({ rdb: Buffer.concat(parts), args: ['--sanitize-dump-payload', 'yes'] });
  try {
    expectSame('the digest of our dump', digest, String(await other.send('DEBUG', 'DIGEST')));
  } finally {
    await other.stop();
  }
  const dir = join(server.dir, 'ours');
  mkdirSync(join(dir, 'appendonlydir'), { recursive: true });
  const bytes = logged.map((args) => encodeCommand(args.map(fromByteString)));
  writeFileSync(join(dir, 'appendonlydir', 'appendonly.aof.1.incr.aof'), Buffer.concat(bytes));
  writeFileSync(join(dir, 'appendonlydir', 'appendonly.aof.manifest'), 'file appendonly.aof.1.incr.aof seq 1 type i\n');
  const loaded = await startServer({ dir, args: ['--appendonly', 'yes'] });
  try {
    expectSame('the digest of our log', digest, String(await loaded.send('DEBUG', 'DIGEST')));
  } finally {
    await loaded.stop();
    rmSync(dir, { recursive: true });
  }
}

function expectSame(what: string, theirs: string | readonly string[], ours: string | readonly string[]): void {
  if (isDeepStrictEqual(theirs, ours)) return;
  const differing = (some: string | readonly string[], others: string | readonly string[]): string =>
    typeof some === 'string'
      ? some
      : some
          .filter((line) => !others.includes(line))
          .slice(0, 10)
          .join('\n  ');
  throw new Error(`${what}\nserver: ${differing(theirs, ours)}\nengine: ${differing(ours, theirs)}`);
}

/**
 * When a consumer was last seen, and when an entry was delivered, is told by a clock of each; so is an expiry that was given as
 * a time from now on: all of them within the same days.
 */
function stable(lines: readonly string[]): string[] {
  const days = (text: string): string => text.slice(0, -9);
  return lines.map((line) =>
    line.replace(/ (?:seen|active|delivered)=\S+/g, '').replace(/(?<= expires=)1[89]\d{11}\b/, days),
  );
}
