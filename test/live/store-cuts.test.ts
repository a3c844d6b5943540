/** A log that ends early: our store opens where the server does, with the same keys, and loses nothing that comes later. */
import fs from 'node:fs';
import path from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { digestEngine } from '../../src/engine/digest.js';
import { isSince } from '../../src/engine/settings.js';
import { logged } from '../support/aof-files.js';
import { type ServerGeneration, serverGeneration } from '../support/store-beside-server.js';
import { bytesIn, SitesBeside } from '../support/store-beside-sites.js';

const F = 'appendonly.aof';
const INCREMENT = path.join('appendonlydir', `${F}.1.incr.aof`);
const MANIFEST = { [`appendonlydir/${F}.manifest`]: `file ${F}.1.incr.aof seq 1 type i\n` };

const BEFORE = [logged('SELECT', '0'), logged('SET', 'a', '1')];
const TRANSACTION = [
  logged('MULTI'),
  logged('INCRBY', 'left', '5'),
  logged('SELECT', '2'),
  logged('DECRBY', 'right', '5'),
  logged('EXEC'),
];
const BEHIND = [
  logged('SET', 'behind', 'x'),
  Buffer.from('#TS:1700000000\r\n'),
  logged('SELECT', '0'),
  logged('DEL', 'a'),
];
const ANNOTATED = BEFORE.length + TRANSACTION.length + 1;
const PARTS = [...BEFORE, ...TRANSACTION, ...BEHIND];
const LOG = Buffer.concat(PARTS);
const [BEGIN, END] = [Buffer.concat(BEFORE).length, Buffer.concat([...BEFORE, ...TRANSACTION]).length];

/** Behind each part, and in the middle of it, one byte before its end, and right behind its beginning. */
const CUTS = PARTS.flatMap((part, index) => {
  const start = Buffer.concat(PARTS.slice(0, index)).length;
  return [start + 1, start + (part.length >> 1), start + part.length - 1, start + part.length];
});

let generation: ServerGeneration;
let site: SitesBeside;

beforeAll(async () => {
  generation = await serverGeneration();
});

beforeEach(() => {
  site = new SitesBeside(generation);
});

afterEach(async () => await site.clear());

describe('with aof-load-truncated yes', () => {
  it.each(CUTS)('cut to %i bytes', async (size) => {
    const files = { ...MANIFEST, [INCREMENT]: LOG.subarray(0, size) };
    const server = await site.serve(site.laid('theirs', files));
    const dir = site.laid('ours', files);
    const store = await site.open(dir);
    const digest = String(await server.send('DEBUG', 'DIGEST'));
    expect(digestEngine(store.engine).digest).toBe(digest);
    expect(fs.statSync(path.join(dir, INCREMENT)).size).toBe(wholePart(size));
    const left = fs.statSync(path.join(server.dir, INCREMENT)).size;
    if (!isServerTrap(size)) expect(left).toBe(wholePart(size));
    const client = store.client();
    client.execute(['SET', 'later', '1']);
    store.flush();
    const { digest: written } = digestEngine(store.engine);
    store.abandon();
    const again = await site.open(dir);
    expect(digestEngine(again.engine).digest).toBe(written);
    again.abandon();
    const reader = await site.serve(dir);
    expect(String(await reader.send('DEBUG', 'DIGEST'))).toBe(written);
  });
});

describe('with aof-load-truncated no', () => {
  it.each(CUTS)('cut to %i bytes', async (size) => {
    const files = { ...MANIFEST, [INCREMENT]: LOG.subarray(0, size) };
    const dir = site.laid('ours', files);
    const [opened] = await Promise.allSettled([site.open(dir, { aofLoadTruncated: false })]);
    const args = ['--appendonly', 'yes', '--aof-load-truncated', 'no'];
    const [served] = await Promise.allSettled([site.serve(site.laid('theirs', files), args)]);
    const isWhole = wholePart(size) === size;
    expect(opened!.status).toBe(isWhole ? 'fulfilled' : 'rejected');
    expect(served!.status).toBe(isWhole || isInAnnotation(size) ? 'fulfilled' : 'rejected');
    if (opened!.status === 'fulfilled') return;
    expect(opened!.reason).toHaveProperty('code', isBoundary(size) ? 'OPEN_TRANSACTION' : 'TRUNCATED');
    const untouched = bytesIn(site.laid('untouched', files));
    expect(bytesIn(dir)).toEqual(untouched);
  });
});

function startOf(index: number): number {
  return Buffer.concat(PARTS.slice(0, index)).length;
}

function isBoundary(size: number): boolean {
  return PARTS.some((_, index) => startOf(index + 1) === size);
}

/** Whole commands and annotations, and whole transactions. */
function wholePart(size: number): number {
  if (size > BEGIN && size < END) return BEGIN;
  return PARTS.map((_, index) => startOf(index + 1)).findLast((end) => end <= size) ?? 0;
}

function isInAnnotation(size: number): boolean {
  return size > startOf(ANNOTATED) && size < startOf(ANNOTATED + 1);
}

/**
 * Where servers go on behind what is not whole: a transaction of which they cut the last command only (aof-format.md §1.4), an
 * annotation without its end. One that is whole they cut off with the broken command behind it, which loses nothing.
 */
function isServerTrap(size: number): boolean {
  const isQueued = size > startOf(BEFORE.length + 1) && size < END && !isBoundary(size);
  const isBehindAnnotation = size > startOf(ANNOTATED + 1) && size < startOf(ANNOTATED + 2);
  return (isQueued && !isSince(generation.target, { valkey: '9.1' })) || isInAnnotation(size) || isBehindAnnotation;
}
