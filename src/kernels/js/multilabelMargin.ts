/**
 * Σ over the row's labels j and the classes i that are none of max(0, 1 − x_j + x_i) / C. The labels are the values of q up to the first −1; one
 * that stands twice counts twice. Slope 0 exactly at the margin. NaN in a row that has both labels and others gives NaN in all of it.
 */
import type { Real } from '../jobs.js';
import { fillRow } from './softmaxRow.js';
import type { SoftLoop } from './types.js';

let labels = new Int32Array(0);
let isLabel = new Uint8Array(0);
/** The classes that are no label, side by side: their values, and how many labels each comes too near to. */
let values = new Float64Array(0);
let nears = new Int32Array(0);
/** How often a label is come too near to, by class. */
let misses = new Float64Array(0);

function reserve(classes: number): void {
  if (labels.length >= classes) return;
  labels = new Int32Array(classes);
  isLabel = new Uint8Array(classes);
  values = new Float64Array(classes);
  nears = new Int32Array(classes);
  misses = new Float64Array(classes);
}

/** The row's labels to `labels` and `isLabel`; gives how many there are. What is no class ends them as −1 does. */
function loadLabels(q: Real, at: number, step: number, classes: number): number {
  isLabel.fill(0, 0, classes);
  misses.fill(0, 0, classes);
  let count = 0;
  for (let j = at; count < classes; count++, j += step) {
    const label = q[j];
    if (!(label >= 0 && label < classes)) break;
    labels[count] = label;
    isLabel[labels[count]] = 1;
  }
  return count;
}

/** The other classes' values to `values`; gives how many there are. */
function loadOthers(x: Real, at: number, step: number, classes: number): number {
  let count = 0;
  for (let c = 0, i = at; c < classes; c++, i += step) if (isLabel[c] === 0) values[count++] = x[i];
  nears.fill(0, 0, count);
  return count;
}

export const multilabelMargin: SoftLoop = (
  x,
  xAt,
  xStep,
  q,
  qAt,
  qStep,
  g,
  gAt,
  gStep,
  classes,
  scale,
  _constants,
  _classWeight,
  result,
) => {
  reserve(classes);
  const labelled = loadLabels(q, qAt, qStep, classes);
  const others = loadOthers(x, xAt, xStep, classes);
  const value = values;
  const near = nears;
  let sum = 0;
  for (let k = 0; k < labelled; k++) {
    const label = labels[k];
    const lead = 1 - x[xAt + label * xStep];
    let missed = 0;
    for (let i = 0; i < others; i++) {
      const z = lead + value[i];
      if (z <= 0) continue;
      sum += z;
      near[i]++;
      missed++;
    }
    misses[label] += missed;
  }
  result[0] = sum / classes;
  result[1] = 0;
  if (g === null) return;
  if (sum !== sum) {
    fillRow(g, gAt, gStep, classes, NaN);
    return;
  }
  const share = scale / classes;
  for (let c = 0, i = gAt, k = 0; c < classes; c++, i += gStep) {
    g[i] = share * (isLabel[c] === 0 ? near[k++] : -misses[c]);
  }
};
