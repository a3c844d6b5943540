/**
 * Digest of a vector set (module `vectorset`) from the items of its dump, as they come (rdb-format.md §8.9, digest.md §6):
 *
 *     UINT dim, UINT nodeCount, UINT config, UINT saveFlags, [UINT inputDim, STRING projection when flags bit 0]
 *     nodeCount × { STRING element, [STRING attribute when flags bit 1], STRING vector, UINT n, n × UINT param }
 *
 * The module gives nodeCount and dim, ends a sequence, then gives for each node the stored bytes of its vector, its element,
 * and its attribute if there is one, and ends a sequence.
 */
import { formatInt64, type Int64, MAX_INT64_TEXT } from '../bytes/int64.js';
import { SHA1_WORDS, sha1 } from '../codecs/sha1.js';
import { addState, clearState, mixHash, mixIn } from './digest-words.js';

const HAS_PROJECTION = 1;
const HAS_ATTRIBUTES = 2;

/** What the next item must be. `broken`: one was something else. */
type Expected =
  | 'dim'
  | 'nodeCount'
  | 'config'
  | 'flags'
  | 'inputDim'
  | 'projection'
  | 'element'
  | 'attribute'
  | 'vector'
  | 'paramCount'
  | 'param'
  | 'nothing'
  | 'broken';

/** In {@link VectorSetDigest.words}: the sequence in hand, the sum of those that have ended, an element, an attribute. */
const SEQUENCE = 0;
const SUM = SHA1_WORDS;
const ELEMENT = 2 * SHA1_WORDS;
const ATTRIBUTE = 3 * SHA1_WORDS;

export class VectorSetDigest {
  private readonly words = new Int32Array(4 * SHA1_WORDS);
  private readonly text = new Uint8Array(MAX_INT64_TEXT);
  private expected: Expected = 'dim';
  private dimSize = 0;
  private nodesLeft = 0;
  private flags = 0;
  private hasAttribute = false;
  private paramsLeft = 0;

  begin(): void {
    clearState(this.words, SEQUENCE);
    clearState(this.words, SUM);
    this.expected = 'dim';
  }

  integer(value: Int64): void {
    const number = value.hi >= 0 && value.isSafe() ? value.toNumber() : NaN;
    // Parameters are 64 bits of anything; everything else is a count or a few flags.
    if (Number.isNaN(number) && this.expected !== 'param') this.expected = 'broken';
    this.expected = this.afterInteger(value, number);
  }

  string(bytes: Uint8Array, start: number, end: number): void {
    this.expected = this.afterString(bytes, start, end);
  }

  /** An item that is neither. */
  other(): void {
    this.expected = 'broken';
  }

  /** Adds what the module says of the whole to a value's state. False where the items were no vector set. */
  end(words: Int32Array, at: number): boolean {
    if (this.expected !== 'nothing') return false;
    addState(words, at, this.words, SUM);
    return true;
  }

  private afterInteger(value: Int64, number: number): Expected {
    switch (this.expected) {
      case 'dim':
        // It goes in behind the count.
        this.dimSize = formatInt64(value.hi, value.lo, this.text, 0);
        return 'nodeCount';
      case 'nodeCount':
        this.nodesLeft = number;
        this.mixHead(value);
        return 'config';
      case 'config':
        return 'flags';
      case 'flags':
        this.flags = number;
        return number & HAS_PROJECTION ? 'inputDim' : this.nextNode();
      case 'inputDim':
        return 'projection';
      case 'paramCount':
        this.paramsLeft = number;
        return number > 0 ? 'param' : this.endNode();
      case 'param':
        return --this.paramsLeft > 0 ? 'param' : this.endNode();
      default:
        return 'broken';
    }
  }

  private afterString(bytes: Uint8Array, start: number, end: number): Expected {
    const { words } = this;
    switch (this.expected) {
      case 'projection':
        return this.nextNode();
      case 'element':
        this.hasAttribute = false;
        sha1(bytes, start, end, words, ELEMENT);
        return this.flags & HAS_ATTRIBUTES ? 'attribute' : 'vector';
      case 'attribute':
        this.hasAttribute = end > start;
        sha1(bytes, start, end, words, ATTRIBUTE);
        return 'vector';
      case 'vector':
        mixIn(words, SEQUENCE, bytes, start, end);
        mixHash(words, SEQUENCE, words, ELEMENT);
        if (this.hasAttribute) mixHash(words, SEQUENCE, words, ATTRIBUTE);
        return 'paramCount';
      default:
        return 'broken';
    }
  }

  private mixHead(count: Int64): void {
    const { words, text, dimSize } = this;
    const dim = text.slice(0, dimSize);
    mixIn(words, SEQUENCE, text, 0, formatInt64(count.hi, count.lo, text, 0));
    mixIn(words, SEQUENCE, dim, 0, dimSize);
    this.endSequence();
  }

  private nextNode(): Expected {
    return this.nodesLeft > 0 ? 'element' : 'nothing';
  }

  private endNode(): Expected {
    this.nodesLeft--;
    this.endSequence();
    return this.nextNode();
  }

  private endSequence(): void {
    addState(this.words, SUM, this.words, SEQUENCE);
    clearState(this.words, SEQUENCE);
  }
}
