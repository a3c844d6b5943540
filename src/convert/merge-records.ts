/** What the merged file holds beside the keys: function libraries and modules' data by name, aux fields of the first file. */
import { EncodeError } from '../bytes/errors.js';
import type { RdbEncoder } from '../rdb/encoder.js';
import type { RdbRecord } from '../rdb/model.js';
import type { ConflictPolicy } from './merge-conflicts.js';
import { isSizeHint } from './size-hints.js';

/** A library, or data of a module, of which two files have different versions. */
export interface RecordConflict {
  /** `function library mylib` */
  readonly what: string;
  readonly first: number;
  readonly second: number;
}

const BEFORE_KEYS = 1;

export class MergedRecords {
  readonly conflicts: RecordConflict[] = [];
  /** The file whose template hashes are copied as they are; −1 where there are none. */
  templateFile = -1;
  private readonly named = new Map<string, { record: RdbRecord; file: number; text: string }>();
  /** Written as they come: aux fields, templates, slot imports. */
  private readonly plain: RdbRecord[] = [];

  constructor(private readonly policy: ConflictPolicy) {}

  /** Throws EncodeError for commands among the keys. */
  add(record: RdbRecord, file: number): void {
    switch (record.kind) {
      case 'aux':
        if (file === 0 && !isSizeHint(record)) this.plain.push(record);
        break;
      case 'function':
        this.addNamed(`function library ${record.name ?? '?'}`, record, file);
        break;
      case 'module-aux':
        this.addNamed(
          `data of module ${record.module}${record.when === BEFORE_KEYS ? '' : ' behind the keys'}`,
          record,
          file,
        );
        break;
      case 'hash-template':
        // Numbers of templates are those of one file: hashes of the others are written in a form of their own.
        if (this.templateFile < 0) this.templateFile = file;
        if (this.templateFile === file) this.plain.push(record);
        break;
      case 'slot-import':
        this.plain.push(record);
        break;
      case 'command':
        throw new EncodeError(
          'the file holds commands among its keys, and what they do to the keys of others cannot be told',
        );
      default:
        // Header and end are those of the merged file; how many keys follow would be wrong.
        break;
    }
  }

  writeBefore(encoder: RdbEncoder): void {
    for (const record of this.plain) encoder.record(record);
    for (const { record } of this.named.values()) if (!isBehindKeys(record)) encoder.record(record);
  }

  writeAfter(encoder: RdbEncoder): void {
    for (const { record } of this.named.values()) if (isBehindKeys(record)) encoder.record(record);
  }

  private addNamed(what: string, record: RdbRecord, file: number): void {
    const text = JSON.stringify(record, plainText);
    const known = this.named.get(what);
    if (known === undefined) {
      this.named.set(what, { record, file, text });
    } else if (known.text !== text) {
      this.conflicts.push({ what, first: known.file, second: file });
      if (this.policy === 'last') this.named.set(what, { record, file, text });
    }
  }
}

function isBehindKeys(record: RdbRecord): boolean {
  return record.kind === 'module-aux' && record.when !== BEFORE_KEYS;
}

function plainText(_name: string, value: unknown): unknown {
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  return value instanceof Uint8Array ? latin1.decode(value) : value;
}

/** Maps every byte to a character of its own, whatever its name. */
const latin1 = new TextDecoder('latin1');
