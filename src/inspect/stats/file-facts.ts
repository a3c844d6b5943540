/** What the files of a data set say about themselves. */
import type { ChecksumState, RdbRecord } from '../../rdb/model.js';
import { creationOf } from '../ttl/ttl-collector.js';

/** One file, as far as it was read. What it does not say is undefined. */
export interface FileFacts {
  readonly magic: 'REDIS' | 'VALKEY';
  readonly version: number;
  /** Those that were counted. */
  readonly keys: number;
  /** `redis` or `valkey`, and its version: `7.0.15`. */
  readonly server: { readonly name: string; readonly version: string } | undefined;
  /** 32 or 64. */
  readonly bits: number | undefined;
  /** When it was made, Unix ms. */
  readonly createdAtMs: number | undefined;
  /** `used_memory` at that time, bytes. */
  readonly usedMemoryBytes: number | undefined;
  /** It is the first part of a log. */
  readonly isAofBase: boolean;
  readonly replicationId: string | undefined;
  readonly replicationOffset: number | undefined;
  /** Function libraries. */
  readonly functions: number;
  /** Names of modules that store something beside the keys. */
  readonly modules: readonly string[];
  /** Undefined where reading stopped before the end. */
  readonly checksum: ChecksumState | undefined;
}

/** Files that are described; of a data set of more, the rest is counted. */
const MAX_FILES = 65536;
/** The longest text that is kept of a file's own words. */
const MAX_TEXT_BYTES = 64;
const MAX_MODULES = 256;

type Draft = { -readonly [Name in keyof FileFacts]: FileFacts[Name] };

export class FileCollector {
  readonly all: FileFacts[] = [];
  /** When the file in hand was made, or the clock. */
  atMs: number;
  private draft: Draft | undefined;

  constructor(private readonly nowMs: number) {
    this.atMs = nowMs;
  }

  record(record: RdbRecord): void {
    if (record.kind === 'header') {
      this.atMs = this.nowMs;
      this.draft = startDraft(record.magic, record.version);
      if (this.all.length < MAX_FILES) this.all.push(this.draft);
    }
    const { draft } = this;
    if (draft === undefined) return;
    if (record.kind === 'aux') this.aux(draft, record);
    else if (record.kind === 'function') draft.functions++;
    else if (record.kind === 'end') draft.checksum = record.checksum;
    else if (record.kind === 'module-aux') addModule(draft, record.module);
  }

  key(): void {
    if (this.draft !== undefined) this.draft.keys++;
  }

  private aux(draft: Draft, record: { readonly name: Uint8Array; readonly value: Uint8Array }): void {
    const value = text(record.value);
    switch (text(record.name)) {
      case 'redis-ver':
        draft.server = { name: 'redis', version: value };
        break;
      case 'valkey-ver':
        draft.server = { name: 'valkey', version: value };
        break;
      case 'redis-bits':
        draft.bits = wholeNumber(value);
        break;
      case 'ctime':
        draft.createdAtMs = creationOf(record);
        this.atMs = draft.createdAtMs ?? this.nowMs;
        break;
      case 'used-mem':
        draft.usedMemoryBytes = wholeNumber(value);
        break;
      // 4.0 to 6.2 and 7.0 on, in that order.
      case 'aof-preamble':
      case 'aof-base':
        draft.isAofBase = value === '1';
        break;
      case 'repl-id':
        draft.replicationId = value;
        break;
      case 'repl-offset':
        draft.replicationOffset = wholeNumber(value);
        break;
      default:
    }
  }
}

function startDraft(magic: FileFacts['magic'], version: number): Draft {
  return {
    magic,
    version,
    keys: 0,
    server: undefined,
    bits: undefined,
    createdAtMs: undefined,
    usedMemoryBytes: undefined,
    isAofBase: false,
    replicationId: undefined,
    replicationOffset: undefined,
    functions: 0,
    modules: [],
    checksum: undefined,
  };
}

function addModule(draft: Draft, name: string): void {
  if (draft.modules.length < MAX_MODULES && !draft.modules.includes(name)) draft.modules = [...draft.modules, name];
}

/** Undefined for what is none, or cannot be exact. */
function wholeNumber(value: string): number | undefined {
  const number = /^\d+$/.test(value) ? Number(value) : NaN;
  return Number.isSafeInteger(number) ? number : undefined;
}

/** One character per byte: whoever prints it has to look at it. */
function text(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes.subarray(0, MAX_TEXT_BYTES));
}
