/** What the merged file holds beside the keys: function libraries and modules' data by name, aux fields of the first file. */
import type { RdbRecord } from '../rdb/model.js';
import { isMemberExpiryAux, isStaleAux } from './convert-records.js';
import type { ConflictPolicy } from './merge-conflicts.js';

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
  private readonly plain: { readonly record: RdbRecord; readonly file: number }[] = [];

  constructor(private readonly policy: ConflictPolicy) {}

  add(record: RdbRecord, file: number): void {
    switch (record.kind) {
      case 'aux':
        if (file === 0 && !isStaleAux(record) && !isMemberExpiryAux(record)) this.plain.push({ record, file });
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
        if (this.templateFile === file) this.plain.push({ record, file });
        break;
      case 'slot-import':
        this.plain.push({ record, file });
        break;
      default:
        // Header and end are those of the merged file; how many keys follow would be wrong. Commands belong to their place.
        break;
    }
  }

  /** Each with the number of the file that it comes from. */
  writeBefore(write: (record: RdbRecord, file: number) => void): void {
    for (const { record, file } of this.plain) write(record, file);
    for (const { record, file } of this.named.values()) if (!isBehindKeys(record)) write(record, file);
  }

  writeAfter(write: (record: RdbRecord, file: number) => void): void {
    for (const { record, file } of this.named.values()) if (isBehindKeys(record)) write(record, file);
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
