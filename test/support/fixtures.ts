/** The dumps of real servers under fixtures/, with what the servers said about them (see fixtures/README.md). */
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';

export const FIXTURES = fileURLToPath(new URL('../../fixtures/', import.meta.url));

export interface Fixture {
  /** `redis-7.0/types` */
  readonly name: string;
  readonly server: string;
  readonly case: string;
  readonly path: string;
}

/** Every dump, in name order. */
export function listFixtures(): Fixture[] {
  const found: Fixture[] = [];
  for (const server of fs.readdirSync(FIXTURES).sort()) {
    if (!fs.statSync(path.join(FIXTURES, server)).isDirectory()) continue;
    for (const name of fs.readdirSync(path.join(FIXTURES, server)).sort()) {
      const file = path.join(FIXTURES, server, name, 'dump.rdb');
      if (fs.existsSync(file)) found.push({ name: `${server}/${name}`, server, case: name, path: file });
    }
  }
  return found;
}

export function fixturePath(name: string): string {
  return path.join(FIXTURES, name, 'dump.rdb');
}

export function readFixture(name: string): Uint8Array {
  return new Uint8Array(fs.readFileSync(fixturePath(name)));
}

/** What the server said about one key; byte strings are base64. */
export interface TruthKey {
  readonly db: number;
  readonly key: string;
  readonly type: string;
  readonly encoding: string;
  readonly pttl?: number;
  readonly pexpiretime?: number;
  readonly pexpireat_set?: number;
  readonly pexpire_approx?: number;
  readonly idletime?: number;
  readonly freq?: number;
  readonly dump?: string;
  /** DEBUG DIGEST-VALUE; null where the server has none. */
  readonly digest?: string | null;
  /** MEMORY USAGE … SAMPLES 0; null or missing before 4.0. */
  readonly memory_usage?: number | null;
  readonly value: unknown;
  readonly hash_ttl?: readonly (readonly [string, number])[];
  readonly stream?: Readonly<Record<string, unknown>>;
}

export interface Truth {
  readonly server: { readonly name: string; readonly version: string };
  /** What was not at its default, by its name in the configuration. */
  readonly config: Readonly<Record<string, string | number>>;
  /** DEBUG DIGEST of the whole dataset. */
  readonly digest?: string | null;
  readonly keys: readonly TruthKey[];
  readonly expired?: readonly TruthKey[];
  readonly functions?: readonly unknown[];
  readonly function_dump?: string;
}

export function readTruth(fixture: Fixture): Truth {
  return JSON.parse(
    gunzipSync(fs.readFileSync(fixture.path.replace(/dump\.rdb$/, 'truth.json.gz'))).toString('utf8'),
  ) as Truth;
}

export function fromBase64(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'base64'));
}

export function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}
