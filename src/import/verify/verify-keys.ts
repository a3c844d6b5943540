/**
 * Compares what a dump or a log holds with what a live server, or a cluster, has. Nothing is written to either. Memory is
 * bounded: some thousand keys are under way at a time, and 16 bytes or so are kept of each key that has passed.
 */
import { Window } from '../../bytes/window.js';
import { holdsFieldExpiry } from '../../convert/adapt-hash.js';
import { fileRules } from '../../engine/digest-rules.js';
import { drive } from '../../rdb/drive.js';
import { RdbDriver } from '../../rdb/driver.js';
import type { FunctionEntry } from '../../rdb/model.js';
import type { Target } from '../../rdb/versions.js';
import { type ImportInput, keySourceOf, leavesFunctionsOut, type OpenedKeys, openKeys } from '../source/key-source.js';
import { parsePlace, type TargetPlace } from '../target/endpoint.js';
import type { PipeOptions } from '../target/pipe.js';
import { openTargetServers, type TargetServers } from '../target/servers.js';
import { type Abilities, methodOf, probeAbilities } from './abilities.js';
import { BatchCheck, type CheckContext } from './batch-check.js';
import { BatchesUnderWay } from './batches-under-way.js';
import { countExtraKeys } from './extra-keys.js';
import { compareFunctions } from './functions.js';
import { KeyBatches } from './key-batches.js';
import { KeySet } from './key-set.js';
import { TargetLinks } from './links.js';
import type { FunctionCounts, VerifyOptions, VerifyResult } from './model.js';
import { SourceValues } from './source-values.js';
import { VerifyTally } from './tally.js';
import { PayloadReader } from './value-reader.js';

const DEFAULT_TOLERANCE_MS = 1000;
const DEFAULT_RETRY_MS = 60_000;
const DEFAULT_PENDING_BYTES = 8 * 1024 * 1024;
const DEFAULT_PENDING_REQUESTS = 50_000;
/** Keys of a batch, per node that they go to. */
const KEYS_PER_NODE = 512;
const MAX_KEYS = 4096;
/** Commands per key in the first round, at the most. */
const REQUESTS_PER_KEY = 4;
const BATCHES = 4;
const PROGRESS_MS = 250;

/**
 * Compares each key of `input` that is meant by `options` with the key of that name on `target`, a URL or what it names.
 * Where that names a database other than 0 and there is no `dbMap`, all keys are looked for there. A source that can be read
 * once is read once.
 *
 * Differences are results. @throws TargetError (BAD_URL, CONNECT, AUTH, NOPERM … once retries have run out); what reading the
 * source throws; the reason of the signal
 */
export async function verifyKeys(
  input: ImportInput,
  target: string | TargetPlace,
  options: VerifyOptions = {},
): Promise<VerifyResult> {
  const { signal, connectTimeoutMs, replyTimeoutMs, retryMs = DEFAULT_RETRY_MS, onRetry } = options;
  const startedMs = performance.now();
  signal?.throwIfAborted();
  const place = typeof target === 'string' ? parsePlace(target) : target;
  const patience = { ...(connectTimeoutMs && { connectTimeoutMs }), ...(replyTimeoutMs && { replyTimeoutMs }) };
  const servers = await openTargetServers(place, patience);
  const pipe: PipeOptions = { ...patience, ...(signal && { signal }) };
  const links = new TargetLinks(servers, { pipe, retryMs, onRetry, signal });
  // Whoever waits for a reply then waits no longer.
  const onAbort = (): void => void links.close();
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    const abilities = await probeAbilities(links, endpointDb(place));
    const keys = await openKeys(keySourceOf(input, options), options);
    try {
      return await new Verification(links, abilities, keys, place, options, startedMs).run();
    } finally {
      await keys.close();
    }
  } finally {
    signal?.removeEventListener('abort', onAbort);
    servers.close();
    await links.close();
  }
}

/** One run. */
class Verification {
  private readonly servers: TargetServers;
  private readonly tally: VerifyTally;
  /** The keys of the source; undefined where nobody wants to know those that it does not have. */
  private readonly known: KeySet | undefined;
  /** Keys that the target has, by database. */
  private readonly found = new Map<number, number>();
  private readonly libraries: FunctionEntry[] = [];
  private readonly homeDb: number;
  private readonly onlyDb: number | undefined;
  private toldMs = 0;

  constructor(
    private readonly links: TargetLinks,
    private readonly abilities: Abilities,
    private readonly keys: OpenedKeys,
    place: TargetPlace,
    private readonly options: VerifyOptions,
    private readonly startedMs: number,
  ) {
    const { extra = true, filter, dbMap, onDifference } = options;
    this.servers = links.servers;
    this.tally = new VerifyTally(onDifference);
    this.known = extra && filter === undefined ? new KeySet() : undefined;
    this.homeDb = endpointDb(place);
    this.onlyDb = this.homeDb === 0 || dbMap !== undefined ? undefined : this.homeDb;
  }

