/** The arguments of GEOSEARCH, GEORADIUS and their kin. */
import type { ByteString } from '../../bytes/byte-string.js';
import type { Target } from '../../rdb/versions.js';
import { isOption, numberArgument } from '../arguments.js';
import type { Call } from '../call.js';
import { doubleArgument } from '../double.js';
import { CommandError, syntaxError } from '../reply.js';
import { isSince } from '../settings.js';
import type { ZsetObject } from '../values/zset-object.js';
import { MAX_LATITUDE, MAX_LONGITUDE, type Position, scorePosition } from './geo-hash.js';
import { centroid, type Shape } from './geo-shape.js';

/** The commands differ in where things stand: `radius` and `member` at fixed places, `search` and `store` by name. */
export interface SearchForm {
  readonly kind: 'radius' | 'member' | 'search' | 'store';
  /** STORE and STOREDIST of the older commands, which their read-only forms lack. */
  readonly canStore: boolean;
}

export interface Search {
  readonly centre: Position;
  readonly shape: Shape;
  readonly sort: 'asc' | 'desc' | undefined;
  /** 0 for all. */
  readonly count: number;
  /** The first that are found, instead of the nearest. */
  readonly isAny: boolean;
  readonly withDistance: boolean;
  readonly withHash: boolean;
  readonly withPosition: boolean;
  readonly storeKey: ByteString | undefined;
  readonly storesDistance: boolean;
}

/** Metres per unit. Throws "unsupported unit provided". */
export function unitArgument(text: ByteString | undefined): number {
  if (isOption(text, 'M')) return 1;
  if (isOption(text, 'KM')) return 1000;
  if (isOption(text, 'FT')) return 0.3048;
  if (isOption(text, 'MI')) return 1609.34;
  throw new CommandError('ERR unsupported unit provided. please use M, KM, FT, MI');
}

/** Longitude and latitude. Throws "value is not a valid float" or "invalid longitude,latitude pair". */
export function positionArguments(args: readonly ByteString[], at: number, target: Target): Position {
  const longitude = doubleArgument(args[at], target);
  const latitude = doubleArgument(args[at + 1], target);
  if (Math.abs(longitude) > MAX_LONGITUDE || Math.abs(latitude) > MAX_LATITUDE)
    throw new CommandError(`ERR invalid longitude,latitude pair ${sixPlaces(longitude)},${sixPlaces(latitude)}`);
  return { longitude, latitude };
}

/** Reads a whole command; `zset` is what it searches, where that is there. */
export function parseSearch(call: Call, form: SearchForm, zset: ZsetObject | undefined): Search {
  return new SearchParser(call, form, zset).parse();
}

class SearchParser {
  private centre: Position = { longitude: 0, latitude: 0 };
  private shape: Shape = { kind: 'circle', radius: 0, unit: 1 };
  private from: 'member' | 'position' | undefined;
  private by: Shape['kind'] | undefined;
  private sort: Search['sort'];
  private count = 0;
  private isAny = false;
  private withDistance = false;
  private withHash = false;
  private withPosition = false;
  private storeKey: ByteString | undefined;
  private storesDistance = false;
  private readonly args: readonly ByteString[];
  private readonly target: Target;
  private readonly isSearch: boolean;
  private at = 0;

  constructor(
    call: Call,
    private readonly form: SearchForm,
    private readonly zset: ZsetObject | undefined,
  ) {
    this.args = call.args;
    this.target = call.engine.settings.target;
    this.isSearch = form.kind === 'search' || form.kind === 'store';
  }

  parse(): Search {
    this.at = this.fixedArguments();
    while (this.at < this.args.length) {
      if (!this.takeOption() && !(this.isSearch && this.takeFrom()) && !(this.isSearch && this.takeShape()))
        throw syntaxError();
    }
    this.check();
    const { centre, shape, sort, count, isAny, withDistance, withHash, withPosition, storeKey, storesDistance } = this;
    return { centre, shape, sort, count, isAny, withDistance, withHash, withPosition, storeKey, storesDistance };
  }

  /** What stands in front of the options; returns where they begin. */
  private fixedArguments(): number {
    const { args, form, zset } = this;
    switch (form.kind) {
      case 'radius':
        this.centre = positionArguments(args, 2, this.target);
        this.shape = this.circle(4);
        return 6;
      case 'member':
        // Without the key nothing is looked at but the options.
        if (zset === undefined) return 5;
        this.centre = memberPosition(zset, args[2]!, this.target);
        this.shape = this.circle(3);
        return 5;
      case 'search':
        return 2;
      case 'store':
        this.storeKey = args[1];
        return 3;
    }
  }

  /** An option that does not say where; false where this is none. */
  private takeOption(): boolean {
    const text = this.args[this.at];
    if (isOption(text, 'WITHDIST')) this.withDistance = true;
    else if (isOption(text, 'WITHHASH')) this.withHash = true;
    else if (isOption(text, 'WITHCOORD')) this.withPosition = true;
    else if (isOption(text, 'ANY')) this.isAny = true;
    else if (isOption(text, 'ASC')) this.sort = 'asc';
    else if (isOption(text, 'DESC')) this.sort = 'desc';
    else if (isOption(text, 'COUNT') && this.left() > 1) this.count = countOf(this.args[++this.at]);
    else if (this.form.kind === 'store' && isOption(text, 'STOREDIST')) this.storesDistance = true;
    else if (!this.form.canStore || this.left() < 2) return false;
    else if (isOption(text, 'STORE') || isOption(text, 'STOREDIST')) {
      this.storesDistance = isOption(text, 'STOREDIST');
      this.storeKey = this.args[++this.at];
    } else return false;
    this.at++;
    return true;
  }

