/**
 * How far the memory model is off: `npm run bench:memory-model -- <server> …` loads every fixture and filled datasets into
 * these servers, and prints median, 99th percentile and greatest error of single keys, and the error of their sum, in percent.
 * Without arguments the server is that of REDIS_SERVER, or the one in PATH.
 */
import {
  byKind,
  CONFIGURATIONS,
  compareMemory,
  errorsOf,
  filledDump,
  fixtureFor,
  fixturesWithDumps,
  kindOfServer,
  type MemoryErrors,
  type MemoryPair,
} from '../test/support/memory-errors.js';

const SEEDS = [21, 22];

interface Column {
  readonly name: string;
  readonly kinds: ReadonlyMap<string, MemoryErrors>;
  /** Of what the keys add to used_memory: the greatest error of one dataset. */
  readonly used: number;
}

async function measure(): Promise<Column> {
  const kind = await kindOfServer();
  const pairs: MemoryPair[] = [];
  let used = 0;
  for (const name of fixturesWithDumps()) {
    const dump = await fixtureFor(name, kind);
    if (dump !== undefined) pairs.push(...(await compareMemory(dump, kind, CONFIGURATIONS[0]!)).pairs);
  }
  for (const seed of SEEDS) {
    const dump = await filledDump(seed);
    for (const configuration of CONFIGURATIONS) {
      const run = await compareMemory(dump, kind, configuration);
      pairs.push(...run.pairs);
      const error = run.datasetBytes / run.usedBytes - 1;
      if (Math.abs(error) > Math.abs(used)) used = error;
    }
  }
  const kinds = new Map([...byKind(pairs)].map(([name, list]) => [name, errorsOf(list)]));
  return { name: `${kind.target.name}, ${kind.allocator}`, kinds, used };
}

function percent(share: number): string {
  return (share * 100).toFixed(2).replace(/\.?0+$/, '');
}

function cell(errors: MemoryErrors | undefined): string {
  if (errors === undefined) return '–';
  const { median, p99, max, sum } = errors;
  if (max === 0) return '0';
  return `${percent(median)} / ${percent(p99)} / ${percent(max)}; ${sum < 0 ? '' : '+'}${percent(sum)}`;
}

const columns: Column[] = [];
const servers = process.argv.slice(2);
for (const server of servers.length > 0 ? servers : [process.env.REDIS_SERVER ?? 'redis-server']) {
  process.env.REDIS_SERVER = server;
  columns.push(await measure());
}
const names = [...new Set(columns.flatMap(({ kinds }) => [...kinds.keys()]))].sort();
console.log(`| type, encoding | ${columns.map(({ name }) => name).join(' | ')} |`);
console.log(`|---|${columns.map(() => '---|').join('')}`);
for (const name of names) console.log(`| ${name} | ${columns.map(({ kinds }) => cell(kinds.get(name))).join(' | ')} |`);
console.log(`| used_memory | ${columns.map(({ used }) => percent(used)).join(' | ')} |`);
