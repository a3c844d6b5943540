/**
 * Values too large to be held (64 MiB in the file): copied in pieces where the target loads them as they are, otherwise
 * element by element into the expanded form, which every server loads. Of streams the nodes stay and what follows them is
 * written anew.
 */
import { Int64 } from '../bytes/int64.js';
import { Slice } from '../bytes/slice.js';
import type { ByteSource } from '../bytes/source.js';
import { ByteWriter } from '../bytes/writer.js';
import { decodeLength, decodeLength64, skipLength } from '../codecs/length.js';
import { decodeModuleId } from '../codecs/module-id.js';
import { TYPE } from '../rdb/constants.js';
import type { RdbDriver } from '../rdb/driver.js';
import type { CollectionWriter, RdbEncoder } from '../rdb/encoder.js';
import type { LargeRequest } from '../rdb/large-value.js';
import type { StreamState, ValueType } from '../rdb/model.js';
import { type StreamVersion, writeStreamState } from '../rdb/types/stream.js';
import { ValueOutput } from '../rdb/value-output.js';
import type { Target } from '../rdb/versions.js';
import { IGNORE_VALUE } from '../rdb/visitor.js';
import { decideField, fieldLoss, type PartLoss } from './adapt-hash.js';
import { adaptStreamState } from './adapt-stream.js';
import { mayHaveNewLayout, missingType, streamTypeOf, streamVersionFor } from './adapt-value.js';
import { hasOtherBacklen, rewriteBacklens } from './boundary.js';
import { type ConvertContext, placeOf } from './convert-context.js';
import { LargeMeasure, readAhead } from './large-measure.js';
import { COPY_UNLESS_BOUNDARY, COPY_UNLESS_LONG, hasLongLength, REWRITE, REWRITE_ANYWAY } from './loadable.js';
import type { RowAttributes } from './row-attributes.js';

type LargeSink = LargeRequest['sink'];

const NO_SINK: LargeSink = { ...IGNORE_VALUE, blob: () => undefined, raw: () => undefined };
const PASS: LargeRequest = { level: 'skip', sink: NO_SINK };

/** Types that begin with their count and whose elements all stay. */
const COUNTED_TYPES: ReadonlySet<number> = new Set([TYPE.LIST, TYPE.SET, TYPE.ZSET, TYPE.HASH, TYPE.ZSET_2]);

export class LargeConverter {
  /** Of the last value. */
  isWritten = false;
  isRewritten = false;
  private readonly key = new Slice();
  private readonly moduleId = new Int64();
  private complete: () => void = nothing;

  constructor(
    private readonly driver: RdbDriver,
    private readonly source: ByteSource | undefined,
    private readonly context: ConvertContext,
  ) {}

  /** Leaves a value out. */
  pass(): LargeRequest {
    this.isWritten = false;
    this.isRewritten = false;
    this.complete = nothing;
    return PASS;
  }

  /** How to take the value of a row; `losses` are those of its attributes. */
  start(row: number, rule: number, attributes: RowAttributes, losses: PartLoss[]): LargeRequest {
    const { rows } = this.driver;
    const { type } = rows.codecOf(row);
    const missing = this.missing(row, type);
    if (missing !== undefined) {
      this.context.settleKey([...losses, missing], false, this.driver, row);
      return this.pass();
    }
    if (this.mayCopy(row, rule)) return this.copy(row, attributes, losses);
    if (type === 'string') {
      const detail = `its length does not fit the 32 bits of ${this.context.target.name}`;
      this.context.settleKey([...losses, { what: 'value', detail }], false, this.driver, row);
      return this.pass();
    }
    return type === 'stream'
      ? this.rewriteStream(row, attributes, losses)
      : this.rewrite(row, type, attributes, losses);
  }

  /** The value has been handed over. */
  finish(): void {
    this.complete();
    this.complete = nothing;
  }

