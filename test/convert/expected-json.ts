/** The lines of ndjson.md made from the model with JSON.stringify: slow, plain, and nothing shared with the exporter. */
import type {
  HashField,
  KeyEntry,
  ModuleItem,
  RdbValue,
  StreamGroup,
  StreamId,
  StreamState,
  VectorSet,
} from '../../src/rdb/model.js';

/** `large`: the value was streamed. */
export function expectedLine(entry: KeyEntry, large = false): string {
  const { value } = entry;
  const members: [string, string][] = [
    ['db', String(entry.db)],
    ['key', text(entry.key)],
    ['type', JSON.stringify(value.type)],
    ['encoding', JSON.stringify(value.encoding)],
    ['rdbType', String(entry.rdbType)],
  ];
  if (entry.expireAtMs !== undefined) members.push(['expireAt', String(entry.expireAtMs)]);
  if (entry.idleSeconds !== undefined) members.push(['idle', String(entry.idleSeconds)]);
  if (entry.freq !== undefined) members.push(['freq', String(entry.freq)]);
  if (large) members.push(['large', 'true']);
  members.push(['value', large ? largeText(value) : valueText(value)]);
  if (value.type === 'hash' && !large) {
    const timed = value.fields.filter((field) => field.expireAtMs !== undefined);
    const inPairs = !isObject(value.fields.map(({ field }) => field));
    const times = timed.map(({ field, expireAtMs }): [Uint8Array, string] => [field, String(expireAtMs)]);
    if (timed.length > 0) members.push(['fieldExpireAt', objectOrPairs(times, inPairs)]);
  }
  return object(members);
}

/** A byte string under the encoding `auto`. */
export function text(bytes: Uint8Array): string {
  const utf8 = asUtf8(bytes);
  return utf8 === undefined ? `{"$b64":"${Buffer.from(bytes).toString('base64')}"}` : JSON.stringify(utf8);
}

export function asUtf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function valueText(value: RdbValue): string {
  switch (value.type) {
    case 'string':
      return text(value.value);
    case 'list':
      return list(value.items.map(text));
    case 'set':
      return list(value.members.map(text));
    case 'zset':
      return list(
        [...value.members]
          .sort((a, b) => a.score - b.score || Buffer.compare(a.member, b.member))
          .map(({ member, score }) => list([text(member), scoreText(score)])),
      );
    case 'hash':
      return fieldsText(value.fields);
    case 'stream':
      return streamText(
        value.entries.map(({ id, fields }) => [id, fields]),
        value.state!,
      );
    case 'array':
      return object([
        ...(value.insertIndex === undefined ? [] : [['insertIndex', bigText(value.insertIndex)] as [string, string]]),
        ['elements', list(value.elements.map((element) => list([bigText(element.index), text(element.value)])))],
      ]);
    case 'module':
      return object([
        ['module', JSON.stringify(value.module)],
        ['version', String(value.version)],
        ['items', list(value.items.map(itemText))],
        ...(value.decoded === undefined ? [] : [['decoded', vectorSetText(value.decoded)] as [string, string]]),
      ]);
    case 'pathhash':
      return objectOrPairs(value.paths.map(({ path, fields }) => [path, fieldsText(fields)]));
    case 'cron':
      return object([
        ['script', text(value.script)],
        ['start', String(value.startMs)],
        ['interval', String(value.intervalMs)],
        ['keys', list(value.keys.map(text))],
        ['args', list(value.args.map(text))],
      ]);
  }
}

/** Nothing sorted, nothing looked for, nothing decoded. */
function largeText(value: RdbValue): string {
  switch (value.type) {
    case 'hash':
      return pairs(value.fields.map((field) => [text(field.field), text(field.value), ...timeOf(field)]));
    case 'zset':
      return list(value.members.map(({ member, score }) => list([text(member), scoreText(score)])));
    case 'module': {
      const { decoded: _, ...rest } = value;
      return valueText(rest);
    }
    case 'pathhash':
      return pairs(
        value.paths.map(({ path, fields }) => [
          text(path),
          pairs(fields.map((field) => [text(field.field), text(field.value)])),
        ]),
      );
    default:
      return valueText(value);
  }
}

function timeOf(field: HashField): string[] {
  return field.expireAtMs === undefined ? [] : [String(field.expireAtMs)];
}

function pairs(items: readonly (readonly string[])[]): string {
  return object([['$pairs', list(items.map(list))]]);
}

function fieldsText(fields: readonly HashField[]): string {
  return objectOrPairs(fields.map(({ field, value }) => [field, text(value)]));
}

