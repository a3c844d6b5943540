/** What a reader makes of a file, as text that two readers can be compared by: everything it reads, or its error. */
import { createHash } from 'node:crypto';
import { FormatError } from '../../src/bytes/errors.js';
import type { Int64 } from '../../src/bytes/int64.js';
import { checkRdb } from '../../src/inspect/check.js';
import { type DecoderOptions, RdbDecoder } from '../../src/rdb/decoder.js';
import { decodeDump } from '../../src/rdb/dump.js';
import type { HashField, KeyEntry, ModuleItem, RdbEntry, RdbValue, RdbWarning } from '../../src/rdb/model.js';
import { readRdbSync } from '../../src/rdb/read.js';
import { EventLog } from '../support/events.js';

export interface Outcome {
  readonly ok: boolean;
  /** The error's code, where there is one. */
  readonly code: string | undefined;
  /** Equal texts, equal outcomes: a digest of everything read, or the error with its place. */
  readonly text: string;
}

export interface ReaderOptions {
  readonly deep: boolean;
  readonly maxBlobBytes: number;
}

/** Every entry of readRdbSync. */
export function readWhole(file: Uint8Array, { deep, maxBlobBytes }: ReaderOptions): Outcome {
  return outcomeOf(() => {
    const lines: string[] = [];
    const onWarning = (warning: RdbWarning) => void noteWarning(lines, warning);
    for (const entry of readRdbSync(file, { checksum: false, deep, limits: { maxBlobBytes }, onWarning }))
      lines.push(...entryLines(entry));
    return lines;
  });
}

/** Every event of an RdbDecoder that is given the file in pieces. */
export function readInPieces(
  file: Uint8Array,
  { deep, maxBlobBytes }: ReaderOptions,
  size: () => number,
  largeValueBytes?: number,
): Outcome {
  return outcomeOf(() => {
    const log = new ValueLog();
    const limits = { maxBlobBytes, ...(largeValueBytes !== undefined && { largeValueBytes }) };
    const options: DecoderOptions = { checksum: false, deep, limits };
    const decoder = new RdbDecoder(log, options);
    for (let pos = 0; pos < file.length; ) {
      const end = Math.min(file.length, pos + size());
      decoder.write(file.subarray(pos, end));
      pos = end;
    }
    decoder.end();
    return log.events;
  });
}

/** A DUMP payload, whatever its checksum. */
export function readDump(payload: Uint8Array, { deep, maxBlobBytes }: ReaderOptions): Outcome {
  return outcomeOf(() => valueLines(decodeDump(payload, { checksum: 'never', deep, limits: { maxBlobBytes } }).value));
}

/** The verdict of a deep check. */
export async function checkDeep(file: Uint8Array, maxBlobBytes: number): Promise<Outcome> {
  const report = await checkRdb(file, { checksum: false, deep: true, limits: { maxBlobBytes } });
  const [first] = report.errors;
  return { ok: report.ok, code: first?.code, text: first === undefined ? 'ok' : errorText(first) };
}

/** Any other error than a FormatError is a bug: it is thrown on. */
function outcomeOf(read: () => readonly string[]): Outcome {
  try {
    const lines = read();
    // Warnings come before or behind their neighbours, as the pieces fall.
    const records = lines.filter((line) => !line.startsWith('warning '));
    const warnings = lines.filter((line) => line.startsWith('warning ')).sort();
    const hash = createHash('sha1');
    for (const line of [...records, ...warnings]) hash.update(line, 'latin1').update('\n');
    return { ok: true, code: undefined, text: `${records.length} events ${hash.digest('hex')}` };
  } catch (error) {
    if (error instanceof FormatError) return { ok: false, code: error.code, text: errorText(error) };
    throw error;
  }
}

function errorText({ code, offset, innerOffset }: FormatError): string {
  return `${code} at ${offset}${innerOffset === undefined ? '' : ` inside ${innerOffset}`}`;
}

