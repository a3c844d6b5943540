/** One record from its first attribute to its last byte (rdb-format.md §6, §7), and what frames a file (§2, §9). */
import { FormatError } from '../../bytes/errors.js';
import { Int64, readInt32Le } from '../../bytes/int64.js';
import { LAYOUTS } from '../../bytes/layout.js';
import { decodeMetaClass } from '../../codecs/module-id.js';
import { skipCommand } from '../../codecs/resp.js';
import { OPCODE } from '../../rdb/constants.js';
import type { Annotator } from './annotator.js';
import { annotateCounted, annotateStrings } from './collections.js';
import { annotateFixed } from './fixed.js';
import { annotateModuleId, annotateModuleItems } from './modules.js';
import { annotateLength, annotateString, annotateTime } from './strings.js';
import { countText, hexText, quotedText, sizeText, timeText } from './text.js';
import { annotateValue, type FileFacts, opcodeText, typeName } from './values.js';

/** Smallest byte that is an opcode; value types lie below. */
const FIRST_OPCODE = 0xf2;
const WHEN = ['', '1 (before the keys)', '2 (behind the keys)'];

/** The first nine bytes of a file. */
export function annotateHeader(ann: Annotator, file: FileFacts): void {
  annotateFixed(ann, file.dialect === 'valkey' ? LAYOUTS.valkeyHeader : LAYOUTS.redisHeader);
}

/** A key with its attributes, or another record, from the position on. */
export function annotateRecord(ann: Annotator, file: FileFacts): void {
  for (;;) {
    ann.need(ann.pos + 1, 'a record');
    const kind = ann.bytes[ann.pos]!;
    if (kind < FIRST_OPCODE) {
      annotateKey(ann, kind, file);
      return;
    }
    if (!annotateAttribute(ann, kind, file)) {
      annotateOpcode(ann, kind, file);
      return;
    }
  }
}

/** EOF with its checksum, where the version has one. */
export function annotateEnd(ann: Annotator, file: FileFacts, checksum: string): void {
  while (annotateAttribute(ann, ann.bytes[ann.pos]!, file)); // Attributes of a key that never came.
  annotateOpcodeByte(ann, OPCODE.EOF, file);
  if (ann.pos < ann.end) annotateFixed(ann, LAYOUTS.rdbTrailer, { crc64: (crc) => `0x${hexText16(crc)}, ${checksum}` });
}

function annotateKey(ann: Annotator, rdbType: number, file: FileFacts): void {
  const name = typeName(rdbType, file.dialect);
  if (name === undefined) throw new FormatError('UNKNOWN_TYPE', `0x${hexText(rdbType)} is no value type here`, ann.pos);
  ann.leaf('type', ann.pos + 1, `${name} (${rdbType})`);
  annotateString(ann, 'key');
  annotateValue(ann, rdbType, file);
}

/** False for another opcode. */
function annotateAttribute(ann: Annotator, kind: number, file: FileFacts): boolean {
  switch (kind) {
    case OPCODE.EXPIRETIME_MS:
      inAttribute(ann, 'expiry', kind, file, () => annotateTime(ann, 'time', 'none'));
      return true;
    case OPCODE.EXPIRETIME:
      inAttribute(ann, 'expiry', kind, file, () => annotateSeconds(ann));
      return true;
    case OPCODE.IDLE:
      inAttribute(ann, 'idle time', kind, file, () => annotateLength(ann, 'seconds', (seconds) => `${seconds} s`));
      return true;
    case OPCODE.FREQ:
      inAttribute(ann, 'LFU counter', kind, file, () => {
        ann.leaf('counter', ann.pos + 1, () => String(ann.bytes[ann.pos]));
      });
      return true;
    case OPCODE.REDIS_KEY_META:
      if (file.dialect === 'valkey') return false;
      inAttribute(ann, 'metadata', kind, file, () => annotateKeyMeta(ann));
      return true;
    default:
      return false;
  }
}

function inAttribute(ann: Annotator, label: string, kind: number, file: FileFacts, walk: () => void): void {
  ann.group(label, () => {
    annotateOpcodeByte(ann, kind, file);
    walk();
  });
}

function annotateSeconds(ann: Annotator): void {
  ann.leaf('time', ann.pos + 4, () => {
    const ms = readInt32Le(ann.bytes, ann.pos) * 1000;
    const time = new Int64();
    time.set(Math.floor(ms / 0x100000000), ms % 0x100000000);
    return timeText(time);
  });
}

