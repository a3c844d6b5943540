/**
 * A table as a Parquet file, written row group by row group as rows come.
 *
 * Text is UTF8, bytes are plain BYTE_ARRAY, times are INT64 with TIMESTAMP(ms, adjusted to UTC). Pages are compressed with
 * Snappy, except those of row groups that hold a value longer than a row group's bytes: such a value is written from where
 * it lies, and compressing it would take as much memory again.
 */
import type { ColumnSource, SchemaElement, Writer } from 'hyparquet-writer';
import { EncodeError } from '../../bytes/errors.js';
import type { WriteBytes } from '../json/json-writer.js';
import { BytesColumn, type ColumnBuffer, KeyColumn, NumberColumn, WordColumn } from './column-buffers.js';
import type { NameText } from './name-text.js';
import type { ParquetLibrary } from './parquet-library.js';
import type { RowGroupBudget } from './row-group-budget.js';
import type { ColumnType, TableColumn, TableSchema } from './schema.js';
import type { TableSink } from './table-sink.js';

/** Rows of a group at the most: while it is written, the values of a column are objects. */
const GROUP_ROWS = 65_536;
/** Bytes of a group at the most, before it is encoded. */
export const GROUP_BYTES = 16 * 1024 * 1024;
/** The size of a page is a signed 32-bit number. */
const MAX_VALUE_BYTES = 2 ** 31 - 64;
/** Output is handed over in about this much. */
const BUFFER_BYTES = 256 * 1024;

type Column = NumberColumn | WordColumn | BytesColumn | KeyColumn;

export class ParquetTable implements TableSink {
  rowCount = 0;
  private readonly columns: readonly Column[];
  private readonly file: InstanceType<ParquetLibrary['ParquetWriter']>;
  /** The column of the next value. */
  private at = 0;
  private rows = 0;

  constructor(
    private readonly schema: TableSchema,
    library: ParquetLibrary,
    write: WriteBytes,
    private readonly budget: RowGroupBudget,
  ) {
    this.columns = schema.columns.map(createColumn);
    this.file = new library.ParquetWriter({
      writer: createWriter(library, write),
      schema: schemaElements(schema),
      createdBy: 'rdb-inspect',
    });
  }

  get heldBytes(): number {
    let held = 0;
    for (const column of this.columns) held += column.heldBytes;
    return held;
  }

  null(): void {
    (this.columns[this.at++] as NumberColumn | BytesColumn).pushNull();
  }

  int(value: number): void {
    (this.columns[this.at++] as NumberColumn).push(value);
  }

  double(value: number): void {
    this.int(value);
  }

  time(ms: number): void {
    this.int(ms);
  }

  word(text: string): void {
    (this.columns[this.at++] as WordColumn).push(text);
  }

  key({ bytes, start, end, serial }: NameText): void {
    checkSize(end - start);
    (this.columns[this.at++] as KeyColumn).push(bytes, start, end, serial);
  }

  text(bytes: Uint8Array, start: number, end: number): void {
    this.bytes(bytes, start, end);
  }

  bytes(bytes: Uint8Array, start: number, end: number): void {
    checkSize(end - start);
    const column = this.columns[this.at++] as BytesColumn;
    column.push(bytes, start, end);
    this.budget.unseenBytes += end - start;
    if (column.isLent) this.budget.isSpent = true;
  }

  endRow(): void {
    this.at = 0;
    this.rows++;
    this.rowCount++;
    if (this.rows === GROUP_ROWS) this.writeGroup();
    else this.budget.afterRow(this);
  }

  finish(): void {
    this.writeGroup();
    this.file.finish();
  }

  /** Writes the rows that are held. */
  writeGroup(): void {
    const { rows, columns, schema } = this;
    if (rows === 0) return;
    const columnData = schema.columns.map((column, index): ColumnSource => {
      const buffer: ColumnBuffer = columns[index]!;
      const isText = buffer instanceof BytesColumn || buffer instanceof KeyColumn;
      return {
        name: column.name,
        // Asked for when the column is written: the values of one column at a time are objects.
        get data() {
          return buffer.data(rows) as ColumnSource['data'];
        },
        // Bounds of texts would keep views of the arenas alive until the end of the file, and dumps are in no order.
        statistics: !isText,
        offsetIndex: false,
        ...(buffer instanceof WordColumn && { encoding: 'RLE_DICTIONARY' }),
        ...(buffer instanceof BytesColumn && buffer.isLent && { encoding: 'PLAIN', codec: 'UNCOMPRESSED' }),
      };
    });
    this.file.write({ columnData, rowGroupSize: rows });
    for (const column of columns) column.clear();
    this.rows = 0;
  }
}

const PHYSICAL = {
  int32: { type: 'INT32' },
  int64: { type: 'INT64' },
  double: { type: 'DOUBLE' },
  time: {
    type: 'INT64',
    converted_type: 'TIMESTAMP_MILLIS',
    logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MILLIS' },
  },
  word: { type: 'BYTE_ARRAY', converted_type: 'UTF8', logical_type: { type: 'STRING' } },
  key: { type: 'BYTE_ARRAY', converted_type: 'UTF8', logical_type: { type: 'STRING' } },
  text: { type: 'BYTE_ARRAY', converted_type: 'UTF8', logical_type: { type: 'STRING' } },
  bytes: { type: 'BYTE_ARRAY' },
} as const satisfies Record<ColumnType, Partial<SchemaElement>>;

function schemaElements({ name, columns }: TableSchema): SchemaElement[] {
  const fields = columns.map(
    (column): SchemaElement => ({
      name: column.name,
      repetition_type: column.nullable ? 'OPTIONAL' : 'REQUIRED',
      ...PHYSICAL[column.type],
    }),
  );
  return [{ name, num_children: columns.length }, ...fields];
}

function createColumn({ type, nullable }: TableColumn): Column {
  switch (type) {
    case 'int32':
    case 'int64':
    case 'double':
      return new NumberColumn(type, nullable);
    case 'time':
      return new NumberColumn('int64', nullable);
    case 'word':
      return new WordColumn();
    case 'key':
      return new KeyColumn(GROUP_BYTES);
    case 'text':
    case 'bytes':
      return new BytesColumn(GROUP_BYTES);
  }
}

function checkSize(size: number): void {
  if (size > MAX_VALUE_BYTES) throw new EncodeError(`a value of ${size} bytes is more than a page of Parquet holds`);
}

/** The package's writer, which would keep the whole file, with a way out: what it has gathered is handed over now and then. */
function createWriter({ ByteWriter }: ParquetLibrary, write: WriteBytes): Writer {
  class DrainedWriter extends ByteWriter {
    override ensure(size: number): void {
      if (this.index + size > this.buffer.byteLength) this.drain();
      super.ensure(size);
    }

    override appendBytes(value: Uint8Array): void {
      if (value.length < BUFFER_BYTES / 4) {
        super.appendBytes(value);
        return;
      }
      this.drain();
      write(value, 0, value.length);
      this.offset += value.length;
    }

    override finish(): void {
      this.drain();
    }

    private drain(): void {
      if (this.index > 0) write(new Uint8Array(this.buffer, 0, this.index), 0, this.index);
      this.index = 0;
    }
  }
  return new DrainedWriter(BUFFER_BYTES);
}
