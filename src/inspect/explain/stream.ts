/** Streams: nodes, counters, and in stream-groups.ts the groups and producers (rdb-format.md §8.6, §8.7). */
import { FormatError } from '../../bytes/errors.js';
import { Int64 } from '../../bytes/int64.js';
import type { Slice } from '../../bytes/slice.js';
import { decodeListpackInteger, isListpackInteger } from '../../codecs/listpack.js';
import { RAW_STREAM_ID_SIZE, StreamIdSlot } from '../../codecs/stream-id.js';
import { checkStreamNode, STREAM_ENTRY_DELETED, STREAM_ENTRY_SAMEFIELDS } from '../../codecs/stream-node.js';
import type { StreamVersion } from '../../rdb/types/stream.js';
import type { Annotator } from './annotator.js';
import { annotateListpack, annotateListpackEntry, atListpackEnd, type EntryRole } from './listpack.js';
import { annotateGroups, annotateProducers } from './stream-groups.js';
import { annotateLength, annotateLength64, annotateLengthId, annotateString, peekString } from './strings.js';
import { countText, idText } from './text.js';

/** Types 15, 19, 21, 26 and 27. */
export function annotateStream(ann: Annotator, version: StreamVersion): void {
  const nodes = annotateLength(ann, 'nodes');
  for (let index = 0; index < nodes; index++) annotateNode(ann, index);
  annotateLength(ann, 'length', (count) => countText(count, 'entry', 'entries'));
  annotateLengthId(ann, 'last id');
  if (version >= 2) {
    annotateLengthId(ann, 'first id');
    annotateLengthId(ann, 'highest deleted id');
    annotateLength64(ann, 'entries added');
  }
  annotateGroups(ann, version);
  if (version >= 4) annotateProducers(ann);
}

function annotateNode(ann: Annotator, index: number): void {
  ann.open(`node ${index}`);
  const key = peekString(ann);
  const master = new StreamIdSlot();
  const { pos } = ann;
  annotateString(ann, 'master id', { describe: masterText });
  if (key.length !== RAW_STREAM_ID_SIZE) {
    throw new FormatError('BAD_STREAM', `a node key of ${key.length} bytes, not 16`, pos);
  }
  master.setRaw(key.bytes, key.start);
  annotateString(ann, 'entries', { packed: (packed) => new NodeWalk(packed, master).run() });
  ann.close(() => idText(master));
}

function masterText({ bytes, start, end }: Slice): string {
  if (end - start !== RAW_STREAM_ID_SIZE) return '';
  const id = new StreamIdSlot();
  id.setRaw(bytes, start);
  return idText(id);
}

/** The listpack of one node: what stands where depends on what has been read. */
class NodeWalk {
  /** Listpack entries so far. */
  private index = 0;
  private masterFields = 0;
  private readonly integer = new Int64();

  constructor(
    private readonly ann: Annotator,
    private readonly master: StreamIdSlot,
  ) {}

  run(): void {
    const { ann } = this;
    annotateListpack(
      ann,
      () => {
        ann.group('master entry', () => this.masterEntry());
        for (let index = 0; !atListpackEnd(ann); index++) this.streamEntry(index);
      },
      checkStreamNode,
    );
  }

  private masterEntry(): void {
    this.number('live entries');
    this.number('deleted entries');
    this.masterFields = this.number('fields').toNumber();
    this.parts('field', this.masterFields);
    this.number('terminator');
  }

  private streamEntry(index: number): void {
    const { ann } = this;
    ann.open(`stream entry ${index}`);
    const flags = this.number('flags', flagsText).lo;
    const id = new StreamIdSlot();
    const msDelta = copy(this.number('ms delta'));
    id.addDelta(this.master, msDelta, this.number('seq delta'));
    if ((flags & STREAM_ENTRY_SAMEFIELDS) !== 0) {
      this.parts('value', this.masterFields);
    } else {
      for (let left = this.number('fields').toNumber(); left > 0; left--) {
        this.parts('field', 1);
        this.parts('value', 1);
      }
    }
    this.number('parts');
    ann.close(() => `${idText(id)}${(flags & STREAM_ENTRY_DELETED) === 0 ? '' : ' (deleted)'}`);
  }

  private parts(name: string, count: number): void {
    for (let left = count; left > 0; left--) this.entry({ name });
  }

  /** The slot is reused by the next call. */
  private number(name: string, describe?: (value: Int64) => string): Int64 {
    const { ann, integer } = this;
    atEntry(ann);
    if (!isListpackInteger(ann.bytes, ann.pos)) {
      throw new FormatError('BAD_STREAM', 'stream node: a string stands where an integer must', ann.pos);
    }
    decodeListpackInteger(ann.bytes, ann.pos, ann.end, integer);
    this.entry(describe === undefined ? { name } : { name, describe: () => describe(integer) });
    return integer;
  }

  private entry(role: EntryRole): void {
    atEntry(this.ann);
    annotateListpackEntry(this.ann, this.index++, role);
  }
}

function atEntry(ann: Annotator): void {
  if (atListpackEnd(ann))
    throw new FormatError('BAD_STREAM', 'stream node: it ends in the middle of an entry', ann.pos);
}

function flagsText({ lo }: Int64): string {
  const names = [lo & STREAM_ENTRY_DELETED ? 'DELETED' : '', lo & STREAM_ENTRY_SAMEFIELDS ? 'SAMEFIELDS' : ''];
  const text = names.filter((name) => name !== '').join(', ');
  return text === '' ? String(lo) : `${lo} (${text})`;
}

function copy(value: Int64): Int64 {
  const out = new Int64();
  out.copyFrom(value);
  return out;
}
