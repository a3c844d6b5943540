/**
 * What must be known of a large value before its first byte is written: how many elements stay, what is lost, which form
 * its listpacks have. It is read ahead for that, in bounded memory, where the input has random access.
 */
import { UnsupportedError } from '../bytes/errors.js';
import type { Int64 } from '../bytes/int64.js';
import type { Slice } from '../bytes/slice.js';
import type { ByteSource } from '../bytes/source.js';
import { WINDOW_BYTES, Window } from '../bytes/window.js';
import { ValueCursor } from '../rdb/cursor.js';
import type { RdbDriver } from '../rdb/driver.js';
import { type LargeRequest, LargeValue } from '../rdb/large-value.js';
import { locate } from '../rdb/locate.js';
import type { StreamState } from '../rdb/model.js';
import { IGNORE_VALUE } from '../rdb/visitor.js';
import { decideField, type FieldRules } from './adapt-hash.js';
import { hasOtherBacklen } from './boundary.js';
import { placeOf } from './convert-context.js';

/** Takes the measure of one value: at level `element` or, of streams and for backlens, `blob`. */
export class LargeMeasure {
  /** Elements that stay. */
  count = 0;
  /** Fields in all, those whose expiry is lost, and those that have expired. */
  fields = 0;
  losing = 0;
  expired = 0;
  /** Earliest expiry that a field keeps; Infinity: none does. */
  minExpireMs = Infinity;
  nodes = 0;
  state: StreamState | undefined;
  hasOtherBacklen = false;

  /** Where the value goes. */
  readonly sink: LargeRequest['sink'] = {
    ...IGNORE_VALUE,
    raw: () => undefined,
    listItem: () => this.countItem(),
    setMember: () => this.countItem(),
    zsetMember: () => this.countItem(),
    hashField: (_field, _value, expireAt) => this.countField(expireAt),
    blob: (packed) => this.lookAt(packed),
    streamState: (state) => {
      this.state = state;
    },
  };

  constructor(private readonly rules: FieldRules) {}

  private countItem(): void {
    this.count++;
  }

  private countField(expireAt: Int64 | undefined): void {
    const fate = decideField(expireAt?.toNumber(), this.rules);
    this.fields++;
    if (fate.loses) this.losing++;
    if (fate.stays) this.count++;
    else this.expired++;
    if (fate.expireAtMs !== undefined) this.minExpireMs = Math.min(this.minExpireMs, fate.expireAtMs);
  }

  private lookAt({ bytes, start, end }: Slice): void {
    this.nodes++;
    if (this.hasOtherBacklen) return;
    this.hasOtherBacklen = hasOtherBacklen(bytes, start, end, this.rules.target.boundaryBacklen);
  }
}

/**
 * Reads the large value of a row ahead; the driver and its window stay as they are. Throws UnsupportedError
 * (UNSUPPORTED_INPUT) for an input without random access, FormatError for a broken value.
 */
export function readAhead(driver: RdbDriver, row: number, source: ByteSource | undefined, request: LargeRequest): void {
  const { db, key } = placeOf(driver, row);
  const offset = driver.offsetOf(driver.rows.valuePos[row]!);
  const { readAt } = source ?? {};
  if (source === undefined || readAt === undefined) {
    const message =
      'a value of this size that the target does not load as it is needs a plain file: save this input to one first';
    throw locate(new UnsupportedError('UNSUPPORTED_INPUT', message, offset), 0, db, key);
  }
  const window = new Window();
  window.base = offset;
  window.totalBytes = source.sizeBytes;
  const cursor = new ValueCursor({ ...driver.cursor.context, deep: false, warn: () => undefined });
  const fill = (wanted: number): void => {
    try {
      window.expect(wanted, 'a value');
    } catch (error) {
      throw locate(error, 0, db, key);
    }
    const room = window.room(wanted);
    const max = Math.min(room, Math.max(wanted - window.available, WINDOW_BYTES));
    const count = readAt.call(source, window.base + window.end, window.bytes, window.end, max);
    if (count === 0) window.ended = true;
    else window.filled(count);
  };
  const consume = (to: number): void => {
    window.pos = to;
  };
  const large = new LargeValue(driver.rows.codecOf(row), window, cursor, request, consume, db, key);
  do {
    while (!large.ready) fill(large.wanted);
  } while (!large.step());
}
