/** Text cut to a number of columns of a terminal, where some characters take two. */
import stringWidth from 'string-width';

const GRAPHEMES = new Intl.Segmenter();

/** The text, or its beginning and an ellipsis where it takes more than `width` columns. */
export function fitWidth(text: string, width: number): string {
  if (stringWidth(text) <= width) return text;
  let taken = 0;
  let kept = '';
  for (const { segment } of GRAPHEMES.segment(text)) {
    taken += stringWidth(segment);
    if (taken > width - 1) break;
    kept += segment;
  }
  return `${kept}…`;
}

/** As {@link fitWidth}, leaving out the middle: what tells keys apart often stands at their end. */
export function fitMiddle(text: string, width: number): string {
  if (stringWidth(text) <= width) return text;
  const segments = [...GRAPHEMES.segment(text)].map(({ segment }) => segment);
  const tail = takeWidth(segments.toReversed(), Math.floor((width - 1) / 2)).toReversed();
  const head = takeWidth(segments, width - 1 - stringWidth(tail.join('')));
  return `${head.join('')}…${tail.join('')}`;
}

function takeWidth(segments: readonly string[], width: number): string[] {
  const taken: string[] = [];
  let left = width;
  for (const segment of segments) {
    left -= stringWidth(segment);
    if (left < 0) break;
    taken.push(segment);
  }
  return taken;
}
