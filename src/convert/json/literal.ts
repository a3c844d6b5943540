/** A fixed piece of output, laid out in words so that it is written four bytes at a time. */
export interface Literal {
  /** The text's bytes, little endian, zeros behind the last. */
  readonly words: Int32Array;
  /** Bytes of the text. */
  readonly size: number;
}

/** `text` is ASCII. */
export function literal(text: string): Literal {
  const words = new Int32Array(Math.ceil(text.length / 4));
  for (let index = 0; index < text.length; index++) words[index >> 2]! |= text.charCodeAt(index) << (8 * (index & 3));
  return { words, size: text.length };
}
