/**
 * How the driver of bench:peers and a contender's process talk: a line of words with tabs between them on stdin, a line on stdout. TypeScript, C
 * and Python all speak it.
 *   (start)                                                          ready  <versions> | unavailable  <why>
 *   load  <loss> <rows> <classes> <width> <grad 0|1> <x> <t> <out>   ok | none  <why>
 *   check                     runs once; gradients to the file out   value  <number>
 *   time  <calls>                                                    ns  <nanoseconds of all>
 * A failure is the line `failed  <why>`. <t> is the second input's file: labels, class indices, or (linear) the head with the indices
 * behind it. The process ends at the end of stdin.
 */
import type { Loss } from './shapes.js';

export interface Task {
  readonly loss: Loss;
  readonly rows: number;
  readonly classes: number;
  readonly width: number;
  readonly grad: boolean;
  readonly x: string;
  readonly t: string;
  readonly out: string;
}

export function loadLine(task: Task): string {
  const { loss, rows, classes, width, grad, x, t, out } = task;
  return ['load', loss, rows, classes, width, Number(grad), x, t, out].join('\t');
}

export function parseLoad(words: readonly string[]): Task {
  const [, loss, rows, classes, width, grad, x, t, out] = words;
  return {
    loss: loss as Loss,
    rows: Number(rows),
    classes: Number(classes),
    width: Number(width),
    grad: grad === '1',
    x,
    t,
    out,
  };
}
