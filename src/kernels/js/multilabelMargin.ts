/**
 * Σ over the row's labels j and the classes i that are none of max(0, 1 − x_j + x_i) / C. The labels are the values of q up to the first −1; one
 * that stands twice counts twice. Slope 0 exactly at the margin. NaN in a row that has both labels and others gives NaN in all of it.
 */
import { fillRow, loadRow, rowScratch } from './softmaxRow.js';
import type { SoftLoop } from './types.js';

let labels = new Int32Array(0);
let isLabel = new Uint8Array(0);
let slopes = new Float64Array(0);

function reserve(classes: number): void {
  if (labels.length >= classes) return;
  labels = new Int32Array(classes);
  isLabel = new Uint8Array(classes);
  slopes = new Float64Array(classes);
}

/** The row's labels to `labels` and `isLabel`; gives how many there are. What is no class ends them as −1 does. */
function loadLabels(q: ArrayLike<number>, at: number, step: number, classes: number): number {
  isLabel.fill(0, 0, classes);
  let count = 0;
  for (let j = at; count < classes; count++, j += step) {
    const label = q[j];
    if (!(label >= 0 && label < classes)) break;
    labels[count] = label;
    isLabel[labels[count]] = 1;
  }
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
  const row = rowScratch(classes);
  loadRow(x, xAt, xStep, classes, row);
  const count = loadLabels(q, qAt, qStep, classes);
  slopes.fill(0, 0, classes);
  let sum = 0;
  for (let k = 0; k < count; k++) {
    const lead = 1 - row[labels[k]];
    let above = 0;
    for (let c = 0; c < classes; c++) {
      if (isLabel[c] !== 0) continue;
      const z = lead + row[c];
      if (z <= 0) continue;
      sum += z;
      slopes[c]++;
      above++;
    }
    slopes[labels[k]] -= above;
  }
  result[0] = sum / classes;
  result[1] = 0;
  if (g === null) return;
  if (sum !== sum) {
    fillRow(g, gAt, gStep, classes, NaN);
    return;
  }
  const share = scale / classes;
  for (let c = 0, i = gAt; c < classes; c++, i += gStep) g[i] = share * slopes[c];
};
