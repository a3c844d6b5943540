/** Beside another measure: the largest item of lists, and the largest field or value of streams, which it may not look at. */
import { Slice } from '../../bytes/slice.js';
import { decodeListpackEntry, LISTPACK_END, LISTPACK_HEADER_SIZE } from '../../codecs/listpack.js';
import { StreamIdSlot } from '../../codecs/stream-id.js';
import { decodeStreamNode, type StreamEntryVisitor } from '../../codecs/stream-node.js';
import { decodeZiplistEntry, ZIPLIST_END, ZIPLIST_HEADER_SIZE } from '../../codecs/ziplist.js';
import { TYPE } from '../../rdb/constants.js';
import type { RdbDriver } from '../../rdb/driver.js';
import type { LargeRequest } from '../../rdb/large-value.js';
import type { RdbRecord } from '../../rdb/model.js';
import type { MutableKeyFacts } from './key-facts.js';
import { LargestElementMeasure } from './largest-element-measure.js';
import type { ValueMeasure } from './value-measure.js';

type Sink = LargeRequest['sink'];

/** `inner` finds the largest element of all other types. */
export class WithLargestElement implements ValueMeasure {
  private readonly largest = new LargestElementMeasure();
  private readonly nodes = new LargestInNodes();

  constructor(private readonly inner: ValueMeasure) {}

  record(record: RdbRecord): void {
    this.inner.record(record);
  }

  row(driver: RdbDriver, row: number, facts: MutableKeyFacts): void {
    this.inner.row(driver, row, facts);
    if (hasNodes(facts)) this.largest.row(driver, row, facts);
  }

  largeStart(driver: RdbDriver, row: number, facts: MutableKeyFacts): LargeRequest {
    const { level, sink } = this.inner.largeStart(driver, row, facts);
    return hasNodes(facts) ? { level, sink: this.nodes.beside(sink, facts) } : { level, sink };
  }

  largeEnd(facts: MutableKeyFacts): void {
    this.inner.largeEnd(facts);
    if (hasNodes(facts)) facts.largestElementBytes = this.nodes.bytes;
  }
}

function hasNodes({ type }: MutableKeyFacts): boolean {
  return type === 'list' || type === 'stream';
}

/** Of nodes as they are, and of items. */
class LargestInNodes implements StreamEntryVisitor {
  bytes = 0;
  private readonly item = new Slice();
  private readonly master = new StreamIdSlot();

  /** A sink that hands everything on. */
  beside(sink: Sink, { type, rdbType }: MutableKeyFacts): Sink {
    this.bytes = 0;
    return {
      ...sink,
      listItem: (item) => {
        this.see(item);
        sink.listItem(item);
      },
      streamField: (field, value) => {
        this.streamField(field, value);
        sink.streamField(field, value);
      },
      blob: (packed, nodeKey) => {
        // Whose headers are checked there.
        sink.blob(packed, nodeKey);
        const { bytes, start, end } = packed;
        if (type === 'stream') decodeStreamNode(bytes, start, end, this.master, this);
        else if (rdbType === TYPE.LIST_QUICKLIST) this.ziplist(packed);
        else this.listpack(packed);
      },
    };
  }

  streamEntry(): void {}
  streamEntryEnd(): void {}

  streamField(field: Slice, value: Slice): void {
    this.see(field);
    this.see(value);
  }

  private ziplist({ bytes, start, end }: Slice): void {
    for (let pos = start + ZIPLIST_HEADER_SIZE; bytes[pos] !== ZIPLIST_END; this.see(this.item))
      pos = decodeZiplistEntry(bytes, pos, end, this.item);
  }

  private listpack({ bytes, start, end }: Slice): void {
    for (let pos = start + LISTPACK_HEADER_SIZE; bytes[pos] !== LISTPACK_END; this.see(this.item))
      pos = decodeListpackEntry(bytes, pos, end, this.item);
  }

  private see({ start, end }: Slice): void {
    if (end - start > this.bytes) this.bytes = end - start;
  }
}
