/** A score as the servers of a generation write it in commands (aof-format.md §6). */
import { formatUint53 } from '../../bytes/int64.js';
import { formatScore17 } from '../../codecs/double.js';
import { formatFpconv, MAX_FPCONV_TEXT } from '../../codecs/fpconv.js';
import type { CommandForms } from './forms.js';

/** Whole numbers below are plain digits in both notations. */
const PLAIN = 1e8;
const MINUS = 0x2d;

export class ScoreText {
  /** The text of the last score, from 0 on. */
  readonly bytes = new Uint8Array(MAX_FPCONV_TEXT + 4);

  constructor(private readonly form: CommandForms['score']) {}

  /** Puts the text of `score` into {@link bytes} and returns its size. */
  format(score: number): number {
    const { bytes } = this;
    if (score > -PLAIN && score < PLAIN && score === Math.trunc(score) && !Object.is(score, -0)) {
      if (score >= 0) return formatUint53(score, bytes, 0);
      bytes[0] = MINUS;
      return formatUint53(-score, bytes, 1);
    }
    if (this.form === 'fpconv') return formatFpconv(score, bytes, 0);
    const text = formatScore17(score);
    for (let index = 0; index < text.length; index++) bytes[index] = text.charCodeAt(index);
    return text.length;
  }
}
