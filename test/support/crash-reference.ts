/** The states that a store should come to: an engine without files runs the same commands. */
import { createHash } from 'node:crypto';
import type { ByteString } from '../../src/bytes/byte-string.js';
import { encodeCommand } from '../../src/codecs/resp.js';
import { CommandLog } from '../../src/engine/command-log.js';
import { digestEngine } from '../../src/engine/digest.js';
import { Engine } from '../../src/engine/engine.js';
import { Session } from '../../src/engine/session.js';
import { snapshot } from '../../src/engine/snapshot.js';
import { RdbEncoder } from '../../src/rdb/encoder.js';
import { CLIENTS, type ClientCommand, CommandSource } from './crash-commands.js';
import type { Tree } from './crash-journal.js';

export const DATA_DIRECTORY = 'd';

/**
 * What lies in the data directory before a store is opened: nothing, the one file of a server before 7.0, a dump. `large`: such
 * a file with so much in it that a rewrite takes several slices, what commands change behind the rest. `broken`: one that ends in the
 * middle of a transaction.
 */
export type CrashStart = 'nothing' | 'commands' | 'preamble' | 'dump' | 'large' | 'broken';

const FIRST_COMMANDS = 40;
/** Two commands of it, and the beginning of the third. */
const HALF_TRANSACTION = Buffer.concat([
  encodeCommand(['MULTI']),
  encodeCommand(['SET', 's:0', 'half']),
  encodeCommand(['SET', 's:1', 'half']).subarray(0, 20),
]);
const LARGE_VALUES = 48;
const LARGE_BYTES = 16_000;

export class Reference {
  readonly engine: Engine;
  /** After so many commands. */
  readonly states: string[] = [];
  private readonly sessions: Session[];

  constructor(clock: () => number) {
    this.engine = new Engine({ clock });
    this.sessions = this.clients();
  }

  /** A command that is whole makes a new state. */
  run({ client, args, isWhole }: ClientCommand): void {
    this.sessions[client]!.execute(args);
    if (isWhole) this.states.push(stateOfEngine(this.engine));
  }

  /** Fills the engine, which is its first state, and gives the files that hold that. Clients begin anew. */
  begin(start: CrashStart, seed: number): Tree {
    const tree = new Map<string, Uint8Array | undefined>([[DATA_DIRECTORY, undefined]]);
    if (start !== 'nothing') {
      const [name, bytes] = this.fill(start, new CommandSource(seed));
      tree.set(`${DATA_DIRECTORY}/${name}`, bytes);
    }
    this.states.push(stateOfEngine(this.engine));
    return tree;
  }

  private fill(start: CrashStart, source: CommandSource): [name: string, bytes: Uint8Array] {
    const { engine } = this;
    const chunks: Uint8Array[] = [];
    const sessions = this.clients();
    const run = (count: number): void => {
      for (let left = count; left > 0; left--)
        for (const { client, args } of source.draw()) sessions[client]!.execute(args);
    };
    if (start === 'preamble' || start === 'dump') {
      run(FIRST_COMMANDS);
      chunks.push(dumpOf(engine));
      if (start === 'dump') return ['dump.rdb', Buffer.concat(chunks)];
    }
    engine.log = new CommandLog((args) => void chunks.push(encodeCommand(args.map(bytesOf))), engine.settings.target);
    for (let left = start === 'large' ? LARGE_VALUES : 0; left > 0; left--)
      sessions[0]!.execute(['SET', `large:${left}`, source.text().padEnd(LARGE_BYTES, source.text())]);
    run(FIRST_COMMANDS);
    engine.log = undefined;
    if (start === 'broken') chunks.push(HALF_TRANSACTION);
    return ['appendonly.aof', Buffer.concat(chunks)];
  }

  private clients(): Session[] {
    return Array.from({ length: CLIENTS }, () => new Session(this.engine));
  }
}

/** DEBUG DIGEST, and what that does not see of expiries. */
export function stateOfEngine(engine: Engine): string {
  const expiries: string[] = [];
  for (const db of engine.inUse())
    for (const [key] of db.keys.entries()) {
      const atMs = db.expiryOf(key);
      if (atMs !== undefined) expiries.push(`${db.index} ${key} ${String(atMs)}`);
    }
  return `${digestEngine(engine).digest} ${createHash('sha1').update(expiries.sort().join()).digest('hex')}`;
}

function dumpOf(engine: Engine): Uint8Array {
  const chunks: Uint8Array[] = [];
  const { target, encoding } = engine.settings;
  const write = (bytes: Uint8Array, start: number, end: number): void => void chunks.push(bytes.slice(start, end));
  const encoder = new RdbEncoder(write, { target, settings: encoding });
  for (const entry of snapshot(engine)) {
    if (entry.kind === 'key') encoder.key(entry, entry.rdbType);
    else encoder.record(entry);
  }
  encoder.end();
  return Buffer.concat(chunks);
}

function bytesOf(text: ByteString): Uint8Array {
  return Buffer.from(text, 'latin1');
}
