import { describe, expect, it } from 'vitest';
import { asin, cos, distance, sin } from '../../src/engine/commands/geo-distance.js';
import { cellScores, geohashText, positionScore, scorePosition } from '../../src/engine/commands/geo-hash.js';
import { type Found, sortFound } from '../../src/engine/commands/geo-nearest.js';
import { DoubleReply, NULL_ARRAY, type PairsReply, type Reply } from '../../src/engine/reply.js';
import { type TestEngine, testEngine } from '../support/engine-run.js';
import { random } from '../support/random.js';

const PALERMO = { longitude: 13.361389, latitude: 38.115556 };

describe('positions as scores', () => {
  // What redis-server 7.0.15 made of them.
  it.each([
    [PALERMO.longitude, PALERMO.latitude, 3479099956230698],
    [15.087269, 37.502669, 3479447370796909],
    [0, 0, 3377699720527872],
    [-180, -85.05112878, 0],
    [180, 85.05112878, 13510798882111488],
    [180, 0, 10133099161583616],
    [179.9999999, 85.0511287, 4503599627370495],
  ])('%d %d', (longitude, latitude, score) => {
    expect(positionScore({ longitude, latitude })).toBe(score);
  });

  it('are the middles of cells', () => {
    expect(scorePosition(3479099956230698)).toEqual({ longitude: 13.361389338970184, latitude: 38.1155563954963 });
    expect(geohashText(scorePosition(3479099956230698))).toBe('sqc8b49rny0');
    expect(cellScores({ step: 1, column: 1, row: 0 })).toEqual([2 ** 51, 2 ** 51 + 2 ** 50]);
  });

  it('stay on the map whatever the score', () => {
    for (const score of [-1, -0.5, 2 ** 53, 1e17, 1e300, Infinity, -Infinity]) {
      const { longitude, latitude } = scorePosition(score);
      expect(Math.abs(longitude)).toBeLessThanOrEqual(180);
      expect(Math.abs(latitude)).toBeLessThanOrEqual(85.05112878);
    }
  });
});

describe('distances', () => {
  it('are those of the documentation', () => {
    const [one, other] = [3479099956230698, 3479447370796909].map(scorePosition);
    const metres = distance(one!.longitude, one!.latitude, other!.longitude, other!.latitude);
    expect(metres).toBe(166274.15156960033);
  });

  it('come from functions that are right to the last bit', () => {
    // Computed with sixty digits. V8's own are the neighbours of some of these.
    expect([sin(0.1), sin(2.5), sin(-3), sin(1e-9), cos(1.4), cos(2), asin(0.3), asin(0.99)]).toEqual(RIGHT);
    expect(sin(100)).toBe(Math.sin(100));
    expect([asin(0), asin(1), asin(1.5)]).toEqual([0, Math.PI / 2, Number.NaN]);
  });
});

describe('the nearest few', () => {
  it('are as near as the rest is not', () => {
    const next = random(50331);
    for (const size of [0, 1, 6, 7, 8, 40, 41, 300]) {
      const found = Array.from({ length: size }, (_, at) => foundAt(Math.floor(next() * 20), at));
      const wanted = found.map(({ metres }) => metres).sort((one, other) => one - other);
      for (const count of [1, 3, size]) {
        const sorted = [...found];
        sortFound(sorted, false, count);
        expect(sorted.slice(0, count).map(({ metres }) => metres)).toEqual(wanted.slice(0, count));
        sortFound(sorted, true, count);
        expect(sorted.slice(0, count).map(({ metres }) => metres)).toEqual(wanted.slice(-count).reverse());
      }
    }
  });
});

type Case = [command: string, reply: unknown];

const CASES: readonly Case[] = [
  ['GEODIST Sicily Palermo Catania', '166274.1516'],
  ['GEODIST Sicily Palermo Catania km', '166.2742'],
  ['GEODIST Sicily Palermo Rome', null],
  ['GEODIST Sicily Palermo Catania parsec', '-ERR unsupported unit provided. please use M, KM, FT, MI'],
  ['GEOHASH Sicily Palermo Catania Rome', ['sqc8b49rny0', 'sqdtr74hyu0', null]],
  ['GEOPOS Sicily Palermo Rome', [['13.36138933897018433', '38.11555639549629859'], NULL_ARRAY]],
  ['GEORADIUS Sicily 15 37 200 km ASC', ['Catania', 'Agrigento', 'Palermo']],
  ['GEORADIUS Sicily 15 37 200 km WITHDIST WITHHASH COUNT 1', [['Catania', '56.4413', 3479447370796909]]],
  ['GEORADIUSBYMEMBER Sicily Agrigento 100 km', ['edge1', 'Agrigento', 'Palermo']],
  ['GEOSEARCH Sicily FROMLONLAT 15 37 BYBOX 400 400 km DESC', ['edge2', 'edge1', 'Palermo', 'Agrigento', 'Catania']],
  ['GEOSEARCH Sicily FROMMEMBER Rome BYRADIUS 1 km', '-ERR could not decode requested zset member'],
  ['GEOSEARCH none FROMMEMBER Rome BYRADIUS 1 km', []],
  ['GEOSEARCH Sicily BYPOLYGON 3 12 36 20 36 14 40', ['edge1', 'Agrigento', 'Palermo', 'Catania']],
  [
    'GEOSEARCH Sicily BYRADIUS 1 km ASC COUNT 1',
    '-ERR exactly one of FROMMEMBER or FROMLONLAT can be specified for GEOSEARCH',
  ],
  [
    'GEOSEARCH Sicily FROMLONLAT 1 1 ASC COUNT 1',
    '-ERR exactly one of BYRADIUS and BYBOX can be specified for GEOSEARCH',
  ],
  ['GEOSEARCH Sicily FROMLONLAT 1 1 BYRADIUS 1 km ANY', '-ERR the ANY argument requires COUNT argument'],
  ['GEOADD Sicily 200 0 x', '-ERR invalid longitude,latitude pair 200.000000,0.000000'],
  ['GEOADD Sicily NX XX 1 1 x', '-ERR syntax error'],
  ['GEOADD Sicily 1 1 x 2', '-ERR syntax error'],
  ['GEORADIUS Sicily 15 37 -1 km', '-ERR radius cannot be negative'],
  ['GEORADIUS_RO Sicily 15 37 1 km STORE d', '-ERR syntax error'],
  [
    'GEORADIUS Sicily 15 37 1 km STORE d WITHDIST',
    '-ERR STORE option in GEORADIUS is not compatible with WITHDIST, WITHHASH and WITHCOORD options',
  ],
];

