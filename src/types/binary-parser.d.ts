/**
 * What we use of `binary-parser` 2.3. Its own declarations are not reachable through its export map under NodeNext.
 * Only fixed-width fields: everything of variable length is read by cursors.
 */
declare module 'binary-parser' {
  /** A layout under construction: each method adds one field and returns the same object. */
  export class Parser {
    uint8(name: string): this;
    uint16le(name: string): this;
    uint32le(name: string): this;
    /** Yields a bigint, as does {@link uint64be}. */
    uint64le(name: string): this;
    uint64be(name: string): this;
    /** `length` is in bytes. */
    string(name: string, options: { readonly length: number; readonly encoding: string }): this;
    /** Compiles with `new Function` at its first call; the result has one property per field. */
    parse(bytes: Uint8Array): Record<string, number | bigint | string>;
  }
}
