/** The other LZF implementation that ours is held against in tests. */
declare module 'lzfjs' {
  /** Any bytes to an LZF stream, which is longer than they are where nothing repeats. */
  export function compress(bytes: Uint8Array): Uint8Array;
  /** An LZF stream to its bytes. */
  export function decompress(bytes: Uint8Array): Uint8Array;
}
