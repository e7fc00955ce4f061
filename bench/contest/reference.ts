/** The truth of a case in float64, and its data as the files that every contender reads. In the driver's process alone, so that the loops see no float32. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as rowLoops from '../baselines.js';
import * as pointwiseLoops from '../baselinesPointwise.js';
import { wide } from '../case.js';
import { loopCall } from './calls.js';
import type { Part, Truth } from './judge.js';
import { type Inputs, inputs, type Shape } from './shapes.js';

/** Of this run, which removes it at its end: two runs at once must not read each other's data. */
export const workFolder = fileURLToPath(new URL(`../out/peers/${process.pid}/`, import.meta.url));

/** The two files of a case; the next case writes over them. */
export function writeData(shape: Shape): { given: Inputs; x: string; t: string } {
  mkdirSync(workFolder, { recursive: true });
  const given = inputs(shape);
  const [x, t] = [`${workFolder}first.bin`, `${workFolder}second.bin`];
  const bytes = (values: Float32Array | Int32Array | null) =>
    values ? new Uint8Array(values.buffer, values.byteOffset, values.byteLength) : new Uint8Array();
  writeFileSync(x, bytes(given.x));
  writeFileSync(t, Buffer.concat([bytes(given.t), bytes(given.y)]));
  return { given, x, t };
}

export function truthOf(shape: Shape, given: Inputs): Truth {
  if (shape.loss === 'linear') return linearTruth(shape, given);
  const { x, t, y } = given;
  const values = new Float64Array(shape.grad ? x.length : 0);
  const value = loopCall({ ...rowLoops, ...pointwiseLoops }, shape, wide(x), t && wide(t), y, values)();
  return { value, parts: shape.grad ? [{ output: 0, at: 0, values }] : [] };
}

/** The value of all rows; of the gradients some rows, since all of them would take minutes. */
function linearTruth({ rows, classes, width }: Shape, given: Inputs): Truth {
  const [x, head, y] = [given.x, given.t!, given.y!];
  const logit = (r: number, c: number) => {
    let sum = 0;
    for (let i = 0, a = r * width, b = c * width; i < width; i++) sum += x[a + i] * head[b + i];
    return sum;
  };
  const hiddenRows = [0, Math.floor(rows / 2), rows - 1];
  const kept = new Map<number, Float64Array>();
  const lse = new Float64Array(rows);
  const logits = new Float64Array(classes);
  let total = 0;
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < classes; c++) logits[c] = logit(r, c);
    if (hiddenRows.includes(r)) kept.set(r, logits.slice());
    const max = logits.reduce((most, l) => Math.max(most, l), -Infinity);
    lse[r] = max + Math.log(logits.reduce((sum, l) => sum + Math.exp(l - max), 0));
    total += lse[r] - logits[y[r]];
  }
  const slope = (l: number, r: number, c: number) => (Math.exp(l - lse[r]) - (y[r] === c ? 1 : 0)) / rows;
  const parts: Part[] = [];
  for (const [r, of] of kept) {
    const values = new Float64Array(width);
    for (let c = 0; c < classes; c++) {
      const k = slope(of[c], r, c);
      for (let i = 0; i < width; i++) values[i] += k * head[c * width + i];
    }
    parts.push({ output: 0, at: r * width, values });
  }
  for (const c of new Set([y[0], y[rows - 1], (y[0] + 1) % classes])) {
    const values = new Float64Array(width);
    for (let r = 0; r < rows; r++) {
      const k = slope(logit(r, c), r, c);
      for (let i = 0; i < width; i++) values[i] += k * x[r * width + i];
    }
    parts.push({ output: 1, at: c * width, values });
  }
  return { value: total / rows, parts };
}
