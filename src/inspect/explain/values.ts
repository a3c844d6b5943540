/** Which annotator reads which value type, and how types and opcodes are named. */
import { UnsupportedError } from '../../bytes/errors.js';
import { Int64 } from '../../bytes/int64.js';
import type { Slice } from '../../bytes/slice.js';
import { parseScore } from '../../codecs/double.js';
import { parseDecimal64 } from '../../codecs/listpack.js';
import { type Dialect, OPCODE, TYPE } from '../../rdb/constants.js';
import type { StreamVersion } from '../../rdb/types/stream.js';
import type { Annotator } from './annotator.js';
import {
  annotateArray,
  annotateCounted,
  annotateCron,
  annotatePair,
  annotatePathHash,
  annotateQuicklist,
  annotateQuicklist2,
  annotateScored,
  annotateStrings,
  annotateTimedFields,
  annotateValkeyFields,
} from './collections.js';
import { contentText, type EntryRole, listpackWalk, type RoleOf } from './listpack.js';
import { annotateModule } from './modules.js';
import { annotateIntset, annotateZipmap, ziplistWalk } from './packed.js';
import { annotateStream } from './stream.js';
import { annotateString, annotateTime, type PackedWalk } from './strings.js';
import {
  annotateNamedListpack,
  annotateNamedStrings,
  annotateReferringListpack,
  annotateReferringStrings,
  type Templates,
} from './templates.js';
import { hexText, numberText, timeText } from './text.js';

/** What must be known of a file to read its records. */
export interface FileFacts {
  readonly dialect: Dialect;
  readonly version: number;
  readonly templates: Templates;
}

type ValueAnnotator = (ann: Annotator, templates: Templates) => void;

/** The value of a key of this type, from the position on. */
export function annotateValue(ann: Annotator, rdbType: number, file: FileFacts): void {
  const annotate = (file.dialect === 'valkey' ? VALKEY : REDIS)[rdbType] ?? SHARED[rdbType];
  if (annotate === undefined) {
    throw new UnsupportedError('UNSUPPORTED_TYPE', `values of type ${rdbType} cannot be read`, ann.pos);
  }
  annotate(ann, file.templates);
}

/** `HASH_LISTPACK`; undefined for a byte that is no type of the dialect. */
export function typeName(rdbType: number, dialect: Dialect): string | undefined {
  return nameOf(TYPE, rdbType, dialect === 'valkey' ? 'V_' : 'R_', dialect === 'valkey' ? 'R_' : 'V_');
}

/** `EXPIRETIME_MS`; undefined for a byte that is no opcode of the dialect. */
export function opcodeName(opcode: number, dialect: Dialect): string | undefined {
  const [own, foreign] = dialect === 'valkey' ? ['VALKEY_', 'REDIS_'] : ['REDIS_', 'VALKEY_'];
  return nameOf(OPCODE, opcode, own!, foreign!);
}

/** `EXPIRETIME_MS (FC)`. */
export function opcodeText(opcode: number, dialect: Dialect): string {
  return `${opcodeName(opcode, dialect) ?? 'unknown'} (${hexText(opcode)})`;
}

function nameOf(
  table: Readonly<Record<string, number>>,
  byte: number,
  own: string,
  foreign: string,
): string | undefined {
  for (const [name, value] of Object.entries(table)) {
    if (value === byte && !name.startsWith(foreign)) return name.startsWith(own) ? name.slice(own.length) : name;
  }
  return undefined;
}

const FIELD: EntryRole = { name: 'field' };
const VALUE: EntryRole = { name: 'value' };
const MEMBER: EntryRole = { name: 'member' };
const SCORE: EntryRole = { name: 'score', describe: scoreText };
const EXPIRY: EntryRole = { name: 'expiry', describe: expiryText };

/** Roles that come in turn. */
function cycle(...roles: readonly EntryRole[]): RoleOf {
  return (index) => roles[index % roles.length];
}

const PAIRS = cycle(FIELD, VALUE);
const SCORED = cycle(MEMBER, SCORE);
const TRIPLETS = cycle(FIELD, VALUE, EXPIRY);

