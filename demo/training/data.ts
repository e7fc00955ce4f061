/**
 * Points of two classes in the plane, one of them rare. Each class has a stream of its own, so that another share of the rare one adds or takes
 * points and moves none. Knows no loss and no model.
 */
import { type Draw, normal, uniforms } from './random.js';

export interface Shape {
  readonly id: string;
  readonly label: string;
  readonly common: (draw: Draw) => readonly [x: number, y: number];
  readonly rare: (draw: Draw) => readonly [x: number, y: number];
}

/** Everything is drawn in the square from −LIMIT to LIMIT. */
export const LIMIT = 3.2;

const around = (draw: Draw, x: number, y: number, spread: number) =>
  [x + spread * normal(draw), y + spread * normal(draw)] as const;

function moon(draw: Draw, upper: boolean): readonly [number, number] {
  const angle = Math.PI * draw();
  const [x, y] = [1.5 * Math.cos(angle), 1.5 * Math.sin(angle)];
  return upper ? around(draw, x - 0.75, y - 0.4, 0.55) : around(draw, x * -1 + 0.75, 0.4 - y, 0.55);
}

function onRing(draw: Draw): readonly [number, number] {
  const angle = 2 * Math.PI * draw();
  return around(draw, 2 * Math.cos(angle), 2 * Math.sin(angle), 0.4);
}

export const shapes: readonly Shape[] = [
  {
    id: 'blobs',
    label: 'blobs',
    common: (draw) => around(draw, -0.6, -0.4, 0.9),
    rare: (draw) => around(draw, 1, 0.8, 0.6),
  },
  {
    id: 'moons',
    label: 'moons',
    common: (draw) => moon(draw, true),
    rare: (draw) => moon(draw, false),
  },
  {
    id: 'ring',
    label: 'ring',
    common: onRing,
    rare: (draw) => around(draw, 0, 0, 0.85),
  },
];

export interface Points {
  /** x and y of each point; the common class first. */
  readonly at: Float64Array;
  /** 1 for the rare class. */
  readonly rare: Uint8Array;
  readonly count: number;
}

export interface DataSet {
  readonly train: Points;
  /** Points of the same kind that the model is not trained on. */
  readonly test: Points;
}

function points({ common, rare }: Shape, count: number, share: number, seed: number, stream: number): Points {
  const rareCount = Math.max(1, Math.round(count * share));
  const at = new Float64Array(2 * count);
  const [commonDraw, rareDraw] = [uniforms(seed, stream), uniforms(seed, stream + 1)];
  for (let i = 0; i < count; i++) at.set(i < count - rareCount ? common(commonDraw) : rare(rareDraw), 2 * i);
  return { at, rare: Uint8Array.from({ length: count }, (_, i) => Number(i >= count - rareCount)), count };
}

export const TRAIN_POINTS = 600;
export const TEST_POINTS = 2000;

/** `share` of the points is of the rare class. */
export function makeData(id: string, share: number, seed: number): DataSet {
  const shape = shapes.find((one) => one.id === id) ?? shapes[0];
  return {
    train: points(shape, TRAIN_POINTS, share, seed, 10),
    test: points(shape, TEST_POINTS, share, seed, 20),
  };
}