function streamText(entries: readonly [StreamId, Uint8Array[]][], state: StreamState): string {
  const members: [string, string][] = [
    [
      'entries',
      list(
        entries.map(([id, fields]) =>
          object([
            ['id', idText(id)],
            ['fields', list(fields.map(text))],
          ]),
        ),
      ),
    ],
    ['length', String(state.length)],
    ['lastId', idText(state.lastId)],
  ];
  if (state.firstId) members.push(['firstId', idText(state.firstId)]);
  if (state.maxDeletedId) members.push(['maxDeletedId', idText(state.maxDeletedId)]);
  if (state.entriesAdded !== undefined) members.push(['entriesAdded', bigText(state.entriesAdded)]);
  members.push(['groups', list(state.groups.map(groupText))]);
  const { idmp } = state;
  if (idmp !== undefined) {
    const producers = idmp.producers.map(({ id, entries: known }) =>
      object([
        ['id', text(id)],
        [
          'entries',
          list(
            known.map((one) =>
              object([
                ['iid', text(one.iid)],
                ['id', idText(one.id)],
              ]),
            ),
          ),
        ],
      ]),
    );
    members.push([
      'idmp',
      object([
        ['duration', String(idmp.durationSeconds)],
        ['maxEntries', String(idmp.maxEntries)],
        ['producers', list(producers)],
        ['added', bigText(idmp.iidsAdded)],
        ['duplicates', bigText(idmp.iidsDuplicates)],
      ]),
    ]);
  }
  return object(members);
}

function groupText(group: StreamGroup): string {
  const members: [string, string][] = [
    ['name', text(group.name)],
    ['lastId', idText(group.lastId)],
  ];
  if (group.entriesRead !== undefined) {
    members.push(['entriesRead', group.entriesRead === -1n ? 'null' : bigText(group.entriesRead)]);
  }
  const pending = group.pending.map((entry) =>
    object([
      ['id', idText(entry.id)],
      ['consumer', entry.consumer === undefined ? 'null' : text(entry.consumer)],
      ['deliveredAt', String(entry.deliveredAtMs)],
      ['deliveries', bigText(entry.deliveries)],
    ]),
  );
  const consumers = group.consumers.map(({ name, seenAtMs, activeAtMs }) =>
    object([
      ['name', text(name)],
      ['seenAt', String(seenAtMs)],
      ...(activeAtMs === undefined
        ? []
        : [['activeAt', activeAtMs === -1 ? 'null' : String(activeAtMs)] as [string, string]]),
    ]),
  );
  members.push(['pending', list(pending)], ['consumers', list(consumers)]);
  if (group.nacked) members.push(['nacked', list(group.nacked.map(idText))]);
  return object(members);
}

function itemText(item: ModuleItem): string {
  if (item.kind === 'sint' || item.kind === 'uint') return object([[item.kind, `"${item.value}"`]]);
  return object([[item.kind, item.kind === 'string' ? text(item.value) : String(item.value)]]);
}

function vectorSetText(set: VectorSet): string {
  const elements = set.elements.map(({ element, attribute, level, vector }) =>
    object([
      ['element', text(element)],
      ...(attribute === undefined ? [] : [['attribute', text(attribute)] as [string, string]]),
      ['level', String(level)],
      ['vector', list(vector.map(String))],
    ]),
  );
  return object([
    ['dim', String(set.dim)],
    ['quantization', JSON.stringify(set.quantization)],
    ['m', String(set.m)],
    ...(set.projectionInputDim === undefined
      ? []
      : [['projectionInputDim', String(set.projectionInputDim)] as [string, string]]),
    ['elements', list(elements)],
  ]);
}

function objectOrPairs(members: readonly (readonly [Uint8Array, string])[], always = false): string {
  if (!always && isObject(members.map(([name]) => name))) {
    return object(members.map(([name, value]) => [asUtf8(name)!, value]));
  }
  return pairs(members.map(([name, value]) => [text(name), value]));
}

function isObject(names: readonly Uint8Array[]): boolean {
  const texts = names.map(asUtf8);
  return (
    !texts.includes(undefined) &&
    new Set(texts).size === texts.length &&
    !(texts.length === 1 && texts[0]!.startsWith('$'))
  );
}

function scoreText(score: number): string {
  if (Object.is(score, -0)) return '-0';
  return Number.isFinite(score) ? String(score) : score > 0 ? '"inf"' : '"-inf"';
}

function bigText(value: bigint): string {
  return value > 2n ** 53n || value < -(2n ** 53n) ? `"${value}"` : String(value);
}

function idText(id: StreamId): string {
  return `"${id.ms}-${id.seq}"`;
}

function list(items: readonly string[]): string {
  return `[${items.join(',')}]`;
}

/** Made by hand: a JavaScript object would put names that look like integers first. */
function object(members: readonly (readonly [string, string])[]): string {
  return `{${members.map(([name, value]) => `${JSON.stringify(name)}:${value}`).join(',')}}`;
}
