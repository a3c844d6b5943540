import { DumpWriter } from './dump-writer.js';
import { FAR_AHEAD_MS } from './text.js';

const MB = 1_000_000;

const OPCODE_EXPIRE_MS = 0xfc;
const TYPE_STRING = 0;
const TYPE_SET = 2;
const TYPE_HASH = 4;
const TYPE_ZSET_2 = 5;
const TYPE_LIST_QUICKLIST = 14;
const TYPE_LIST_QUICKLIST_2 = 18;
const QUICKLIST_PACKED = 2;

/** A kind of file too large to hold in memory. */
export interface LargeShape {
  /** Size of the file at scale 1. */
  sizeBytes: number;
  /** Writes a file of about `sizeBytes` at `path`. */
  write: (path: string, sizeBytes: number) => void;
}

/** One file of many strings, files of one huge value each. Made without a server. */
export const LARGE_SHAPES: Readonly<Record<string, LargeShape>> = {
  dump: { sizeBytes: 2000 * MB, write: writeManyStrings },
  hash: { sizeBytes: 1000 * MB, write: writeHash },
  set: { sizeBytes: 1000 * MB, write: writeSet },
  zset: { sizeBytes: 1000 * MB, write: writeZset },
  quicklist: { sizeBytes: 1000 * MB, write: writeListpackList },
  'quicklist-ziplist': { sizeBytes: 1000 * MB, write: writeZiplistList },
  string: { sizeBytes: 400 * MB, write: writeString },
};

/** Strings of 100 bytes under keys of 14, every eighth with an expiry. */
function writeManyStrings(path: string, sizeBytes: number): void {
  const recordBytes = 1 + (1 + 14) + (2 + 100) + 9 / 8;
  const keys = Math.ceil(sizeBytes / recordBytes);
  const out = new DumpWriter(path, keys, Math.ceil(keys / 8));
  for (let i = 0; i < keys; i++) {
    if (i % 8 === 0) {
      out.byte(OPCODE_EXPIRE_MS);
      out.uint64(FAR_AHEAD_MS + out.random(36));
    }
    out.byte(TYPE_STRING);
    out.length(14);
    out.text('user:');
    out.digits(i, 9);
    out.length(100);
    out.noise(100);
  }
  out.finish();
}

/** Fields of 16 bytes, values of 48. */
function writeHash(path: string, sizeBytes: number): void {
  const fields = Math.ceil(sizeBytes / (1 + 16 + 1 + 48));
  const out = startValue(path, TYPE_HASH, 'big:hash');
  out.length(fields);
  for (let i = 0; i < fields; i++) {
    out.length(16);
    out.text('field:');
    out.digits(i, 10);
    out.length(48);
    out.noise(48);
  }
  out.finish();
}

/** Members of 24 bytes. */
function writeSet(path: string, sizeBytes: number): void {
  const members = Math.ceil(sizeBytes / (1 + 24));
  const out = startValue(path, TYPE_SET, 'big:set');
  out.length(members);
  for (let i = 0; i < members; i++) {
    out.length(24);
    out.text('member:');
    out.digits(i, 10);
    out.noise(7);
  }
  out.finish();
}

/** Members of 17 bytes, highest score first as servers write them. */
function writeZset(path: string, sizeBytes: number): void {
  const members = Math.ceil(sizeBytes / (1 + 17 + 8));
  const out = startValue(path, TYPE_ZSET_2, 'big:zset');
  out.length(members);
  for (let i = 0; i < members; i++) {
    out.length(17);
    out.text('player:');
    out.digits(i, 10);
    out.double((members - i) * 0.25);
  }
  out.finish();
}

// A packed node is 62 groups of three strings of 40 bytes and one 16-bit integer. A string takes
// 42 bytes and an integer 4 in both structures, so a node of either comes close to 8 KB.
const GROUPS_PER_NODE = 62;
const ENTRIES_PER_NODE = GROUPS_PER_NODE * 4;
const ENTRY_BYTES_PER_NODE = GROUPS_PER_NODE * (3 * 42 + 4);

/** A type 18 list of PACKED nodes. */
function writeListpackList(path: string, sizeBytes: number): void {
  const nodeBytes = 6 + ENTRY_BYTES_PER_NODE + 1;
  const nodes = Math.ceil(sizeBytes / (1 + 2 + nodeBytes));
  const out = startValue(path, TYPE_LIST_QUICKLIST_2, 'big:list');
  out.length(nodes);
  for (let n = 0; n < nodes; n++) {
    out.length(QUICKLIST_PACKED);
    out.length(nodeBytes);
    out.uint32(nodeBytes);
    out.uint16(ENTRIES_PER_NODE);
    for (let e = 0; e < ENTRIES_PER_NODE; e++) {
      if (e % 4 === 3) {
        out.byte(0xf1);
        out.uint16(largeInt16(out));
        out.byte(3);
      } else {
        out.byte(0x80 | 40);
        out.noise(40);
        out.byte(41);
      }
    }
    out.byte(0xff);
  }
  out.finish();
}

/** A type 14 list: the same nodes as ziplists. */
function writeZiplistList(path: string, sizeBytes: number): void {
  const nodeBytes = 10 + ENTRY_BYTES_PER_NODE + 1;
  const nodes = Math.ceil(sizeBytes / (2 + nodeBytes));
  const out = startValue(path, TYPE_LIST_QUICKLIST, 'big:list');
  out.length(nodes);
  for (let n = 0; n < nodes; n++) {
    out.length(nodeBytes);
    out.uint32(nodeBytes);
    out.uint32(nodeBytes - 1 - 4);
    out.uint16(ENTRIES_PER_NODE);
    for (let e = 0; e < ENTRIES_PER_NODE; e++) {
      if (e % 4 === 3) {
        out.byte(42);
        out.byte(0xc0);
        out.uint16(largeInt16(out));
      } else {
        out.byte(e === 0 ? 0 : e % 4 === 0 ? 4 : 42);
        out.byte(40);
        out.noise(40);
      }
    }
    out.byte(0xff);
  }
  out.finish();
}

function writeString(path: string, sizeBytes: number): void {
  const out = startValue(path, TYPE_STRING, 'big:string');
  out.length(sizeBytes);
  out.noise(sizeBytes);
  out.finish();
}

function startValue(path: string, type: number, key: string): DumpWriter {
  const out = new DumpWriter(path, 1, 0);
  out.byte(type);
  out.shortString(key);
  return out;
}

/** A number that neither structure could store in fewer than 16 bits. */
function largeInt16(out: DumpWriter): number {
  return 5000 + out.random(14);
}