/** Times saturate in entries, which is what their warning is about; sizes are not known of values in parts. */
class ValueLog extends EventLog {
  override key: EventLog['key'] = (info) => {
    const { db, rdbType, type, encoding, idleSeconds, freq, offset, expireAt } = info;
    this.events.push(
      keyLine({ db, rdbType, type, encoding, idleSeconds, freq, offset }, info.key.copy(), safe(expireAt)),
    );
    return 'element';
  };
  override keyEnd: EventLog['keyEnd'] = () => undefined;
  override hashField: EventLog['hashField'] = (field, value, at) =>
    void this.events.push(fieldLine(field.copy(), value.copy(), safe(at)));
  override warning: EventLog['warning'] = (warning) => void noteWarning(this.events, warning);
}

function noteWarning(lines: string[], { code, offset }: RdbWarning): void {
  if (code !== 'TIME_SATURATED') lines.push(`warning ${code} at ${offset}`);
}

function safe(value: Int64 | undefined): number | undefined {
  return value?.isSafe() === false ? Math.sign(Number(value.signed())) * Number.MAX_SAFE_INTEGER : value?.toNumber();
}

function keyLine(facts: object, key: Uint8Array, expireAtMs: number | undefined): string {
  return `${JSON.stringify({ ...facts, at: expireAtMs })} ${text(key)}`;
}

function fieldLine(field: Uint8Array, value: Uint8Array, expireAtMs: number | undefined): string {
  return `field ${text(field)} ${text(value)} ${expireAtMs}`;
}

/** An entry in the words of EventLog. */
function entryLines(entry: RdbEntry): string[] {
  return entry.kind === 'key' ? keyLines(entry) : [JSON.stringify(entry, plain)];
}

function keyLines(entry: KeyEntry): string[] {
  const { db, rdbType, idleSeconds, freq, offset, value } = entry;
  const { type, encoding } = value;
  const head = keyLine({ db, rdbType, type, encoding, idleSeconds, freq, offset }, entry.key, entry.expireAtMs);
  return [head, ...valueLines(value)];
}

function valueLines(value: RdbValue): string[] {
  switch (value.type) {
    case 'string':
      return [`string ${text(value.value)}`];
    case 'list':
      return value.items.map((item) => `item ${text(item)}`);
    case 'set':
      return value.members.map((member) => `member ${text(member)}`);
    case 'zset':
      return value.members.map(({ member, score }) => `scored ${text(member)} ${Object.is(score, -0) ? '-0' : score}`);
    case 'hash':
      return value.fields.map(hashFieldLine);
    case 'stream':
      return [...value.entries.flatMap(streamEntryLines), JSON.stringify(value.state, plain)];
    case 'array':
      return [
        `array ${signed(value.insertIndex)}`,
        ...value.elements.map((element) => `element ${signed(element.index)} ${text(element.value)}`),
      ];
    case 'module':
      return [`module ${value.module} ${value.version}`, ...value.items.map(itemLine)];
    case 'pathhash':
      return value.paths.flatMap(({ path, fields }) => [`path ${text(path)}`, ...fields.map(hashFieldLine)]);
    case 'cron':
      return [
        `cron ${text(value.script)} ${value.startMs} ${value.intervalMs} ${value.keys.length}`,
        ...[...value.keys, ...value.args].map((item) => `item ${text(item)}`),
      ];
  }
}

function hashFieldLine({ field, value, expireAtMs }: HashField): string {
  return fieldLine(field, value, expireAtMs);
}

type StreamEntry = Extract<RdbValue, { type: 'stream' }>['entries'][number];

function streamEntryLines({ id, fields }: StreamEntry): string[] {
  const lines = [`entry ${id.ms}-${id.seq} ${fields.length / 2}`];
  for (let at = 0; at < fields.length; at += 2) lines.push(`pair ${text(fields[at]!)} ${text(fields[at + 1]!)}`);
  return [...lines, 'end of entry'];
}

function itemLine(item: ModuleItem): string {
  if (item.kind === 'string') return `string ${text(item.value)}`;
  return `${item.kind} ${typeof item.value === 'bigint' ? signed(item.value) : item.value}`;
}

function signed(value: bigint | undefined): string {
  return value === undefined ? 'undefined' : String(BigInt.asIntN(64, value));
}

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
}

function plain(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return `${value}n`;
  return value instanceof Uint8Array ? text(value) : value;
}
