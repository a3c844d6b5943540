/**
 * Names under which keys are built: `{tag}rdb-inspect:import:<id>:<number>`, in the slot of the key that they become, so
 * that RENAME is possible in a cluster.
 */
import { randomBytes } from 'node:crypto';
import type { Slice } from '../../bytes/slice.js';
import { encodeCommand } from '../../codecs/resp.js';
import type { KeyPlacement } from '../../convert/rdb-to-commands/command-rows.js';
import { keySlot, SLOT_COUNT } from '../../rdb/key-slot.js';

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz0123456789';
/** Digits of a tag: 36^4 are a hundred for each slot. */
const TAG_SIZE = 4;
const ID_BYTES = 4;

export class TemporaryNames implements KeyPlacement {
  /** The number of the key in hand. */
  ordinal = 0;
  private tags: readonly string[] | undefined;
  private isBuilt = false;
  private readonly utf8 = new TextEncoder();

  constructor(
    /** Tells the names of one import from those of another. */
    private readonly id: string,
    readonly replaces: boolean,
    private readonly isCluster: boolean,
  ) {}

  temporary(key: Slice, name: Slice): void {
    const slot = this.isCluster ? keySlot(key.bytes, key.start, key.end) : 0;
    const bytes = this.inSlot(slot, String(this.ordinal));
    name.set(bytes, 0, bytes.length);
  }

  built(): void {
    this.isBuilt = true;
  }

  /** Whether the key in hand has been built under its temporary name, since this was asked the last time. */
  takeBuilt(): boolean {
    const { isBuilt } = this;
    this.isBuilt = false;
    return isBuilt;
  }

  /** The command that gives a key its name, once it is built. */
  renameCommand(key: Uint8Array, ordinal: number): Uint8Array {
    return encodeCommand([this.replaces ? 'RENAME' : 'RENAMENX', this.of(key, ordinal), key]);
  }

  /** The name under which the key of a unit is built. */
  of(key: Uint8Array, ordinal: number): Uint8Array {
    return this.inSlot(this.isCluster ? keySlot(key, 0, key.length) : 0, String(ordinal));
  }

  /** A name for something else in a slot. */
  inSlot(slot: number, what: string): Uint8Array {
    const tag = this.isCluster ? this.tagOf(slot) : '';
    return this.utf8.encode(`${tag}rdb-inspect:import:${this.id}:${what}`);
  }

  private tagOf(slot: number): string {
    this.tags ??= slotTags();
    return this.tags[slot]!;
  }
}

/** A hash tag for every slot. */
function slotTags(): readonly string[] {
  const tags = new Array<string>(SLOT_COUNT);
  const bytes = new Uint8Array(TAG_SIZE);
  let missing = SLOT_COUNT;
  for (let number = 0; missing > 0; number++) {
    let rest = number;
    for (let at = 0; at < TAG_SIZE; at++) {
      bytes[at] = ALPHABET.charCodeAt(rest % ALPHABET.length);
      rest = Math.floor(rest / ALPHABET.length);
    }
    const slot = keySlot(bytes, 0, TAG_SIZE);
    if (tags[slot] !== undefined) continue;
    tags[slot] = `{${String.fromCharCode(...bytes)}}`;
    missing--;
  }
  return tags;
}

/** Another one each time. */
export function newImportId(): string {
  return randomBytes(ID_BYTES).toString('hex');
}
