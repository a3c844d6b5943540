/** The append-only files of real servers under fixtures/, and how to put logs together by hand. */
import fs from 'node:fs';
import path from 'node:path';
import { FIXTURES } from './fixtures.js';

export interface AofFixture {
  /** `redis-7.0/aof-rewritten/appendonly.aof.2.incr.aof` */
  readonly name: string;
  readonly path: string;
}

/** Every single file of a log, those with a dump at their head included. */
export function listAofFixtures(): AofFixture[] {
  const found: AofFixture[] = [];
  for (const server of fs.readdirSync(FIXTURES).sort()) {
    for (const kind of ['aof-preamble', 'aof-rewritten']) {
      const within = path.join(FIXTURES, server, kind);
      for (const directory of [within, path.join(within, 'appendonlydir')]) {
        if (!fs.existsSync(directory)) continue;
        for (const name of fs.readdirSync(directory).sort()) {
          if (!/\.aof$|\.base\.rdb$/.test(name)) continue;
          found.push({ name: `${server}/${kind}/${name}`, path: path.join(directory, name) });
        }
      }
    }
  }
  return found;
}

const utf8 = new TextEncoder();

/** `SET k v` in its form in a log; text in UTF-8. */
export function logged(...args: readonly (string | Uint8Array)[]): Uint8Array {
  const parts: Uint8Array[] = [utf8.encode(`*${args.length}\r\n`)];
  for (const arg of args) {
    const bytes = typeof arg === 'string' ? utf8.encode(arg) : arg;
    parts.push(utf8.encode(`$${bytes.length}\r\n`), bytes, utf8.encode('\r\n'));
  }
  return new Uint8Array(Buffer.concat(parts));
}

export function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

export function text(content: string): Uint8Array {
  return utf8.encode(content);
}
