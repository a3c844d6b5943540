/**
 * What we use of `binary-parser` 2.3. Its own declarations are not reachable through its export map under NodeNext.
 * Only fixed-width numbers: everything of variable length is read by cursors.
 */
declare module 'binary-parser' {
  /** `stripNull`, `encoding` and `length` are for strings; `length` is in bytes. */
  export interface FieldOptions {
    readonly length?: number | 'greedy';
    readonly encoding?: string;
    readonly stripNull?: boolean;
    readonly readUntil?: 'eof';
    readonly formatter?: (item: never) => unknown;
  }

  /** A layout under construction: each method adds one field and returns the same object. 64-bit fields yield bigint. */
  export class Parser {
    static start(): Parser;
    endianness(endianness: 'little' | 'big'): this;
    uint8(name: string, options?: FieldOptions): this;
    uint16le(name: string, options?: FieldOptions): this;
    uint16be(name: string, options?: FieldOptions): this;
    uint32le(name: string, options?: FieldOptions): this;
    uint32be(name: string, options?: FieldOptions): this;
    uint64le(name: string, options?: FieldOptions): this;
    uint64be(name: string, options?: FieldOptions): this;
    int8(name: string, options?: FieldOptions): this;
    int16le(name: string, options?: FieldOptions): this;
    int16be(name: string, options?: FieldOptions): this;
    int32le(name: string, options?: FieldOptions): this;
    int32be(name: string, options?: FieldOptions): this;
    int64le(name: string, options?: FieldOptions): this;
    int64be(name: string, options?: FieldOptions): this;
    floatle(name: string, options?: FieldOptions): this;
    doublele(name: string, options?: FieldOptions): this;
    doublebe(name: string, options?: FieldOptions): this;
    string(name: string, options: FieldOptions): this;
    buffer(name: string, options: FieldOptions): this;
    seek(lengthBytes: number): this;
    /** Compiles with `new Function` on first use of `parse`; the object has one property per named field. */
    compile(): void;
    sizeOf(): number;
    parse(bytes: Uint8Array): Record<string, number | bigint | string | Uint8Array>;
  }
}
