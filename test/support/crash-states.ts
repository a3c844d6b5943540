/**
 * What a power cut may have left of a recorded life: the journal up to any operation; of names that were changed since their
 * directory was synced any subset; of each file, by itself, what was written since its sync lost, there, or cut anywhere,
 * also at the borders of sectors and pages.
 *
 * States are drawn one by one, the same for the same seed, and spread over the whole journal: thicker where more is open, and
 * around renames, removals and syncs.
 */
import { Disk, type Fate, formatName, type PendingBytes } from './crash-disk.js';
import { isTelling, type Operation, type Recording, type Tree } from './crash-journal.js';
import { random } from './random.js';

/** Which of the states it is: enough to have it again. */
export interface StateChoice {
  /** So many operations were begun. */
  readonly prefix: number;
  /** A digit for each name that was open, in order: `1` where it was done. */
  readonly names: string;
  readonly fates: readonly Fate[];
}

export interface CrashState {
  readonly choice: StateChoice;
  readonly left: Tree;
}

export interface StateOptions {
  readonly seed: number;
  /** How many states. */
  readonly count: number;
  /** Not before so many operations. Default: 0. */
  readonly from?: number;
  /** Also files with a page in their middle that was not written. Default: false. */
  readonly holes?: boolean;
}

/** All subsets are gone through where no more names than this are open. */
const MOST_OPEN_NAMES = 4;
const MOST_OPEN_FILES = 2;
const BORDERS = [512, 4096] as const;
/** Of a state where nothing is open, beside one where something is. */
const PLAIN_WEIGHT = 0.4;
const NEAR_WEIGHT = 2;

export function* crashStates(recording: Recording, options: StateOptions): Generator<CrashState, void, void> {
  const { journal, baseline } = recording;
  const weights = weightsOf(recording, options.from ?? 0);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const next = random(options.seed);
  const phase = next();
  const disk = new Disk(baseline);
  let passed = 0;
  let drawn = Math.floor(phase);
  for (let prefix = 0; prefix <= journal.length; prefix++) {
    if (prefix > 0) disk.apply(journal[prefix - 1]!, prefix - 1);
    passed += weights[prefix]!;
    const end = prefix === journal.length ? options.count : Math.floor((options.count * passed) / total + phase);
    const first = Math.floor(next() * 2 ** MOST_OPEN_NAMES);
    for (let at = 0; drawn < Math.min(end, options.count); drawn++, at++)
      yield drawState(disk, prefix, first + at, next, options.holes === true);
  }
}

/** One of the states again. */
export function stateOf({ journal, baseline }: Recording, choice: StateChoice): Tree {
  const disk = new Disk(baseline);
  for (let at = 0; at < choice.prefix; at++) disk.apply(journal[at]!, at);
  return disk.left((_name, index) => choice.names[index] === '1', choice.fates);
}

/** What is there for certain: nothing that could be lost is left. */
export function leastOf({ journal, baseline }: Recording): Tree {
  const disk = new Disk(baseline);
  journal.forEach((operation, index) => {
    disk.apply(operation, index);
  });
  return disk.left(() => false, []);
}

/** For messages: what was open then, and what became of it. */
export function formatChoice({ journal, baseline }: Recording, choice: StateChoice): string {
  const disk = new Disk(baseline);
  for (let at = 0; at < choice.prefix; at++) disk.apply(journal[at]!, at);
  const names = disk.names.map((name, index) => `${choice.names[index] === '1' ? 'done' : 'lost'} ${formatName(name)}`);
  const files = disk.bytes().map(({ node, path, steps }) => {
    const { kept = 0, hole } = choice.fates.find((fate) => fate.node === node) ?? {};
    return `${path} ${kept} of ${steps}${hole === undefined ? '' : ` with a hole at ${hole.join('-')}`}`;
  });
  return `${JSON.stringify(choice)} (${[...names, ...files].join(', ')})`;
}

/** Of each prefix. Where the next operation changes nothing, the state is that of the prefix behind it, which says more. */
function weightsOf({ journal, baseline }: Recording, from: number): number[] {
  const disk = new Disk(baseline);
  return Array.from({ length: journal.length + 1 }, (_, prefix) => {
    if (prefix > 0) disk.apply(journal[prefix - 1]!, prefix - 1);
    const [last, next] = [journal[prefix - 1], journal[prefix]];
    if (prefix < from || (next !== undefined && !isTelling(next))) return 0;
    const open = 2 * (Math.min(disk.names.length, MOST_OPEN_NAMES) + Math.min(disk.bytes().length, MOST_OPEN_FILES));
    return PLAIN_WEIGHT + open + nearness(last) + nearness(next);
  });
}

function nearness(operation: Operation | undefined): number {
  switch (operation?.kind) {
    case 'rename':
    case 'remove':
    case 'makeDirectory':
    case 'syncDirectory':
    case 'truncate':
      return NEAR_WEIGHT;
    default:
      return 0;
  }
}

function drawState(disk: Disk, prefix: number, number: number, next: () => number, holes: boolean): CrashState {
  const count = disk.names.length;
  const names =
    count <= MOST_OPEN_NAMES
      ? (number % 2 ** count).toString(2).padStart(count, '0').slice(0, count)
      : drawSubset(count, next);
  const fates = disk.bytes().map((file) => drawFate(file, next, holes));
  const choice = { prefix, names, fates };
  return { choice, left: disk.left((_name, index) => names[index] === '1', fates) };
}

function drawSubset(count: number, next: () => number): string {
  const kind = Math.floor(next() * 4);
  const end = Math.floor(next() * (count + 1));
  const isDone = (index: number): boolean => (kind === 0 ? index < end : kind === 1 ? index !== end : next() < 0.5);
  return Array.from({ length: count }, (_, index) => (isDone(index) ? '1' : '0')).join('');
}

/** Lost, all there, cut at any byte, or where a sector or a page ends in what was written. */
function drawFate({ node, steps, durableSize, size }: PendingBytes, next: () => number, holes: boolean): Fate {
  const kind = Math.floor(next() * (holes ? 6 : 5));
  if (kind === 0) return { node, kept: 0 };
  if (kind === 1) return { node, kept: steps };
  if (kind <= 3) return { node, kept: Math.floor(next() * (steps + 1)) };
  const border = BORDERS[Math.floor(next() * BORDERS.length)]!;
  const first = Math.floor(durableSize / border);
  const block = first + Math.floor(next() * (Math.floor(size / border) - first + 1));
  if (kind === 4) return { node, kept: clamp(block * border - durableSize, 0, steps) };
  const hole = [clamp(block * border, durableSize, size), clamp((block + 1) * border, durableSize, size)] as const;
  return hole[0] < hole[1] ? { node, kept: steps, hole } : { node, kept: steps };
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most);
}