const SHARED: Readonly<Record<number, ValueAnnotator>> = {
  [TYPE.STRING]: (ann) => annotateString(ann, 'value'),
  [TYPE.LIST]: inValue((ann) => annotateStrings(ann, 'item')),
  [TYPE.SET]: inValue((ann) => annotateStrings(ann, 'member')),
  [TYPE.ZSET]: inValue((ann) => annotateScored(ann, true)),
  [TYPE.HASH]: inValue((ann) => annotateCounted(ann, 'pair', () => annotatePair(ann))),
  [TYPE.ZSET_2]: inValue((ann) => annotateScored(ann, false)),
  [TYPE.MODULE_2]: inValue(annotateModule),
  [TYPE.HASH_ZIPMAP]: packed(annotateZipmap),
  [TYPE.LIST_ZIPLIST]: packed(ziplistWalk()),
  [TYPE.SET_INTSET]: packed(annotateIntset),
  [TYPE.ZSET_ZIPLIST]: packed(ziplistWalk(SCORED)),
  [TYPE.HASH_ZIPLIST]: packed(ziplistWalk(PAIRS)),
  [TYPE.LIST_QUICKLIST]: inValue(annotateQuicklist),
  [TYPE.STREAM_LISTPACKS]: stream(1),
  [TYPE.HASH_LISTPACK]: packed(listpackWalk(PAIRS)),
  [TYPE.ZSET_LISTPACK]: packed(listpackWalk(SCORED)),
  [TYPE.LIST_QUICKLIST_2]: inValue(annotateQuicklist2),
  [TYPE.STREAM_LISTPACKS_2]: stream(2),
  [TYPE.SET_LISTPACK]: packed(listpackWalk()),
  [TYPE.STREAM_LISTPACKS_3]: stream(3),
};

const REDIS: Readonly<Record<number, ValueAnnotator>> = {
  [TYPE.R_HASH_METADATA_PRE_GA]: inValue((ann) => annotateTimedFields(ann, false)),
  [TYPE.R_HASH_LISTPACK_EX_PRE_GA]: packed(listpackWalk(TRIPLETS)),
  [TYPE.HASH_METADATA]: inValue((ann) => annotateTimedFields(ann, true)),
  [TYPE.HASH_LISTPACK_EX]: inValue((ann) => {
    annotateTime(ann, 'minimum expiry');
    annotateString(ann, 'fields', { packed: listpackWalk(TRIPLETS) });
  }),
  [TYPE.STREAM_LISTPACKS_4]: stream(4),
  [TYPE.STREAM_LISTPACKS_5]: stream(5),
  [TYPE.ARRAY]: inValue(annotateArray),
  [TYPE.HASH_TMPL_LP]: inValue(annotateNamedListpack),
  [TYPE.HASH_TMPL_LP_REF]: annotateReferringListpack,
  [TYPE.HASH_TMPL_ARRAY]: inValue(annotateNamedStrings),
  [TYPE.HASH_TMPL_ARRAY_REF]: inValue(annotateReferringStrings),
  [TYPE.KEYDB_CRON]: inValue(annotateCron),
};

const VALKEY: Readonly<Record<number, ValueAnnotator>> = {
  [TYPE.V_HASH_2]: inValue(annotateValkeyFields),
  [TYPE.V_PATH_HASH]: inValue(annotatePathHash),
};

/** A value of several parts. */
function inValue(annotate: ValueAnnotator): ValueAnnotator {
  return (ann, templates) => ann.group('value', () => annotate(ann, templates));
}

/** A value that is one packed string. */
function packed(walk: PackedWalk): ValueAnnotator {
  return (ann) => annotateString(ann, 'value', { packed: walk });
}

function stream(version: StreamVersion): ValueAnnotator {
  return inValue((ann) => annotateStream(ann, version));
}

function scoreText(content: Slice): string {
  return numberText(parseScore(content.bytes, content.start, content.end));
}

function expiryText(content: Slice): string {
  const time = new Int64();
  if (!parseDecimal64(content.bytes, content.start, content.end, time)) return contentText(content);
  return time.hi === 0 && time.lo === 0 ? '0 (none)' : timeText(time);
}
