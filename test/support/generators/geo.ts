/** Commands on positions, for engine-differential.ts. */
import type { RdbValue } from '../../../src/rdb/model.js';
import { type Argument, type Chance, comparableValue, type Generated } from '../engine-differential.js';

/** For what is compared: distances are scores here, and the C library's sines may be off by one in the last bit. */
export function withoutLastDigits(value: RdbValue): unknown {
  if (value.type !== 'zset') return comparableValue(value);
  const members = value.members.map(({ member, score }) => ({ member, score: Number(score.toPrecision(14)) }));
  return comparableValue({ ...value, members });
}

const KEYS = ['g:0', 'g:1', 'g:2', 'g:3', 'g:d0', 'g:d1', 'g:text', 'g:rare'];
const DESTINATIONS = ['g:d0', 'g:d1', 'g:d2'];
/** Of another type until something is stored there. */
const TEXT = 'g:text';
const MEMBERS = [...'abcdefghijklmnopqrst', '', 'member-of-some-length', '17', '\xff\x00'];

const LONGITUDES = ['0', '-180', '180', '179.9999999', '-179.99', '13.361389', '15.087269', '-0', '1e-7', '90', '45.5'];
const LATITUDES = [
  '0',
  '85.05112878',
  '-85.05112878',
  '85',
  '-84.9',
  '38.115556',
  '37.502669',
  '66.5',
  '80.1',
  '-70',
  '1e-9',
];
const BAD_NUMBERS = ['', 'x', 'nan', ' 1', '1e400', '1,5'];
const FAR = ['180.0001', '-181', '1e20', 'inf', '-inf', '85.06', '1e300'];
const UNITS = ['m', 'km', 'ft', 'mi', 'KM', 'M'];
const RADII = ['0', '1', '10', '100', '1000', '5000', '12000', '20000', '40000', '0.5', '1e7', 'inf', '250.75', '3e4'];

/**
 * Everything that there is about positions, right and wrong.
 *
 * A command with too few arguments is refused before it is run, with the last one's changes still counted here.
 */
export function geo(chance: Chance): Generated {
  const args = generated(chance);
  const least = /^GEOSEARCH(STORE)?$/.exec(String(args[0]));
  return least !== null && args.length < (least[1] === undefined ? 7 : 8) ? { args, anyDirty: true } : args;
}

function generated(chance: Chance): readonly Argument[] {
  return chance.pick<(chance: Chance) => readonly Argument[]>([
    add,
    add,
    add,
    read,
    search,
    search,
    search,
    store,
    store,
    radius,
    radius,
    (some) => [
      'ZADD',
      some.pick(KEYS),
      some.pick(['-5', '1e17', '0.5', '4503599627370496', '123456']),
      some.pick(MEMBERS),
    ],
    (some) => ['ZREM', some.pick(KEYS), ...some.some(MEMBERS, 3)],
    () => ['SET', TEXT, 'v'],
  ])(chance);
}

function longitude(chance: Chance): string {
  if (chance.odds(0.015)) return chance.pick([...BAD_NUMBERS, ...FAR]);
  return chance.odds(0.3) ? chance.pick(LONGITUDES) : String((chance.next() - 0.5) * chance.pick([360, 360, 30, 0.1]));
}

function latitude(chance: Chance): string {
  if (chance.odds(0.015)) return chance.pick([...BAD_NUMBERS, ...FAR]);
  return chance.odds(0.3) ? chance.pick(LATITUDES) : String((chance.next() - 0.5) * chance.pick([170, 170, 30, 0.1]));
}

function add(chance: Chance): readonly Argument[] {
  const options = chance.odds(0.3) ? chance.some(['NX', 'XX', 'CH', 'ch'], 2) : [];
  const triples = Array.from({ length: 1 + chance.integer(5) }, () => [
    longitude(chance),
    latitude(chance),
    chance.pick(MEMBERS),
  ]);
  return ['GEOADD', chance.pick(KEYS), ...options, ...triples.flat(), ...(chance.odds(0.02) ? ['1'] : [])];
}

/** Also such as lie at one place: which of them are the nearest few is decided by how the server sorts. */
export function manyPositions(chance: Chance): Generated {
  const places = Array.from({ length: 4 }, () => [longitude(chance), latitude(chance)]);
  const triples = Array.from({ length: 1 + chance.integer(60) }, () => {
    const place = chance.odds(0.6) ? chance.pick(places) : [longitude(chance), latitude(chance)];
    return [...place, `m${chance.integer(300)}`];
  });
  return ['GEOADD', chance.pick(KEYS), ...triples.flat()];
}

