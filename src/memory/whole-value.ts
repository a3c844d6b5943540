/** What a value takes that lies in memory as it would stand in a file. */
import { TruncatedError } from '../bytes/errors.js';
import { DEFAULT_LIMITS } from '../bytes/limits.js';
import { type DecodeContext, ValueCursor } from '../rdb/cursor.js';
import { type TypeTable, typeTable } from '../rdb/types/index.js';
import type { ValueMemory } from './collection-memory.js';
import { isPacked, packedForm, packedLength, startSums } from './file-form.js';
import type { ServerMemory } from './server-memory.js';

export class WholeValueMemory {
  private readonly cursor: ValueCursor;
  private readonly types: TypeTable;

  /** The type bytes are those of the server that is modelled. */
  constructor(private readonly model: ServerMemory) {
    const { dialect, version } = model.server.target;
    const context: DecodeContext = {
      dialect,
      version,
      limits: { ...DEFAULT_LIMITS, maxBlobBytes: Number.MAX_SAFE_INTEGER },
      deep: false,
      templates: new Map(),
      warn: () => undefined,
    };
    this.cursor = new ValueCursor(context);
    this.types = typeTable(context);
  }

  /** The value `bytes[pos, end)` beside its key, once the server has loaded it. No string: what that takes, its key decides. */
  read(rdbType: number, bytes: Uint8Array, pos: number, end: number): ValueMemory {
    const { model, cursor } = this;
    const codec = this.types[rdbType];
    if (codec === undefined) throw new TypeError(`${model.server.target.name} has no type ${rdbType}`);
    const { type, encoding } = codec;
    cursor.start(bytes, pos, end, startSums(model, type, rdbType));
    if (!codec.read(cursor, model.sums.sink).next().done) throw new TruncatedError('the value is not whole', end);
    const value = model.ofSums(type, rdbType, isPacked(rdbType), end - pos);
    const form = packedForm(rdbType, encoding);
    if (form === undefined || !model.keepsPacked(type, form, model.sums.count)) return value;
    return model.packed(form, packedLength(rdbType, bytes, pos, end));
  }
}