describe('commands of positions', () => {
  it.each(CASES)('%s', (command, reply) => {
    const { run, runner } = sicily();
    expect(plain(run(...command.split(' ')))).toEqual(reply);
    if (!String(reply).startsWith('-')) expect(runner.dirty).toBe(0);
  });

  it('add, and say how many changed', () => {
    const { run, runner } = sicily();
    expect(run('GEOADD', 'Sicily', 'CH', 1, 1, 'Palermo', 2, 2, 'new')).toBe(2);
    expect(runner.dirty).toBe(2);
    expect(run('GEOADD', 'Sicily', 'XX', 1, 1, 'other')).toBe(0);
    expect(run('GEOADD', 'Sicily', 'NX', 9, 9, 'Palermo')).toBe(0);
  });

  it('store scores or distances, and delete where there is nothing to store', () => {
    const { run, runner, engine } = sicily();
    expect(run('GEOSEARCHSTORE', 'd', 'Sicily', 'FROMLONLAT', 15, 37, 'BYRADIUS', 100, 'km')).toBe(1);
    expect(runner.dirty).toBe(1);
    expect(pairs(run('ZRANGE', 'd', 0, -1, 'WITHSCORES'))).toEqual(['Catania', 3479447370796909]);
    expect(run('GEORADIUS', 'Sicily', 15, 37, 200, 'km', 'STOREDIST', 'd')).toBe(3);
    expect(runner.dirty).toBe(3);
    // As redis-server 7.0.15 stored them.
    const stored = ['Catania', 56.441257870158204, 'Agrigento', 130.42348706714702, 'Palermo', 190.44242984775784];
    expect(pairs(run('ZRANGE', 'd', 0, -1, 'WITHSCORES'))).toEqual(stored);
    expect(run('GEORADIUSBYMEMBER', 'none', 'x', 1, 'km', 'STORE', 'd')).toBe(0);
    expect([runner.dirty, engine.database(0).has('d')]).toEqual([1, false]);
  });

  it('name the member and the polygons in Valkey 9', () => {
    const { run } = sicily('valkey:9.0');
    expect(run('GEOSEARCH', 'Sicily', 'FROMMEMBER', 'Rome', 'BYRADIUS', 1, 'km')).toBe(
      '-ERR member Rome does not exist',
    );
    const reply = run('GEOSEARCH', 'Sicily', 'FROMLONLAT', 1, 1, 'ASC', 'COUNT', 1);
    expect(reply).toBe('-ERR exactly one of BYRADIUS, BYBOX and BYPOLYGON can be specified for GEOSEARCH');
  });
});

const RIGHT: readonly number[] = [
  0.09983341664682815, 0.5984721441039565, -0.1411200080598672, 1e-9, 0.16996714290024104, -0.4161468365471424,
  0.3046926540153975, 1.4292568534704693,
];

function sicily(target = 'redis:7.0'): TestEngine {
  const test = testEngine({ target });
  test.run('GEOADD', 'Sicily', 13.361389, 38.115556, 'Palermo', 15.087269, 37.502669, 'Catania');
  test.run('GEOADD', 'Sicily', 12.75, 37.25, 'edge1', 17.24151, 38.788135, 'edge2', 13.583333, 37.316667, 'Agrigento');
  return test;
}

function foundAt(metres: number, at: number): Found {
  return { member: `m${at}`, score: at, metres, longitude: 0, latitude: 0 };
}

/** Doubles as the text that they have. */
function plain(reply: Reply): unknown {
  if (reply instanceof DoubleReply) return reply.text;
  return Array.isArray(reply) ? reply.map(plain) : reply;
}

function pairs(reply: Reply): unknown {
  return (reply as PairsReply).pairs.flatMap(([member, score]) => [member, (score as DoubleReply).value]);
}
