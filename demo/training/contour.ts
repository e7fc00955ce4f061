/** Scores on a square grid, and the line where they are 0 (marching squares). Knows no canvas. */
import { LIMIT } from './data.js';

/** Nodes a side. */
export const NODES = 72;

/** x and y of every node, the top row first. */
export function gridPoints(): Float64Array {
  const at = new Float64Array(2 * NODES * NODES);
  const place = (i: number): number => LIMIT * ((2 * i) / (NODES - 1) - 1);
  for (let row = 0; row < NODES; row++)
    for (let column = 0; column < NODES; column++)
      at.set([place(column), -place(row)], 2 * (row * NODES + column));
  return at;
}

export type Point = readonly [x: number, y: number];

/** The lines where the scores are 0, in [0, 1] from the top left; a closed one ends where it begins. */
export function boundary(scores: ArrayLike<number>): Point[][] {
  const ends: Point[] = [];
  const cell = 1 / (NODES - 1);
  const end = (x: number, y: number): void => void ends.push([x * cell, y * cell]);
  for (let row = 0; row < NODES - 1; row++)
    for (let column = 0; column < NODES - 1; column++) {
      const at = row * NODES + column;
      const [a, b, c, d] = [scores[at], scores[at + 1], scores[at + NODES + 1], scores[at + NODES]];
      // Top, right, bottom, left. A saddle has four ends, and either way to join them is as good.
      if (a > 0 !== b > 0) end(column + a / (a - b), row);
      if (b > 0 !== c > 0) end(column + 1, row + b / (b - c));
      if (c > 0 !== d > 0) end(column + d / (d - c), row + 1);
      if (d > 0 !== a > 0) end(column, row + a / (a - d));
    }
  return joined(ends);
}

/** Two ends a piece. Cells that share an edge calculate the same point there, so pieces meet to the bit. */
function joined(ends: readonly Point[]): Point[][] {
  const key = ([x, y]: Point): string => `${x} ${y}`;
  const meeting = new Map<string, number[]>();
  ends.forEach((end, i) => meeting.set(key(end), [...(meeting.get(key(end)) ?? []), i]));
  const used = new Set<number>();
  const follow = (from: number): Point[] => {
    const line: Point[] = [];
    for (let at: number | undefined = from; at !== undefined;) {
      used.add(at >> 1);
      const other: Point = ends[at ^ 1];
      line.push(other);
      at = meeting.get(key(other))!.find((i) => !used.has(i >> 1));
    }
    return line;
  };
  const lines: Point[][] = [];
  for (let piece = 0; piece < ends.length / 2; piece++) {
    if (used.has(piece)) continue;
    const forth = follow(2 * piece);
    const next = meeting.get(key(ends[2 * piece]))!.find((i) => !used.has(i >> 1));
    const back = next === undefined ? [] : follow(next);
    lines.push([...back.reverse(), ends[2 * piece], ...forth]);
  }
  return lines;
}