function read(chance: Chance): readonly Argument[] {
  const key = chance.pick(KEYS);
  const unit = chance.odds(0.6) ? [chance.odds(0.05) ? 'parsec' : chance.pick(UNITS)] : [];
  return chance.pick<readonly Argument[]>([
    ['GEOPOS', key, ...chance.some(MEMBERS, 4)],
    ['GEOHASH', key, ...chance.some(MEMBERS, 4)],
    ['GEODIST', key, chance.pick(MEMBERS), chance.pick(MEMBERS), ...unit],
    chance.odds(0.8) ? ['GEOPOS', key] : ['GEODIST', key, 'a', 'b', 'm', 'm'],
    ['GEOHASH', key],
  ]);
}

function unit(chance: Chance): string {
  return chance.odds(0.02) ? chance.pick(['parsec', '']) : chance.pick(UNITS);
}

function length(chance: Chance): string {
  return chance.odds(0.02) ? chance.pick([...BAD_NUMBERS, '-1']) : chance.pick(RADII);
}

function from(chance: Chance): Argument[] {
  if (chance.odds(0.02)) return [];
  if (chance.odds(0.4)) return ['FROMMEMBER', chance.pick(MEMBERS)];
  return ['FROMLONLAT', longitude(chance), latitude(chance)];
}

function by(chance: Chance): Argument[] {
  if (chance.odds(0.02)) return [];
  if (chance.odds(0.5)) return ['BYRADIUS', length(chance), unit(chance)];
  return ['bybox', length(chance), length(chance), unit(chance)];
}

/** Not so far north or south that its middle leaves the grid, where the server looks anywhere. */
function polygon(chance: Chance): Argument[] {
  const count = 3 + chance.integer(4);
  const east = chance.pick([0, 20, 150, -100]);
  const vertices = Array.from({ length: count }, () => [
    chance.odds(0.01) ? longitude(chance) : east + (chance.next() - 0.5) * 60,
    chance.odds(0.01) ? latitude(chance) : (chance.next() - 0.5) * 120,
  ]);
  return ['BYPOLYGON', chance.odds(0.05) ? chance.pick([2, 9, 'x', -1]) : count, ...vertices.flat()];
}

function where(chance: Chance): Argument[] {
  if (chance.since({ valkey: '9.0' }) && chance.odds(0.3)) return polygon(chance);
  return chance.odds(0.5) ? [...from(chance), ...by(chance)] : [...by(chance), ...from(chance)];
}

function order(chance: Chance): Argument[] {
  const sort = chance.odds(0.5) ? [chance.pick(['ASC', 'DESC', 'asc'])] : [];
  const count = chance.odds(0.5)
    ? ['COUNT', chance.odds(0.04) ? chance.pick([0, -1, 'x']) : 1 + chance.integer(20)]
    : [];
  return [...sort, ...count, ...(chance.odds(0.2) ? ['ANY'] : [])];
}

function shown(chance: Chance): Argument[] {
  return ['WITHCOORD', 'WITHDIST', 'WITHHASH', 'nothing'].filter((name) =>
    chance.odds(name === 'nothing' ? 0.01 : 0.4),
  );
}

function search(chance: Chance): readonly Argument[] {
  return ['GEOSEARCH', chance.pick(KEYS), ...where(chance), ...order(chance), ...shown(chance)];
}

function store(chance: Chance): readonly Argument[] {
  const options = [...(chance.odds(0.4) ? ['STOREDIST'] : []), ...(chance.odds(0.03) ? shown(chance) : [])];
  const keys = [chance.odds(0.03) ? TEXT : chance.pick(DESTINATIONS), chance.pick(KEYS)];
  return ['GEOSEARCHSTORE', ...keys, ...where(chance), ...order(chance), ...options];
}

function radius(chance: Chance): readonly Argument[] {
  const isReadOnly = chance.odds(0.2);
  const keep = chance.odds(isReadOnly ? 0.05 : 0.6);
  const to = keep ? [chance.pick(['STORE', 'STOREDIST']), chance.pick(DESTINATIONS)] : shown(chance);
  const rest = [length(chance), unit(chance), ...order(chance), ...to];
  const suffix = isReadOnly ? '_RO' : '';
  if (chance.odds(0.5)) return [`GEORADIUS${suffix}`, chance.pick(KEYS), longitude(chance), latitude(chance), ...rest];
  return [`GEORADIUSBYMEMBER${suffix}`, chance.pick(KEYS), chance.pick(MEMBERS), ...rest];
}