  private missing(row: number, type: ValueType): PartLoss | undefined {
    if (type !== 'module') return missingType(type, undefined, this.context.rules);
    const { rows, window } = this.driver;
    decodeLength64(window.bytes, rows.valuePos[row]!, this.moduleId);
    const { name } = decodeModuleId(this.moduleId.hi, this.moduleId.lo);
    const { rules } = this.context;
    const missing = missingType(type, { module: name }, rules);
    if (missing !== undefined) return missing;
    if (mayHaveNewLayout(name, rules))
      return { what: 'vector-set', detail: `too large to be given a layout that ${rules.target.name} is sure to know` };
    this.context.need(name);
    return undefined;
  }

  private mayCopy(row: number, rule: number): boolean {
    const { rows, window } = this.driver;
    if (rule === COPY_UNLESS_LONG) {
      return !hasLongLength(window.bytes, rows.keyPos[row]!) && !hasLongLength(window.bytes, rows.valuePos[row]!);
    }
    if (rule !== COPY_UNLESS_BOUNDARY) return rule !== REWRITE && rule !== REWRITE_ANYWAY;
    // Where nothing is written, nothing is lost either way.
    if (this.context.encoder === undefined) return true;
    return !this.measure(row, 'blob').hasOtherBacklen;
  }

  private measure(row: number, level: 'blob' | 'element'): LargeMeasure {
    const measure = new LargeMeasure(this.context.rules);
    readAhead(this.driver, row, this.source, { level, sink: measure.sink });
    return measure;
  }

  private copy(row: number, attributes: RowAttributes, losses: readonly PartLoss[]): LargeRequest {
    const { driver, context } = this;
    if (!context.settleKey(losses, true, driver, row)) return this.pass();
    const encoder = this.begin(false);
    if (encoder === undefined) return PASS;
    driver.readKey(row, this.key);
    encoder.beginRawKey(attributes, this.key, driver.rows.kind[row]!);
    this.complete = () => encoder.endRawKey();
    return { level: 'raw', sink: { ...NO_SINK, raw: ({ bytes, start, end }) => encoder.rawChunk(bytes, start, end) } };
  }

  /** Lists, sets, sorted sets and hashes. */
  private rewrite(row: number, type: ValueType, attributes: RowAttributes, losses: readonly PartLoss[]): LargeRequest {
    const { driver, context } = this;
    const known = this.knownCount(row);
    if (known === undefined && context.encoder === undefined) return this.onlyMeasure(row, losses);
    const measure = known === undefined ? this.measure(row, 'element') : undefined;
    if (!context.settleKey(this.allLosses(losses, measure), true, driver, row)) return this.pass();
    const count = known ?? measure?.count ?? 0;
    if (count === 0) {
      context.ledger.omit(measure !== undefined && measure.expired > 0 ? 'expired keys' : 'empty keys');
      return this.pass();
    }
    if (measure !== undefined && measure.expired > 0) context.ledger.omit('expired fields', measure.expired);
    const encoder = this.begin(true);
    if (encoder === undefined) return PASS;
    driver.readKey(row, this.key);
    const { writes } = context.target;
    const minExpireMs = measure?.minExpireMs ?? Infinity;
    const hashType = minExpireMs === Infinity ? TYPE.HASH : (writes.hashExpiry ?? TYPE.HASH);
    const rdbType = type === 'list' ? TYPE.LIST : type === 'set' ? TYPE.SET : type === 'zset' ? writes.zset : hashType;
    const options = minExpireMs === Infinity ? {} : { minExpireMs };
    const collection = encoder.beginCollection(attributes, this.key, rdbType, count, options);
    this.complete = () => encoder.endCollection(collection);
    return { level: 'element', sink: elementSink(collection, context) };
  }

  /** Elements that stay, where the head of the value says it. */
  private knownCount(row: number): number | undefined {
    const { rows, window } = this.driver;
    const pos = rows.valuePos[row]!;
    if (!COUNTED_TYPES.has(rows.kind[row]!) || skipLength(window.bytes, pos, window.end) > window.end) return undefined;
    return decodeLength(window.bytes, pos);
  }

  private allLosses(losses: readonly PartLoss[], measure: LargeMeasure | undefined): readonly PartLoss[] {
    if (measure === undefined || measure.losing === 0) return losses;
    return [...losses, fieldLoss(measure.losing, measure.fields)];
  }

