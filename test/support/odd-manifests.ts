/** Manifests as nobody writes them: for holding our parser against the servers'. Seeded. */

/** One manifest, valid or not, in bytes; `next` gives numbers in [0, 1). */
export function oddManifest(next: () => number): Uint8Array {
  return Uint8Array.from(new OddManifest(next).text(), (char) => char.charCodeAt(0));
}

const NAMES = ['a.1.base.rdb', 'a.1.incr.aof', 'a.2.incr.aof', 'x', '#x', 'file', "it's", 'we ird', 'q"q', '\xe9\xff'];
const ODD_NAMES = ['\xc3\xa9', 'tab\tx', '\x01\x7f', '\x0bv'];
const BAD_NAMES = ['', 'a/b', 'a\\b', '/', '\0cut', 'nul\0cut', '..', 'y'.repeat(200), 'y'.repeat(990)];
const ODD_NUMBERS = ['0', '-1', '+7', ' 8', '9z', 'z', '', `${'9'.repeat(20)}`, `-${'9'.repeat(20)}`, '0x10', '007'];
const OTHER_KEYS = ['startoffset', 'endoffset', 'unknown', '', 'seq', 'FILE'];
const OTHER_LINES = ['# note\n', '#\n', ' # late\n', '#a\0b\n', '\n', ' \n', '\0\n'];
const LONG_COMMENTS = [`#${'c'.repeat(1022)}\n`, `#${'c'.repeat(1100)}\n`];

class OddManifest {
  private incr = 0;
  private hadBase = false;

  constructor(private readonly next: () => number) {}

  text(): string {
    let text = '';
    for (let count = this.below(4) + (this.rarely(0.9) ? 1 : 0); count > 0; count--) {
      if (this.rarely(0.1)) text += this.pick([...OTHER_LINES, this.pick(LONG_COMMENTS)]);
      text += this.line() + this.lineEnd();
    }
    return this.rarely(0.05) ? `${text}# the end` : text;
  }

  private line(): string {
    const type = this.type();
    if (type === 'b') this.hadBase = this.rarely(0.9);
    const seq = this.seq(type);
    const pairs = [
      [this.key('file'), this.word(this.name())],
      [this.key('seq'), this.rarely(0.8) ? seq : this.quoted(seq)],
      [this.key('type'), this.rarely(0.8) ? type + (this.rarely(0.1) ? 'zz' : '') : this.quoted(type)],
    ];
    if (this.rarely(0.2)) pairs.push([this.pick(OTHER_KEYS), this.pick(['1', '-5', 'x', '"a b"'])]);
    if (this.rarely(0.15)) pairs.sort(() => this.next() - 0.5);
    if (this.rarely(0.03)) pairs.pop();
    if (this.rarely(0.03)) pairs[0]!.pop();
    const text = pairs.map((pair) => pair.join(this.blank())).join(this.blank());
    return (this.rarely(0.1) ? this.blank() : '') + text + (this.rarely(0.1) ? this.blank() : '');
  }

  private lineEnd(): string {
    if (!this.rarely(0.05)) return this.pick(['\n', '\n', '\n', '\r\n']);
    return this.pick(['', '\0\n', ` unknown ${'u'.repeat(this.rarely(0.5) ? 900 : 1000)}\n`]);
  }

  private type(): string {
    if (this.rarely(0.05)) return this.pick(['x', '', 'B', '\0', '"']);
    return this.pick(this.hadBase ? ['i', 'i', 'h'] : ['b', 'b', 'i', 'h']);
  }

  private seq(type: string): string {
    if (this.rarely(0.12)) return this.pick(ODD_NUMBERS);
    if (type !== 'i') return String(1 + this.below(9));
    this.incr++;
    return String(this.incr + this.below(2));
  }

  private key(text: string): string {
    if (!this.rarely(0.1)) return text;
    return this.pick([text.toUpperCase(), `"${text}"`, `${text}\\x00`, text.slice(1), `"${text}\\x00z"`]);
  }

  private name(): string {
    return this.pick(this.rarely(0.08) ? BAD_NAMES : [...NAMES, ...ODD_NAMES]);
  }

  private word(text: string): string {
    if (this.rarely(0.5) && /^[!#-&(-[\]-~]+$/.test(text)) return text;
    if (this.rarely(0.04)) return text;
    if (this.rarely(0.2) && text.length > 1) return text.slice(0, 1) + this.quoted(text.slice(1));
    return this.rarely(0.1) ? this.quoted(text) + this.pick(['', 'x', '\x0b', '"', "'"]) : this.quoted(text);
  }

  private quoted(text: string): string {
    if (this.rarely(0.3)) return `'${text.replaceAll("'", "\\'").replaceAll('\0', '')}'`;
    if (this.rarely(0.03)) return `"${text}\\`;
    return `"${Array.from(text, (char) => this.escaped(char)).join('')}"`;
  }

  private escaped(char: string): string {
    if (char === '"' || char === '\\') return `\\${char}`;
    if (char === '\0' || this.rarely(0.1)) return `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`;
    if (this.rarely(0.05)) return /[ntrbax0-9]/.test(char) ? char : `\\${char}`;
    return char;
  }

  private blank(): string {
    return this.rarely(0.9) ? ' ' : this.pick(['\t', '  ', ' \t ', '\r', ' \x0b', '\x0c ', '\x0b']);
  }

  private pick<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)]!;
  }

  private below(limit: number): number {
    return Math.floor(this.next() * limit);
  }

  private rarely(share: number): boolean {
    return this.next() < share;
  }
}