  async run(): Promise<VerifyResult> {
    const { servers, tally, known, links, onlyDb, found } = this;
    await this.compareKeys();
    const functions = await this.compareFunctions();
    const extra = known === undefined ? undefined : await countExtraKeys({ links, onlyDb, known, found, tally });
    const counts = tally.counts();
    const excess = (extra ?? 0) + (functions?.differing ?? 0);
    return {
      server: `${servers.family} ${servers.version}`,
      kind: servers.kind,
      method: methodOf(this.abilities),
      counts,
      unknown: tally.unknown,
      extra,
      functions,
      differences: tally.differences,
      isSame: counts.missing + counts.different + excess === 0,
      elapsedMs: performance.now() - this.startedMs,
    };
  }

  private async compareKeys(): Promise<void> {
    const { keys, options } = this;
    const { checksum = true, limits, signal, maxPendingBytes = DEFAULT_PENDING_BYTES } = options;
    const batches = this.createBatches(maxPendingBytes / BATCHES);
    const window = Window.for(keys.source.sizeBytes);
    const driver = new RdbDriver(window, batches, { checksum, ...(limits && { limits }) });
    batches.driver = driver;
    const context = this.createContext(driver, maxPendingBytes);
    const underWay = new BatchesUnderWay(BATCHES, maxPendingBytes);
    try {
      for (let isOpen = true; isOpen; ) {
        signal?.throwIfAborted();
        isOpen = (await drive(keys.source, driver)) === 'pause' && !batches.isFinished;
        const batch = batches.take();
        if (batch !== undefined) {
          await underWay.start(batch.valueBytes, async () => {
            await new BatchCheck(batch, context).run();
            batches.release(batch);
          });
        }
        this.tellProgress(false);
      }
    } finally {
      await underWay.settled();
    }
    underWay.throwFailure();
    this.tellProgress(true);
  }

  private createBatches(maxBytes: number): KeyBatches {
    const { servers, abilities, keys, options, onlyDb, known } = this;
    const { maxPendingRequests = DEFAULT_PENDING_REQUESTS } = options;
    const rules = fileRules(servers.target, true, undefined);
    const nodes = servers.primaries().length;
    const allowed = Math.floor(maxPendingRequests / (BATCHES * REQUESTS_PER_KEY));
    return new KeyBatches({
      filter: keys.filter,
      renamer: keys.renamer,
      onlyDb,
      digestRules: abilities.digest ? rules : undefined,
      hidesFieldExpiry: holdsFieldExpiry(servers.target) && !rules.marksFieldExpiry,
      known,
      maxKeys: Math.max(1, Math.min(KEYS_PER_NODE * nodes, MAX_KEYS, allowed)),
      maxBytes,
      onFunction: (entry) => this.libraries.push(entry),
      onWarning: options.onWarning,
    });
  }

  private createContext(driver: RdbDriver, maxBytes: number): CheckContext {
    const { links, abilities, tally, found, servers, options } = this;
    const { ttlToleranceMs: toleranceMs = DEFAULT_TOLERANCE_MS, limits, nowMs = 0 } = options;
    return {
      links,
      abilities,
      rules: { target: servers.target, toleranceMs },
      source: new SourceValues(() => driver.cursor.context),
      payloads: new PayloadReader(limits),
      tally,
      onFound: (db) => found.set(db, (found.get(db) ?? 0) + 1),
      maxBytes,
      // What had expired by then has expired by now.
      nowMs: () => Math.max(Date.now(), nowMs),
    };
  }

  private async compareFunctions(): Promise<FunctionCounts | undefined> {
    const { links, libraries, homeDb, tally, servers, options } = this;
    if (leavesFunctionsOut(options) || !hasFunctions(servers.target)) return undefined;
    return await compareFunctions(links, libraries, homeDb, tally);
  }

  private tellProgress(isLast: boolean): void {
    const { onProgress } = this.options;
    const elapsedMs = performance.now() - this.startedMs;
    if (onProgress === undefined || (!isLast && elapsedMs - this.toldMs < PROGRESS_MS)) return;
    this.toldMs = elapsedMs;
    const { consumedBytes: readBytes, totalBytes } = this.keys.source;
    onProgress({ readBytes, totalBytes, counts: this.tally.counts(), elapsedMs });
  }
}

function endpointDb(place: TargetPlace): number {
  return (place.kind === 'server' ? place.endpoint : place.place.primary).db;
}

function hasFunctions(target: Target): boolean {
  return target.records.functions;
}
