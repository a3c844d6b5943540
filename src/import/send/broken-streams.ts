/** Streamed units of which a part did not arrive: what comes behind it is of no use. */
export class BrokenStreams {
  private readonly broken = new Map<number, boolean>();

  /** A unit is begun, perhaps once more. */
  begin(ordinal: number): void {
    this.broken.delete(ordinal);
  }

  /** `isLost`: it has to be read and sent again. False where it was broken already. */
  break(ordinal: number, isLost: boolean): boolean {
    if (this.broken.has(ordinal)) return false;
    this.broken.set(ordinal, isLost);
    return true;
  }

  has(ordinal: number): boolean {
    return this.broken.has(ordinal);
  }

  /** It is not done, whatever becomes of its other parts. */
  isLost(ordinal: number): boolean {
    return this.broken.get(ordinal) === true;
  }
}
