/** Seeded values for a server's dataset: on the boundaries of every encoding, and noise between them. */
import { ALMOST_INTEGERS, INTEGER_BOUNDARIES } from './packed.js';
import { random } from './random.js';
import type { Argument } from './resp-client.js';

const WORDS = 'lorem ipsum dolor sit amet consectetur adipiscing elit sed do eiusmod tempor incididunt ut labore'.split(
  ' ',
);

/** Both sides of every width in which strings, ziplists and listpacks write a length. */
export const EDGE_LENGTHS = [
  0, 1, 3, 4, 5, 11, 20, 21, 44, 45, 62, 63, 64, 65, 127, 128, 253, 254, 255, 256, 4095, 4096,
];

/** As ZADD takes them. */
export const SCORES = [
  '0',
  '-0',
  '1',
  '-1',
  '1.5',
  '0.1',
  '-1e-5',
  '1e17',
  '9007199254740992',
  '9007199254740993',
  '1e300',
]
  .concat(['-1e300', '5e-324', '2.2250738585072014e-308', '1.7976931348623157e308', '127', '128', '-129', '4095'])
  .concat(['4096', '32768', '8388608', '-2147483649', '9223372036854775807', '-9223372036854775808', '17179869184.5'])
  .concat(['1e21', '123456789.123456789', '0.3333333333333333', 'inf', '-inf']);

export const INTEGERS: readonly string[] = INTEGER_BOUNDARIES.map(String);

/** One stream of values: the same for the same seed and the same calls. */
export class Values {
  private readonly next: () => number;

  constructor(seed: number) {
    this.next = random(seed);
  }

  /** 0 to below − 1. */
  below(bound: number): number {
    return Math.floor(this.next() * bound);
  }

  chance(share: number): boolean {
    return this.next() < share;
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!;
  }

  /** Words: LZF makes them shorter. */
  text(size: number): string {
    let text = '';
    while (text.length < size) text += `${this.pick(WORDS)} `;
    return text.slice(0, size);
  }

  /** Bytes that nothing makes shorter. */
  noise(size: number): Uint8Array {
    return Uint8Array.from({ length: size }, () => this.below(256));
  }

  /** Something small: a number of any width, what almost is one, text, bytes. */
  element(): Argument {
    switch (this.below(8)) {
      case 0:
      case 1:
        return this.pick(INTEGERS);
      case 2:
        return this.pick(ALMOST_INTEGERS);
      case 3:
        return this.below(200_000) - 100_000;
      case 4:
        return this.noise(this.below(24));
      case 5:
        return 'r'.repeat(this.pick(EDGE_LENGTHS.slice(0, 14)));
      default:
        return `${this.text(this.below(40))}${this.below(1000)}`;
    }
  }

  /** As {@link element}, now and then with a length on a boundary of up to 4 KiB. */
  anyElement(): Argument {
    if (!this.chance(0.05)) return this.element();
    const size = this.pick(EDGE_LENGTHS);
    return this.chance(0.5) ? this.noise(size) : this.text(size);
  }

  list<T>(count: number, make: (index: number) => T): T[] {
    return Array.from({ length: count }, (_, index) => make(index));
  }
}
