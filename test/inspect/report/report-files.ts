/** Reports of files, and a file that is hard on them. */
import { collectFacts } from '../../../src/inspect/facts/collect.js';
import { ElementMeasure } from '../../../src/inspect/facts/element-measure.js';
import type { MutableKeyFacts } from '../../../src/inspect/facts/key-facts.js';
import { ReportCollector, type ReportOptions } from '../../../src/inspect/report/report-collector.js';
import type { ReportData } from '../../../src/inspect/report/report-data.js';
import type { RdbDriver } from '../../../src/rdb/driver.js';
import { bytesOf, keyRecord, rdbFile, str } from '../../support/file-builder.js';

export const NOW = 2_000_000_000_000;

export async function reportOf(
  files: readonly (Uint8Array | string)[],
  options: Partial<ReportOptions> = {},
  title = 'Title',
): Promise<ReportData> {
  const collector = new ReportCollector({ nowMs: NOW, ...options });
  const measure = options.memory ? new SomeMemory() : new ElementMeasure();
  for (const file of files) await collectFacts(file, collector, { measure });
  const sources = files.map((file, index) => (typeof file === 'string' ? file : `file ${index}`));
  const measured = options.memory && { memoryModel: 'a test server', datasetMemory: 150 * 1024 };
  return collector.report({ title, madeBy: 'the test', sources, ...measured });
}

/** Memory that can be told in advance: twice what is in the file, and a hundred bytes. */
class SomeMemory extends ElementMeasure {
  override row(driver: RdbDriver, row: number, facts: MutableKeyFacts): void {
    super.row(driver, row, facts);
    facts.memoryBytes = 2 * facts.valueBytes + 100;
    facts.memoryEncoding = `some ${facts.encoding}`;
  }
}

/** Names that want out of a page: as markup, as text that turns around. */
const HOSTILE_TEXTS = [
  '</script><script>globalThis.hacked = true</script>',
  '<!--<script>',
  '<img src=x onerror="globalThis.hacked = true">',
  '"\'`&amp;\\u003c\\',
  '\u202egnp.exe\u202c\u200f\u061c',
  'a\u0000b\r\n\t\u001b[31m\u009b\u2028\u2029',
  '\u{1f600}'.repeat(100),
  'שלום:עולם:مرحبا',
];

export const HOSTILE_NAMES: readonly Uint8Array[] = [
  ...HOSTILE_TEXTS.map((text) => new TextEncoder().encode(text)),
  Uint8Array.of(0xff, 0xfe, 0x00, 0x80),
  bytesOf('half a character ', 0xf0, 0x9f, 0x98),
  new Uint8Array(0),
];

/** A dump with these names, and `copies` of them with so many parts of `<` before them, each copy another. */
export function hostileDump(copies: number, parts: number): Uint8Array {
  const names = [...hostileNames(copies, bytesOf(`${'<'.repeat(40)}:`.repeat(parts)))];
  return rdbFile('REDIS0010', [bytesOf(0xfa, str('redis-ver'), str('<b>7.0\u0007')), ...names.map(recordOf)]);
}

function* hostileNames(copies: number, parts: Uint8Array): Generator<Uint8Array> {
  yield* HOSTILE_NAMES;
  for (let copy = 0; copy < copies; copy++) {
    const letters = [...copy.toString(26)]
      .map((digit) => String.fromCharCode(97 + Number.parseInt(digit, 26)))
      .join('');
    yield bytesOf(letters, ':', parts, HOSTILE_NAMES[copy % HOSTILE_NAMES.length]!);
  }
}

function recordOf(name: Uint8Array, index: number): Uint8Array {
  return keyRecord(0, name, str('v'.repeat(index % 97)));
}