function annotateKeyMeta(ann: Annotator): void {
  annotateCounted(
    ann,
    'class',
    () => {
      ann.leaf('class', ann.pos + 4, () => {
        const { name, version, flags } = decodeMetaClass(readInt32Le(ann.bytes, ann.pos));
        return `${name}, encoding version ${version}, flags ${flags}`;
      });
      annotateModuleItems(ann);
    },
    'classes',
  );
}

function annotateOpcodeByte(ann: Annotator, opcode: number, file: FileFacts): void {
  ann.leaf('opcode', ann.pos + 1, opcodeText(opcode, file.dialect));
}

function annotateOpcode(ann: Annotator, opcode: number, file: FileFacts): void {
  const annotate = (file.dialect === 'valkey' ? VALKEY_PAYLOADS : REDIS_PAYLOADS)[opcode] ?? PAYLOADS[opcode];
  if (annotate === undefined) throw new FormatError('UNKNOWN_TYPE', `0x${hexText(opcode)} is no opcode here`, ann.pos);
  annotateOpcodeByte(ann, opcode, file);
  annotate(ann);
}

type Payload = (ann: Annotator) => void;

const PAYLOADS: Readonly<Record<number, Payload>> = {
  [OPCODE.SELECTDB]: (ann) => annotateLength(ann, 'db'),
  [OPCODE.RESIZEDB]: (ann) => {
    annotateLength(ann, 'keys');
    annotateLength(ann, 'expires');
  },
  [OPCODE.AUX]: (ann) => {
    annotateString(ann, 'name');
    annotateString(ann, 'value');
  },
  [OPCODE.MODULE_AUX]: annotateModuleAux,
  [OPCODE.FUNCTION2]: (ann) => annotateString(ann, 'code'),
  [OPCODE.FUNCTION_PRE_GA]: annotatePreGaFunction,
  [OPCODE.SLOT_INFO]: (ann) => {
    annotateLength(ann, 'slot');
    annotateLength(ann, 'keys');
    annotateLength(ann, 'expires');
  },
  [OPCODE.EOF]: () => undefined,
};

const REDIS_PAYLOADS: Readonly<Record<number, Payload>> = {
  [OPCODE.REDIS_HASH_TEMPLATE]: (ann) => {
    annotateLength(ann, 'template id');
    annotateStrings(ann, 'field', 'fields');
  },
};

const VALKEY_PAYLOADS: Readonly<Record<number, Payload>> = {
  [OPCODE.VALKEY_SLOT_IMPORT]: (ann) => {
    annotateString(ann, 'job');
    annotateCounted(
      ann,
      'range',
      () => {
        annotateLength(ann, 'first slot');
        annotateLength(ann, 'last slot');
      },
      'ranges',
    );
  },
  [OPCODE.VALKEY_UPDATE]: annotateCommand,
};

function annotateModuleAux(ann: Annotator): void {
  annotateModuleId(ann);
  const { pos } = ann;
  const marker = annotateLength(ann, 'opcode', (value) => (value === 2 ? 'UINT (2)' : String(value)));
  if (marker !== 2)
    throw new FormatError('BAD_OPCODE', `module aux data with item ${marker} where UINT must stand`, pos);
  annotateLength(ann, 'when', (value) => WHEN[value] || String(value));
  annotateModuleItems(ann);
}

function annotatePreGaFunction(ann: Annotator): void {
  annotateString(ann, 'name');
  annotateString(ann, 'engine');
  const described = annotateLength(ann, 'has description');
  if (described !== 0) annotateString(ann, 'description');
  annotateString(ann, 'code');
}

/** A RESP array: each line, and each argument. */
function annotateCommand(ann: Annotator): void {
  const { bytes, pos, end } = ann;
  ann.need(skipCommand(bytes, pos, end), 'a command');
  const count = annotateLine(ann, 'count', (value) => countText(value, 'argument'));
  for (let index = 0; index < count; index++) {
    ann.open(`argument ${index}`);
    const size = annotateLine(ann, 'length', sizeText);
    const start = ann.pos;
    ann.leaf('data', start + size, () => quotedText(bytes, start, start + size));
    ann.leaf('line end', ann.pos + 2, '"\\r\\n"');
    ann.close(() => quotedText(bytes, start, start + size));
  }
}

/** `*3\r\n` or `$5\r\n`, which is known to be whole. */
function annotateLine(ann: Annotator, label: string, describe: (value: number) => string): number {
  const { bytes, pos } = ann;
  const next = bytes.indexOf(0x0a, pos) + 1;
  const value = Number(String.fromCharCode(...bytes.subarray(pos + 1, next - 2)));
  ann.leaf(label, next, () => describe(value));
  return value;
}

function hexText16(value: bigint): string {
  return value.toString(16).padStart(16, '0');
}
