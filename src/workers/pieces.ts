/** Output that crosses threads: pieces, which lie in memory that has been lent as far as there is room. */

export class Pieces {
  private pieces: Uint8Array[] = [];
  private memory = new Uint8Array(0);
  /** Where the piece in hand begins and ends. */
  private start = 0;
  private end = 0;

  /** Pieces lie here from now on. */
  lend(memory: ArrayBuffer): void {
    this.close();
    this.memory = new Uint8Array(memory);
    this.start = 0;
    this.end = 0;
  }

  /** Copies `bytes[start, end)` behind what is there. */
  write(bytes: Uint8Array, start: number, end: number): void {
    if (this.end + end - start > this.memory.length) {
      this.close();
      this.pieces.push(bytes.slice(start, end));
      return;
    }
    this.memory.set(bytes.subarray(start, end), this.end);
    this.end += end - start;
  }

  /** What has come together since the last call. */
  take(): Uint8Array[] {
    this.close();
    const { pieces } = this;
    this.pieces = [];
    return pieces;
  }

  private close(): void {
    if (this.end > this.start) this.pieces.push(this.memory.subarray(this.start, this.end));
    this.start = this.end;
  }
}

export function memoryOf(pieces: readonly Uint8Array[]): ArrayBuffer[] {
  return pieces.map(({ buffer }) => buffer as ArrayBuffer);
}
