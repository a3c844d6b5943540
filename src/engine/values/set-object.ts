/**
 * A set: its members in the order in which they came, which is that of a listpack; those of an intset are sorted when
 * somebody looks.
 *
 * The form is kept as the server keeps it (rdb-format.md §11.1), history included: an intset grows into a listpack (7.2+)
 * or a table, a listpack into a table, and nothing ever goes back.
 */
import { type ByteString, fromByteStrings, toByteString } from '../../bytes/byte-string.js';
import type { SetValue } from '../../rdb/model.js';
import type { EngineSettings } from '../settings.js';
import { compareInt64Texts, isInt64Text } from './int64-text.js';
import type { StoredObject } from './stored-object.js';

type Form = 'intset' | 'listpack' | 'hashtable';

/** The version of the format that came with sets as listpacks. */
const LISTPACK_VERSION = 11;

export class SetObject implements StoredObject {
  readonly type = 'set';
  private members = new Set<ByteString>();
  private form: Form;
  /** The members by number, in any order; missing until somebody draws, and when one has gone otherwise than by that. */
  private drawn: ByteString[] | undefined;
  private readonly settings: EngineSettings;

  /** Empty, in the form that the server gives one that begins with `first` and may get `hint` members. */
  constructor(settings: EngineSettings, first: ByteString, hint = 1) {
    this.settings = settings;
    const { encoding, target } = settings;
    const isPacked = target.version >= LISTPACK_VERSION;
    if (isInt64Text(first) && (!isPacked || hint <= encoding.setMaxIntsetEntries)) this.form = 'intset';
    else this.form = isPacked && hint <= encoding.setMaxListpackEntries ? 'listpack' : 'hashtable';
  }

  static fromRdb({ members, encoding: stored }: SetValue, settings: EngineSettings): SetObject {
    const { encoding, target } = settings;
    const set = new SetObject(settings, '0', 0);
    const most = Math.max(
      encoding.setMaxIntsetEntries,
      target.version >= LISTPACK_VERSION ? encoding.setMaxListpackEntries : 0,
    );
    const isListpack = stored === 'listpack' && target.version >= LISTPACK_VERSION;
    if (isListpack && members.length <= encoding.setMaxListpackEntries) set.form = 'listpack';
    else if (isListpack || members.length > most) set.form = 'hashtable';
    for (const member of members) set.add(toByteString(member));
    return set;
  }

  get size(): number {
    return this.members.size;
  }

  has(member: ByteString): boolean {
    return this.members.has(member);
  }

  /** In the order in which the server goes through it, as far as that means anything. */
  values(): Iterable<ByteString> {
    return this.form === 'intset' ? this.sorted() : this.members;
  }

  /** The set is not empty. */
  randomMember(random: () => number): ByteString {
    const drawn = this.numbered();
    return drawn[Math.floor(random() * drawn.length)]!;
  }

  /** Removes one. */
  takeRandom(random: () => number): ByteString {
    const drawn = this.numbered();
    const index = Math.floor(random() * drawn.length);
    const member = drawn[index]!;
    const last = drawn.pop()!;
    if (index < drawn.length) drawn[index] = last;
    this.members.delete(member);
    return member;
  }

  /** Different ones, fewer than there are; those of a listpack in its order, as the server walks through it. */
  someMembers(count: number, random: () => number): ByteString[] {
    return this.form === 'listpack' ? sample(this.members, count, random) : shuffled(this.numbered(), count, random);
  }

  /** Removes {@link someMembers}. */
  takeSome(count: number, random: () => number): ByteString[] {
    if (this.form !== 'listpack') return Array.from({ length: count }, () => this.takeRandom(random));
    const taken = this.someMembers(count, random);
    for (const member of taken) this.remove(member);
    return taken;
  }

  /** What the server does before so many members are added at once (7.2+). */
  makeRoom(hint: number): void {
    const { encoding, target } = this.settings;
    if (target.version < LISTPACK_VERSION || this.form === 'hashtable') return;
    if (hint > (this.form === 'intset' ? encoding.setMaxIntsetEntries : encoding.setMaxListpackEntries)) this.expand();
  }

  /** False where it was there. */
  add(member: ByteString): boolean {
    const before = this.members.size;
    if (this.form === 'hashtable') {
      if (this.members.add(member).size === before) return false;
    } else {
      if (this.members.has(member)) return false;
      if (this.form === 'intset') this.growIntset(member);
      else if (!this.fitsListpack(member)) this.expand();
      this.members.add(member);
    }
    if (this.drawn !== undefined) this.drawn.push(member);
    return true;
  }

  /** False where it was not there. */
  remove(member: ByteString): boolean {
    if (!this.members.delete(member)) return false;
    this.drawn = undefined;
    return true;
  }

  /** A set of integers that an operation made is an intset again, if it is not too large for one (7.2+). */
  becomeIntset(): void {
    if (this.form === 'intset' || this.size > this.settings.encoding.setMaxIntsetEntries) return;
    this.form = 'intset';
  }

  encoding(): string {
    return this.form;
  }

  toRdb(): SetValue {
    return { type: 'set', encoding: this.form, members: fromByteStrings([...this.values()]) };
  }

  copy(): SetObject {
    const copy = new SetObject(this.settings, '0');
    copy.form = this.form;
    copy.members = new Set(this.members);
    return copy;
  }

  /** The intset is about to get a member that it does not have. */
  private growIntset(member: ByteString): void {
    const { encoding, target } = this.settings;
    if (isInt64Text(member)) {
      if (this.size + 1 > encoding.setMaxIntsetEntries) this.expand();
    } else if (target.version >= LISTPACK_VERSION && this.fitsListpack(member) && this.areShort()) {
      this.members = new Set(this.sorted());
      this.form = 'listpack';
    } else this.expand();
  }

  private fitsListpack(member: ByteString): boolean {
    const { setMaxListpackEntries, setMaxListpackValue } = this.settings.encoding;
    return this.size < setMaxListpackEntries && member.length <= setMaxListpackValue;
  }

  /** Whether the texts of an intset's numbers may stand in a listpack; they are 20 bytes at most. */
  private areShort(): boolean {
    const { setMaxListpackValue } = this.settings.encoding;
    if (setMaxListpackValue >= 20) return true;
    for (const member of this.members) if (member.length > setMaxListpackValue) return false;
    return true;
  }

  private expand(): void {
    this.form = 'hashtable';
  }

  private numbered(): ByteString[] {
    this.drawn ??= [...this.members];
    return this.drawn;
  }

  private sorted(): ByteString[] {
    return [...this.members].sort(compareInt64Texts);
  }
}

/** Some of the members, all equally likely, in their order. */
function sample(members: ReadonlySet<ByteString>, count: number, random: () => number): ByteString[] {
  const found: ByteString[] = [];
  let left = members.size;
  for (const member of members) {
    if (random() * left < count - found.length) found.push(member);
    left--;
  }
  return found;
}

/** The beginning of a shuffle, which the array is left with. */
function shuffled(members: ByteString[], count: number, random: () => number): ByteString[] {
  for (let at = 0; at < count; at++) {
    const from = at + Math.floor(random() * (members.length - at));
    const member = members[from]!;
    members[from] = members[at]!;
    members[at] = member;
  }
  return members.slice(0, count);
}
