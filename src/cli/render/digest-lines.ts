/** One line per key: its digest, its database, its name. */
import { formatQuoted } from '../../bytes/quote.js';
import { JsonWriter } from '../../convert/json/json-writer.js';
import type { ValueDigest } from '../../engine/digest-value.js';
import type { KeyInfo } from '../../rdb/visitor.js';
import type { EncodingChoice } from '../options.js';
import type { Output } from '../output.js';
import { isRawLine } from './bytes-text.js';

export interface DigestPrinter {
  key(key: KeyInfo, digest: ValueDigest): void;
  flush(): void;
}

/** In the place of a digest that cannot be known. */
export const UNKNOWN_DIGEST = '?'.repeat(40);

const NEWLINE = 0x0a;

/** `0123456789abcdef0123456789abcdef01234567 0 user:1`, the key as `keys` prints it. */
export class DigestLines implements DigestPrinter {
  constructor(private readonly output: Output) {}

  key({ db, key }: KeyInfo, digest: ValueDigest): void {
    const { output } = this;
    const { bytes, start, end } = key;
    output.text(`${digest.unknown === undefined ? digest.hex() : UNKNOWN_DIGEST} ${db} `);
    if (isRawLine(bytes, start, end)) output.write(bytes, start, end);
    else output.text(formatQuoted(bytes, start, end));
    output.byte(NEWLINE);
  }

  flush(): void {}
}

/** `{"db":0,"key":"user:1","type":"hash","digest":"0123…"}`. */
export class DigestNdjson implements DigestPrinter {
  private readonly out: JsonWriter;

  constructor(encoding: EncodingChoice, output: Output) {
    this.out = new JsonWriter(encoding, (bytes, start, end) => output.write(bytes, start, end));
  }

  key({ db, key, type }: KeyInfo, digest: ValueDigest): void {
    const { out } = this;
    out.ascii('{"db":');
    out.count(db);
    out.ascii(',"key":');
    out.slice(key);
    out.ascii(`,"type":"${type}","digest":`);
    out.ascii(digest.unknown === undefined ? `"${digest.hex()}"}` : 'null}');
    out.endLine();
  }

  flush(): void {
    this.out.flush();
  }
}
