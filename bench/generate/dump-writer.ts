import { closeSync, openSync, renameSync, writeSync } from 'node:fs';
import { Prng } from './prng.js';
import { base64Text } from './text.js';

const BUFFER_BYTES = 1 << 22;
/** No single put is longer than this; longer strings go in pieces. */
const MAX_PUT_BYTES = 1 << 16;
const POOL_BYTES = 1 << 20;

const OPCODE_AUX = 0xfa;
const OPCODE_RESIZE_DB = 0xfb;
const OPCODE_SELECT_DB = 0xfe;
const OPCODE_EOF = 0xff;

/** Writes the bytes of one RDB version 10 file in sequence. The file gets its name when it is finished. */
export class DumpWriter {
  readonly #path: string;
  readonly #file: number;
  readonly #buffer = Buffer.allocUnsafe(BUFFER_BYTES);
  readonly #random = new Prng(2001);
  readonly #pool: Buffer;
  #used = 0;

  /** Opens the file and writes header, one aux field, db 0 and its number of keys. */
  constructor(path: string, keys: number, expires: number) {
    this.#path = path;
    this.#file = openSync(`${path}.part`, 'w');
    this.#pool = Buffer.from(base64Text(this.#random, POOL_BYTES + MAX_PUT_BYTES), 'latin1');
    this.text('REDIS0010');
    this.byte(OPCODE_AUX);
    this.shortString('redis-ver');
    this.shortString('7.0.15');
    this.byte(OPCODE_SELECT_DB);
    this.length(0);
    this.byte(OPCODE_RESIZE_DB);
    this.length(keys);
    this.length(expires);
  }

  byte(value: number): void {
    this.#room(1);
    this.#buffer[this.#used++] = value;
  }

  uint16(value: number): void {
    this.#room(2);
    this.#used = this.#buffer.writeUInt16LE(value, this.#used);
  }

  uint32(value: number): void {
    this.#room(4);
    this.#used = this.#buffer.writeUInt32LE(value, this.#used);
  }

  /** A time in Unix ms or another whole number below 2^53, as 64 bits. */
  uint64(value: number): void {
    this.uint32(value % 2 ** 32);
    this.uint32(Math.floor(value / 2 ** 32));
  }

  double(value: number): void {
    this.#room(8);
    this.#used = this.#buffer.writeDoubleLE(value, this.#used);
  }

  /** An RDB length below 2^32, in its shortest form. */
  length(value: number): void {
    this.#room(5);
    if (value < 1 << 6) {
      this.#buffer[this.#used++] = value;
    } else if (value < 1 << 14) {
      this.#used = this.#buffer.writeUInt16BE(0x4000 | value, this.#used);
    } else {
      this.#buffer[this.#used++] = 0x80;
      this.#used = this.#buffer.writeUInt32BE(value, this.#used);
    }
  }

  /** ASCII characters as they are. */
  text(value: string): void {
    this.#room(value.length);
    this.#used += this.#buffer.write(value, this.#used, 'latin1');
  }

  /** An RDB string of ASCII characters. */
  shortString(value: string): void {
    this.length(value.length);
    this.text(value);
  }

  /** `value` in decimal, filled up with zeros to `width` digits. */
  digits(value: number, width: number): void {
    this.#room(width);
    let left = value;
    for (let at = this.#used + width - 1; at >= this.#used; at--) {
      this.#buffer[at] = 0x30 + (left % 10);
      left = Math.floor(left / 10);
    }
    this.#used += width;
  }

  /** `count` random printable characters that LZF could not shrink. */
  noise(count: number): void {
    for (let left = count; left > 0; left -= MAX_PUT_BYTES) {
      const piece = Math.min(left, MAX_PUT_BYTES);
      const from = this.#random.bits(20);
      this.#room(piece);
      this.#used += this.#pool.copy(this.#buffer, this.#used, from, from + piece);
    }
  }

  /** A number of `bits` random bits. */
  random(bits: number): number {
    return this.#random.bits(bits);
  }

  /** Writes the end and a footer of zeros, which means that the file has no checksum; then names the file. */
  finish(): void {
    this.byte(OPCODE_EOF);
    this.uint64(0);
    this.#flush();
    closeSync(this.#file);
    renameSync(`${this.#path}.part`, this.#path);
  }

  #room(bytes: number): void {
    if (this.#used + bytes > this.#buffer.length) this.#flush();
  }

  #flush(): void {
    for (let at = 0; at < this.#used; ) at += writeSync(this.#file, this.#buffer, at, this.#used - at);
    this.#used = 0;
  }
}
