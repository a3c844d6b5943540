/** What a search covers: a circle, a box or a polygon, the cells of the grid that may have a part in it, and what is inside. */
import { cos, distance, EARTH_RADIUS, latitudeDistance, sin, toDegrees, toRadians } from './geo-distance.js';
import { type Area, areaOf, type Cell, cellOf, MAX_LATITUDE, neighbour, type Position, STEPS } from './geo-hash.js';

/** Lengths are in `unit`s of so many metres. */
export type Shape =
  | { readonly kind: 'circle'; readonly radius: number; readonly unit: number }
  | { readonly kind: 'box'; readonly width: number; readonly height: number; readonly unit: number }
  | { readonly kind: 'polygon'; readonly vertices: readonly Position[]; readonly unit: 1 };

/** Half of the earth's width in the projection, in metres. */
const MERCATOR_MAX = 20037726.37;

/** Metres from the centre of the search to a position inside; undefined outside. */
export function distanceInside(shape: Shape, centre: Position, position: Position): number | undefined {
  const { longitude, latitude } = position;
  switch (shape.kind) {
    case 'circle': {
      const metres = distance(centre.longitude, centre.latitude, longitude, latitude);
      // Not the other way round: what is no number is inside.
      return metres > shape.radius * shape.unit ? undefined : metres;
    }
    case 'box': {
      if (latitudeDistance(latitude, centre.latitude) > (shape.height * shape.unit) / 2) return undefined;
      const across = distance(longitude, latitude, centre.longitude, latitude);
      if (across > (shape.width * shape.unit) / 2) return undefined;
      return distance(centre.longitude, centre.latitude, longitude, latitude);
    }
    case 'polygon':
      if (!isInPolygon(shape.vertices, position)) return undefined;
      return distance(centre.longitude, centre.latitude, longitude, latitude);
  }
}

/**
 * The cells to look through, in the server's order: the one in the middle, then N, S, E, W, NE, NW, SE, SW of it. Undefined
 * for those that lie outside the box around the search.
 */
export function searchedCells(shape: Shape, centre: Position): (Cell | undefined)[] {
  // The middle of a polygon may lie nearer to a pole than the grid goes; what the server searches then is left to chance.
  if (Math.abs(centre.latitude) > MAX_LATITUDE) return [];
  const bounds = boundsOf(shape, centre);
  let step = estimateStep(reachOf(shape, centre, bounds), centre.latitude);
  let middle = cellOf(centre, step);
  if (step > 1 && !coversBounds(middle, bounds)) {
    step--;
    middle = cellOf(centre, step);
  }
  const cells = OFFSETS.map(([columns, rows]) => neighbour(middle, columns, rows));
  if (step < 2) return [middle, ...cells];
  const area = areaOf(middle);
  return [
    middle,
    ...cells.map((cell, at) => {
      const [columns, rows] = OFFSETS[at]!;
      const isUseless =
        (rows < 0 && area.minLatitude < bounds.minLatitude) ||
        (rows > 0 && area.maxLatitude > bounds.maxLatitude) ||
        (columns < 0 && area.minLongitude < bounds.minLongitude) ||
        (columns > 0 && area.maxLongitude > bounds.maxLongitude);
      return isUseless ? undefined : cell;
    }),
  ];
}

/** Columns to the east and rows to the north. */
const OFFSETS: readonly (readonly [number, number])[] = [
  [0, 1],
  [0, -1],
  [1, 0],
  [-1, 0],
  [1, 1],
  [-1, 1],
  [1, -1],
  [-1, -1],
];

/** The middle of a polygon: the direction of the sum of its vertices as points in space. */
export function centroid(vertices: readonly Position[]): Position {
  let x = 0;
  let y = 0;
  let z = 0;
  for (const { longitude, latitude } of vertices) {
    const across = toRadians(longitude);
    const up = toRadians(latitude);
    x += cos(up) * cos(across);
    y += cos(up) * sin(across);
    z += sin(up);
  }
  return {
    longitude: toDegrees(Math.atan2(y, x)),
    latitude: toDegrees(Math.atan2(z, Math.sqrt(x * x + y * y))),
  };
}

