/** The cases of bench:peers and of the bench page: shapes.ts says what a shape is. Runs in Node and in browsers. */
import { elements, linear, rows, type Shape } from './shapes.js';

export const mainCases: readonly Shape[] = [
  ...[
    [256, 1000],
    [128, 32000],
    [16, 151936],
    [32, 10],
  ].flatMap(([count, classes]) => [rows(count, classes), rows(count, classes, false)]),
  ...(['bce', 'focal', 'mse', 'hinge'] as const).flatMap((loss) => [
    elements(loss, 1e5),
    elements(loss, 1e7),
  ]),
  linear(512, 768, 32000),
];

const sizes = [1, 10, 100, 1e3, 1e4, 1e5, 1e6, 1e7];

/** A process each: V8 compiles a loop for the sizes that it sees first, and keeps to that. */
export const sweepCases: readonly Shape[] = [
  ...sizes.filter((n) => n >= 1e3).map((n) => rows(n / 1e3, 1e3)),
  ...(['bce', 'mse'] as const).flatMap((loss) => sizes.map((n) => elements(loss, n))),
].map((shape) => ({ ...shape, process: `sweep ${shape.name}` }));

/** What fits into a minute and into a tab. */
export const pageCases: readonly Shape[] = [
  ...mainCases.filter((shape) => shape.elements <= 1e6),
  elements('bce', 1e6),
  elements('mse', 1e6),
  rows(128, 32000),
];
