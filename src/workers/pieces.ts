/** Output that crosses threads: pieces of memory that come back to be filled again, so that nothing is left to be collected. */

const PIECE_BYTES = 256 * 1024;

export class Pieces {
  private spare: ArrayBuffer[] = [];
  private full: Uint8Array[] = [];
  private piece: Uint8Array | undefined;
  private used = 0;

  /** Copies `bytes[start, end)` behind what is there. */
  write(bytes: Uint8Array, start: number, end: number): void {
    for (let pos = start; pos < end; ) {
      this.piece ??= new Uint8Array(this.spare.pop() ?? new ArrayBuffer(PIECE_BYTES));
      const size = Math.min(end - pos, PIECE_BYTES - this.used);
      this.piece.set(bytes.subarray(pos, pos + size), this.used);
      this.used += size;
      pos += size;
      if (this.used === PIECE_BYTES) this.close();
    }
  }

  /** What has come together; it is given away. */
  take(): Uint8Array[] {
    this.close();
    const { full } = this;
    this.full = [];
    return full;
  }

  /** Memory of pieces that nobody needs any more. */
  reuse(buffers: readonly ArrayBuffer[]): void {
    for (const buffer of buffers) if (buffer.byteLength === PIECE_BYTES) this.spare.push(buffer);
  }

  private close(): void {
    if (this.used === 0) return;
    this.full.push(this.piece!.subarray(0, this.used));
    this.piece = undefined;
    this.used = 0;
  }
}

export function memoryOf(pieces: readonly Uint8Array[]): ArrayBuffer[] {
  return pieces.map(({ buffer }) => buffer as ArrayBuffer);
}