  /** Nothing is written: what is lost may as well be found out on the way. */
  private onlyMeasure(row: number, losses: readonly PartLoss[]): LargeRequest {
    const { context, driver } = this;
    const measure = new LargeMeasure(context.rules);
    const isStream = driver.rows.codecOf(row).type === 'stream';
    const place = placeOf(driver, row);
    const version = streamVersionFor(driver.rows.kind[row]!, context.target);
    this.begin(true);
    this.complete = () => {
      const { state } = measure;
      const more = state === undefined ? [] : adaptStreamState(state, version, state.firstId).losses;
      for (const loss of [...this.allLosses(losses, measure), ...more]) context.settleLate(loss, place);
    };
    return { level: isStream ? 'blob' : 'element', sink: measure.sink };
  }

  private rewriteStream(row: number, attributes: RowAttributes, losses: readonly PartLoss[]): LargeRequest {
    const { driver, context } = this;
    if (context.encoder === undefined) return this.onlyMeasure(row, losses);
    const { nodes, state } = this.measure(row, 'blob');
    const version = streamVersionFor(driver.rows.kind[row]!, context.target);
    const adapted = adaptStreamState(state!, version, state!.firstId);
    if (!context.settleKey([...losses, ...adapted.losses], true, driver, row)) return this.pass();
    const encoder = this.begin(true);
    if (encoder === undefined) return PASS;
    driver.readKey(row, this.key);
    encoder.beginRawKey(attributes, this.key, streamTypeOf(version));
    const pieces = new StreamPieces(driver, encoder, context.target, nodes);
    this.complete = () => {
      pieces.end(adapted.state, version);
      encoder.endRawKey();
    };
    return { level: 'blob', sink: { ...NO_SINK, blob: (node) => pieces.node(node) } };
  }

  private begin(isRewritten: boolean): RdbEncoder | undefined {
    this.isWritten = true;
    this.isRewritten = isRewritten;
    this.complete = nothing;
    return this.context.encoder;
  }
}

/** From a reader to a writer of elements, with the expiries that fields keep. */
function elementSink(collection: CollectionWriter, { rules }: ConvertContext): LargeSink {
  const expiry = new Int64();
  return {
    ...NO_SINK,
    listItem: (item) => collection.listItem(item),
    setMember: (member) => collection.setMember(member),
    zsetMember: (member, score) => collection.zsetMember(member, score),
    hashField: (field, value, expireAt) => {
      const before = expireAt?.toNumber();
      const { stays, expireAtMs } = decideField(before, rules);
      if (!stays) return;
      if (expireAt !== undefined && expireAtMs === before) expiry.copyFrom(expireAt);
      else if (expireAtMs !== undefined) expiry.set(Math.floor(expireAtMs / 0x100000000), expireAtMs | 0);
      collection.hashField(field, value, expireAtMs === undefined ? undefined : expiry);
    },
  };
}

/** Takes the nodes of a stream at level `blob`, and puts another state behind them. */
class StreamPieces {
  private readonly out: ByteWriter;
  private readonly to: ValueOutput;

  constructor(
    private readonly driver: RdbDriver,
    encoder: RdbEncoder,
    private readonly target: Target,
    nodes: number,
  ) {
    this.out = new ByteWriter((bytes, start, end) => encoder.rawChunk(bytes, start, end));
    this.to = new ValueOutput(this.out, target, { compress: true });
    this.to.length(nodes);
  }

  /** The reader has the id of the node at hand, and reports the node alone. */
  node({ bytes, start, end }: Slice): void {
    const { a: id } = this.driver.cursor;
    const form = this.target.boundaryBacklen;
    this.to.string(id.bytes, id.start, id.end);
    if (hasOtherBacklen(bytes, start, end, form)) this.to.string(rewriteBacklens(bytes, start, end, form));
    else this.to.string(bytes, start, end);
  }

  end(state: StreamState, version: StreamVersion): void {
    writeStreamState(this.to, state, version, { count: state.length, firstId: state.firstId, lastId: state.lastId });
    this.out.flush();
  }
}

function nothing(): void {
  // A value that is left out needs no end.
}
