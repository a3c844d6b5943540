/** A value for people, much as redis-cli prints it: numbered lines, strings in quotes. */

import type { Int64 } from '../../bytes/int64.js';
import { formatQuoted } from '../../bytes/quote.js';
import type { Slice } from '../../bytes/slice.js';
import type { StreamIdSlot } from '../../codecs/stream-id.js';
import type { LargeRequest } from '../../rdb/large-value.js';
import type { StreamGroup, StreamId, StreamState } from '../../rdb/model.js';
import { NO_SINK } from '../../rdb/no-sink.js';
import type { KeyInfo } from '../../rdb/visitor.js';
import type { Output } from '../output.js';
import { printableText } from './bytes-text.js';
import { type DecodeChoice, decodeValue, terminalText } from './decode-value.js';
import { indentJson } from './indent-json.js';
import { formatBytes, formatTime, plural, scoreText } from './quantity.js';
import type { Style } from './style.js';
import type { ValuePrinter } from './value-printer.js';

/** Longer strings are cut on a terminal. */
const MAX_TEXT_BYTES = 64 * 1024;

export class TextPrinter implements ValuePrinter {
  private count = 0;

  constructor(
    private readonly output: Output,
    private readonly style: Style,
    private readonly decode: DecodeChoice,
  ) {}

  begin(info: KeyInfo): LargeRequest['sink'] {
    const { type, encoding, db, expireAt, valueBytes } = info;
    const expiry = expireAt === undefined ? 'no expiry' : `expires ${formatTime(expireAt.signed())}`;
    const size = valueBytes === undefined ? 'large' : `${formatBytes(valueBytes)} in the file`;
    this.line(this.style.dim(`${type} (${encoding}) in db ${db}, ${expiry}, ${size}`));
    return {
      ...NO_SINK,
      string: (value) => this.string(value),
      listItem: (item) => this.item(quoted(item)),
      setMember: (member) => this.item(quoted(member)),
      zsetMember: (member, score) => this.item(`${quoted(member)} => ${scoreText(score)}`),
      hashField: (field, value, at) => this.item(`${quoted(field)} => ${quoted(value)}${expiryText(at)}`),
      streamEntry: (id) => this.item(idText(id)),
      streamField: (field, value) => this.line(`   ${quoted(field)} => ${quoted(value)}`),
      streamState: (state) => this.streamState(state),
      moduleStart: (module, version) => this.line(`module ${module}, version ${version}`),
      moduleInteger: (kind, value) => this.item(`(${kind}) ${kind === 'sint' ? value.signed() : value.unsigned()}`),
      moduleNumber: (kind, value) => this.item(`(${kind}) ${scoreText(value)}`),
      moduleString: (value) => this.item(quoted(value)),
      arrayStart: (at) => this.line(at === undefined ? 'nothing was appended' : `last appended at ${at.unsigned()}`),
      arrayElement: (index, value) => this.line(`[${index.unsigned()}] ${quoted(value)}`),
      pathStart: (path) => this.line(`path ${quoted(path)}`),
      cronStart: (script, start, interval) => {
        this.line(`every ${interval.signed()} ms from ${formatTime(start.signed())}: ${quoted(script)}`);
      },
    };
  }

  end(): void {}

  private string(value: Slice): void {
    if (this.decode === 'auto') {
      const { forms, bytes } = decodeValue(value.bytes.subarray(value.start, value.end));
      if (forms.length > 0) this.line(this.style.dim(`${forms.join(', in it ')}: ${formatBytes(bytes.length)}`));
      const text = bytes.length > MAX_TEXT_BYTES ? undefined : (indentJson(bytes) ?? terminalText(bytes));
      this.line(text ?? quotedBytes(bytes, 0, bytes.length));
    } else {
      this.line(quoted(value));
    }
  }

  private item(text: string): void {
    this.line(`${++this.count}) ${text}`);
  }

  private line(text: string): void {
    this.output.text(`${text}\n`);
  }

  private streamState(state: StreamState): void {
    const { length, lastId, firstId, maxDeletedId, entriesAdded, groups } = state;
    const facts = [`length ${length}`, `last id ${modelId(lastId)}`];
    if (firstId !== undefined) facts.push(`first id ${modelId(firstId)}`);
    if (maxDeletedId !== undefined) facts.push(`greatest deleted id ${modelId(maxDeletedId)}`);
    if (entriesAdded !== undefined) facts.push(`${entriesAdded} entries ever added`);
    this.line(facts.join(', '));
    for (const group of groups) this.group(group);
  }

  private group({ name, lastId, entriesRead, pending, consumers }: StreamGroup): void {
    const read = entriesRead === undefined || entriesRead < 0n ? '' : `, ${entriesRead} read`;
    this.line(
      `group ${quotedBytes(name, 0, name.length)}: last id ${modelId(lastId)}${read}, ${plural(pending.length, 'pending entry', 'pending entries')}`,
    );
    for (const consumer of consumers) {
      this.line(
        `   consumer ${quotedBytes(consumer.name, 0, consumer.name.length)}, seen ${formatTime(consumer.seenAtMs)}`,
      );
    }
    for (const { id, consumer, deliveredAtMs, deliveries } of pending) {
      const owner = consumer === undefined ? 'nobody' : quotedBytes(consumer, 0, consumer.length);
      this.line(
        `   pending ${modelId(id)}: ${owner}, delivered ${plural(Number(deliveries), 'time')}, last ${formatTime(deliveredAtMs)}`,
      );
    }
  }
}

function quoted({ bytes, start, end }: Slice): string {
  return quotedBytes(bytes, start, end);
}

/** In quotes: text as it is where it is printable, else with redis-cli's escapes. */
function quotedBytes(bytes: Uint8Array, start: number, end: number): string {
  const stop = Math.min(end, start + MAX_TEXT_BYTES);
  const text = stop === end ? printableText(bytes, start, end) : undefined;
  if (text !== undefined) return `"${text.replace(/["\\]/g, '\\$&')}"`;
  const more = stop < end ? ` and ${plural(end - stop, 'more byte')}` : '';
  return `${formatQuoted(bytes, start, stop)}${more}`;
}

function expiryText(at: Int64 | undefined): string {
  return at === undefined ? '' : ` (expires ${formatTime(at.signed())})`;
}

function idText({ ms, seq }: StreamIdSlot): string {
  return `${ms.unsigned()}-${seq.unsigned()}`;
}

function modelId({ ms, seq }: StreamId): string {
  return `${ms}-${seq}`;
}