/** The box around a search, in degrees; wider at the side that lies nearer to a pole. */
function boundsOf(shape: Shape, { longitude, latitude }: Position): Area {
  if (shape.kind === 'polygon') {
    const longitudes = shape.vertices.map((vertex) => vertex.longitude);
    const latitudes = shape.vertices.map((vertex) => vertex.latitude);
    return {
      minLongitude: Math.min(...longitudes),
      maxLongitude: Math.max(...longitudes),
      minLatitude: Math.min(...latitudes),
      maxLatitude: Math.max(...latitudes),
    };
  }
  const height = shape.unit * (shape.kind === 'circle' ? shape.radius : shape.height / 2);
  const width = shape.unit * (shape.kind === 'circle' ? shape.radius : shape.width / 2);
  const latitudeReach = toDegrees(height / EARTH_RADIUS);
  const edge = latitude < 0 ? latitude - latitudeReach : latitude + latitudeReach;
  const longitudeReach = toDegrees(width / EARTH_RADIUS / cos(toRadians(edge)));
  return {
    minLongitude: longitude - longitudeReach,
    maxLongitude: longitude + longitudeReach,
    minLatitude: latitude - latitudeReach,
    maxLatitude: latitude + latitudeReach,
  };
}

/** Metres from the centre to the farthest corner. */
function reachOf(shape: Shape, { longitude, latitude }: Position, bounds: Area): number {
  if (shape.kind === 'circle') return shape.radius * shape.unit;
  if (shape.kind === 'box') {
    const { width, height } = shape;
    return Math.sqrt((width / 2) * (width / 2) + (height / 2) * (height / 2)) * shape.unit;
  }
  const { minLongitude, maxLongitude, minLatitude, maxLatitude } = bounds;
  return Math.max(
    distance(longitude, latitude, minLongitude, maxLatitude),
    distance(longitude, latitude, maxLongitude, maxLatitude),
    distance(longitude, latitude, minLongitude, minLatitude),
    distance(longitude, latitude, maxLongitude, minLatitude),
  );
}

/** Bits per side of cells of about that size; fewer towards the poles, where cells are narrow. */
function estimateStep(metres: number, latitude: number): number {
  if (metres === 0) return STEPS;
  let step = -1;
  for (let size = metres; size < MERCATOR_MAX; size *= 2) step++;
  if (Math.abs(latitude) > 66) step--;
  if (Math.abs(latitude) > 80) step--;
  return Math.min(STEPS, Math.max(1, step));
}

/** Whether a cell and those around it reach as far as the bounds. */
function coversBounds(middle: Cell, bounds: Area): boolean {
  return !(
    areaOf(neighbour(middle, 0, 1)).maxLatitude < bounds.maxLatitude ||
    areaOf(neighbour(middle, 0, -1)).minLatitude > bounds.minLatitude ||
    areaOf(neighbour(middle, 1, 0)).maxLongitude < bounds.maxLongitude ||
    areaOf(neighbour(middle, -1, 0)).minLongitude > bounds.minLongitude
  );
}

/** Whether a ray to the east crosses an odd number of edges (Franklin's PNPOLY test). */
function isInPolygon(vertices: readonly Position[], { longitude, latitude }: Position): boolean {
  let isInside = false;
  let other = vertices.at(-1)!;
  for (const vertex of vertices) {
    if (vertex.latitude > latitude !== other.latitude > latitude) {
      const slope =
        ((other.longitude - vertex.longitude) * (latitude - vertex.latitude)) / (other.latitude - vertex.latitude);
      if (longitude < slope + vertex.longitude) isInside = !isInside;
    }
    other = vertex;
  }
  return isInside;
}