  /** FROMMEMBER member, FROMLONLAT longitude latitude */
  private takeFrom(): boolean {
    const text = this.args[this.at];
    if (this.by === 'polygon') return false;
    if (isOption(text, 'FROMMEMBER') && this.left() > 1 && this.from !== 'position') {
      if (this.zset !== undefined) this.centre = memberPosition(this.zset, this.args[this.at + 1]!, this.target);
      this.from = 'member';
      this.at += 2;
      return true;
    }
    if (!isOption(text, 'FROMLONLAT') || this.left() < 3 || this.from === 'member') return false;
    this.centre = positionArguments(this.args, this.at + 1, this.target);
    this.from = 'position';
    this.at += 3;
    return true;
  }

  /** BYRADIUS radius unit, BYBOX width height unit, BYPOLYGON count longitude latitude … */
  private takeShape(): boolean {
    const text = this.args[this.at];
    const isFree = (kind: Shape['kind']): boolean => this.by === undefined || this.by === kind;
    if (isOption(text, 'BYRADIUS') && this.left() > 2 && isFree('circle')) {
      this.shape = this.circle(this.at + 1);
      this.at += 3;
    } else if (isOption(text, 'BYBOX') && this.left() > 3 && isFree('box')) {
      this.shape = this.box(this.at + 1);
      this.at += 4;
    } else if (isOption(text, 'BYPOLYGON') && this.left() > 2 && this.by === undefined && this.from === undefined) {
      this.shape = this.polygon(this.at + 1);
    } else return false;
    this.by = this.shape.kind;
    return true;
  }

  private circle(at: number): Shape {
    const radius = doubleArgument(this.args[at], this.target, 'ERR need numeric radius');
    if (radius < 0) throw new CommandError('ERR radius cannot be negative');
    return { kind: 'circle', radius, unit: unitArgument(this.args[at + 1]) };
  }

  private box(at: number): Shape {
    const width = doubleArgument(this.args[at], this.target, 'ERR need numeric width');
    const height = doubleArgument(this.args[at + 1], this.target, 'ERR need numeric height');
    if (width < 0 || height < 0) throw new CommandError('ERR height or width cannot be negative');
    return { kind: 'box', width, height, unit: unitArgument(this.args[at + 2]) };
  }

  /** Valkey 9.0 and later. Moves behind it. */
  private polygon(at: number): Shape {
    const count = vertexCount(this.args[at]);
    const possible = (this.args.length - at - 1) >>> 1;
    if (count < 3 || possible < count) throw new CommandError('ERR GEOSEARCH BYPOLYGON must have at least 3 vertices');
    const vertices: Position[] = [];
    for (let vertex = 0; vertex < count; vertex++)
      vertices.push(positionArguments(this.args, at + 1 + vertex * 2, this.target));
    this.centre = centroid(vertices);
    this.at = at + 1 + count * 2;
    return { kind: 'polygon', vertices, unit: 1 };
  }

  private check(): void {
    const name = this.args[0]!;
    if (this.storeKey !== undefined && (this.withDistance || this.withHash || this.withPosition)) {
      const what = this.form.kind === 'store' ? 'GEOSEARCHSTORE' : 'STORE option in GEORADIUS';
      throw new CommandError(`ERR ${what} is not compatible with WITHDIST, WITHHASH and WITHCOORD options`);
    }
    if (this.isSearch && this.from === undefined && this.by !== 'polygon')
      throw new CommandError(`ERR exactly one of FROMMEMBER or FROMLONLAT can be specified for ${name}`);
    if (this.isSearch && this.by === undefined) {
      const shapes = isSince(this.target, { valkey: '9.0' }) ? 'BYRADIUS, BYBOX and BYPOLYGON' : 'BYRADIUS and BYBOX';
      throw new CommandError(`ERR exactly one of ${shapes} can be specified for ${name}`);
    }
    if (this.isAny && this.count === 0) throw new CommandError('ERR the ANY argument requires COUNT argument');
  }

  /** Arguments from the one at hand on. */
  private left(): number {
    return this.args.length - this.at;
  }
}

function countOf(text: ByteString | undefined): number {
  const count = numberArgument(text);
  if (count <= 0) throw new CommandError('ERR COUNT must be > 0');
  return count;
}

function vertexCount(text: ByteString | undefined): number {
  try {
    const count = numberArgument(text);
    if (Math.abs(count) < 2 ** 31) return count;
  } catch {
    // The message is the same.
  }
  throw new CommandError('ERR invalid number of vertices');
}

function memberPosition(zset: ZsetObject, member: ByteString, target: Target): Position {
  const score = zset.score(member);
  if (score !== undefined) return scorePosition(score);
  if (!isSince(target, { valkey: '9.0' })) throw new CommandError('ERR could not decode requested zset member');
  // A C string there, and one line in the reply.
  const [shown = ''] = member.split('\0', 1);
  throw new CommandError(`ERR member ${shown.replaceAll(/[\r\n]/g, ' ')} does not exist`);
}

/** C's `%f`. */
function sixPlaces(value: number): string {
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  if (Object.is(value, -0)) return '-0.000000';
  return Math.abs(value) < 1e21 ? value.toFixed(6) : `${BigInt(value)}.000000`;
}
