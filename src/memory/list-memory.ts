/** Lists: a quicklist of nodes, or from 7.2 on one listpack (memory-model.md §3, §4, §6). */
import type { EncodingSettings } from '../rdb/versions.js';
import type { SizeClass } from './allocator.js';
import type { ValueMemory } from './collection-memory.js';
import type { MemoryServer } from './memory-server.js';

/** `list-max-listpack-size` −1 to −5. */
const NODE_BYTES = [4096, 8192, 16_384, 32_768, 65_536];
/** Of a node that is limited by its items. */
const SAFE_NODE_BYTES = 8192;
const LISTPACK_FRAME = 7;
/** What an item may take beside its bytes, as servers guess before they append it. */
const ITEM_OVERHEAD = 8;

/** One list, told node by node, or item by item where the server makes the nodes. */
export class ListMemory {
  nodes = 0;
  items = 0;
  private bytes = 0;
  private extra = 0;
  private firstBytes = 0;
  private isFirstPlain = false;
  /** The node that items are appended to; 0 bytes where there is none. */
  private openBytes = 0;
  private openItems = 0;
  /** A list that was a ziplist stays a quicklist, however short. */
  private staysQuicklist = false;
  private readonly headBytes: number;
  private readonly nodeBytes: number;
  private readonly maxBytes: number;
  private readonly maxItems: number;

  constructor(
    private readonly server: MemoryServer,
    private readonly size: SizeClass,
    { listMaxNodeSize }: EncodingSettings,
  ) {
    const { allocatesQuicklists, quicklistBytes, quicklistNodeBytes } = server;
    this.headBytes = allocatesQuicklists ? size(quicklistBytes) : quicklistBytes;
    this.nodeBytes = allocatesQuicklists ? size(quicklistNodeBytes) : quicklistNodeBytes;
    this.maxBytes = listMaxNodeSize < 0 ? NODE_BYTES[-listMaxNodeSize - 1]! : SAFE_NODE_BYTES;
    this.maxItems = listMaxNodeSize < 0 ? Infinity : listMaxNodeSize;
  }

  start(staysQuicklist = false): void {
    this.staysQuicklist = staysQuicklist;
    this.nodes = 0;
    this.items = 0;
    this.bytes = 0;
    this.extra = 0;
    this.openBytes = 0;
    this.openItems = 0;
  }

  /** A node as it stands in the file; `isPlain` where it is one item that is not packed. */
  node(length: number, isPlain: boolean): void {
    const { server, size } = this;
    const allocated = size(length);
    this.bytes += this.nodeBytes + (server.exactBlobs ? length : allocated);
    if (server.layout === 'kvobj') this.extra += allocated - length;
    if (this.nodes === 0) {
      this.firstBytes = length;
      this.isFirstPlain = isPlain;
    }
    this.nodes++;
  }

  /** An item of `length` bytes that the server appends; it takes `entryBytes` in a listpack. */
  append(length: number, entryBytes: number): void {
    this.items++;
    if (this.server.plainsLargeItems && length > this.maxBytes) {
      if (this.openItems > 0) this.closeNode();
      this.node(length, true);
      return;
    }
    const isFull = this.openBytes + length + ITEM_OVERHEAD > this.maxBytes || this.openItems >= this.maxItems;
    if (this.openItems > 0 && isFull) this.closeNode();
    if (this.openItems === 0) this.openBytes = LISTPACK_FRAME;
    this.openBytes += entryBytes;
    this.openItems++;
  }

  finish(): ValueMemory {
    if (this.openItems > 0) this.closeNode();
    const { server, size } = this;
    if (server.hasListpackLists && this.isOneListpack()) {
      const allocated = size(this.firstBytes);
      const bytes = server.exactBlobs ? this.firstBytes : allocated;
      return { encoding: 'listpack', bytes, extra: server.layout === 'kvobj' ? allocated - this.firstBytes : 0 };
    }
    const isCorrected = server.layout !== 'kvobj' && server.quicklistNodeBytes === 40;
    const extra = this.extra + (isCorrected ? 8 + 8 * this.nodes : 0);
    return { encoding: 'quicklist', bytes: this.headBytes + this.bytes, extra };
  }

  private isOneListpack(): boolean {
    if (this.nodes !== 1 || this.isFirstPlain || this.staysQuicklist) return false;
    return this.maxItems === Infinity ? this.firstBytes <= this.maxBytes : this.items <= this.maxItems;
  }

  private closeNode(): void {
    this.node(this.openBytes, false);
    this.openBytes = 0;
    this.openItems = 0;
  }
}
