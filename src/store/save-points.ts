/** When a server saves by itself: `save <seconds> <changes> [<seconds> <changes> …]` (aof-format.md §4.7). */

/** After so many seconds, if there were as many changes. */
export interface SavePoint {
  readonly seconds: number;
  readonly changes: number;
}

/** What the rule looks at. */
export interface SaveState {
  /** Since the last save that succeeded, as commands count them. */
  readonly changes: number;
  /** Unix seconds of the last save that succeeded, or of the start. */
  readonly lastSave: number;
  /** Unix seconds of the last attempt. */
  readonly lastTry: number;
  readonly hasFailed: boolean;
}

/** `save 3600 1 300 100 60 10000`. */
export const DEFAULT_SAVE_POINTS: readonly SavePoint[] = [
  { seconds: 3600, changes: 1 },
  { seconds: 300, changes: 100 },
  { seconds: 60, changes: 10_000 },
];

/** After a failure nobody tries again so soon (CONFIG_BGSAVE_RETRY_DELAY). */
const RETRY_SECONDS = 5;

/** From the text of the configuration; empty for none. Undefined where the server refuses it. */
export function parseSavePoints(text: string): SavePoint[] | undefined {
  const words = text.split(/\s+/).filter((word) => word !== '');
  const points: SavePoint[] = [];
  for (let at = 0; at < words.length; at += 2) {
    const [seconds, changes] = [words[at]!, words[at + 1] ?? ''].map((word) =>
      /^\d+$/.test(word) ? Number(word) : -1,
    );
    if (seconds! < 1 || changes! < 0) return undefined;
    points.push({ seconds: seconds!, changes: changes! });
  }
  return points;
}

export function formatSavePoints(points: readonly SavePoint[]): string {
  return points.map(({ seconds, changes }) => `${seconds} ${changes}`).join(' ');
}

/** The point at which it is time to save; undefined while there is none. */
export function dueSavePoint(
  points: readonly SavePoint[],
  { changes, lastSave, lastTry, hasFailed }: SaveState,
  nowSeconds: number,
): SavePoint | undefined {
  if (hasFailed && nowSeconds - lastTry <= RETRY_SECONDS) return undefined;
  return points.find((point) => changes >= point.changes && nowSeconds - lastSave > point.seconds);
}
