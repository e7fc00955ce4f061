/** The reference itself against PyTorch: what judges the library elsewhere is proved here first. */
import { describe, expect, test } from 'vitest';
import { cases } from './cases.js';
import { ctc, ctcByEnumeration } from './reference/ctc.js';
import { reference, type ReferenceOptions } from './reference/index.js';
import { central } from './support/differences.js';
import { absolutely, decode, functions, question } from './support/golden.js';
import { golden } from './support/goldenFile.js';
import { boundsOf, judge } from './support/judge.js';
import { TORCH_SUBGRADIENT } from './support/kinks.js';
import { random } from './support/random.js';
import { answer, sample } from './support/sample.js';

test('every golden case: float64 within 1e-12, tighter than any bound of the library needs', () => {
  const failures: string[] = [];
  let worst = 0;
  for (const entry of golden.cases) {
    const { name, inputs, options, axis, grads } = question(entry);
    if (functions.has(name)) continue;
    const shape = inputs[0]!.dims;
    const data = inputs.map((input) => input.data);
    const answer = reference(name, { inputs: data, shape, axis, options: options as ReferenceOptions });
    const check = (what: string, got: Float64Array, stored: Parameters<typeof decode>[0], absolute = 0) => {
      const want = decode(stored);
      // One wide float32 case has no float64 recomputation: there PyTorch's float32 is all there is.
      const precision = stored.dtype === 'f32' ? 'float32' : 'float64';
      const verdict = judge(got, want, { precision, bounds: boundsOf(name), absolute });
      worst = Math.max(worst, Number.isFinite(verdict.worst) ? verdict.worst : 0);
      if (verdict.worst > 1) failures.push(`${entry.id} ${what}${verdict.at}`);
    };
    const absolute = absolutely({ ...entry, dtype: 'f64' });
    check('value', answer.values, entry.value, absolute.value);
    if (!entry.grads || TORCH_SUBGRADIENT.includes(entry.id)) continue;
    grads.forEach((input, k) => check(input, answer.grads[k]!, entry.grads![input]!, absolute.grad));
  }
  console.log(
    `reference: worst ${worst.toPrecision(3)} of the float64 bound over ${golden.cases.length} cases`,
  );
  expect(failures).toEqual([]);
});

test('the list of subgradients that are a matter of choice holds only cases tagged so', () => {
  for (const id of TORCH_SUBGRADIENT) {
    expect(golden.cases.find((entry) => entry.id === id)?.tags, id).toContain('kink');
  }
});

test('the reference has the derivative of its own value', () => {
  const r = random(7);
  for (const entry of cases) {
    for (const config of Object.keys(entry.options)) {
      const size = { rows: r.integer(2, 4), classes: r.integer(2, 5) };
      const s = sample({ entry, config, size, precision: 'float64', seed: 'own', smooth: true, spread: 1.5 });
      if (entry.exact?.(s.options) === false) continue;
      const wanted = central(s, { reduction: 'sum' }, (values) => values[0]!);
      const { grads } = answer(s, { reduction: 'sum' });
      wanted.forEach((want, k) => {
        const grad = grads[k]!;
        const bad = grad.findIndex((g, i) => !(Math.abs(g - want[i]!) <= 1e-8 + 1e-6 * Math.abs(want[i]!)));
        if (bad >= 0)
          expect.fail(`${entry.name}, ${config}: gradient ${k} [${bad}] is ${grad[bad]}, not ${want[bad]}`);
      });
    }
  }
});

describe('ctc', () => {
  test('is the sum over all paths, and so is its derivative', () => {
    const r = random(3);
    for (let k = 0; k < 60; k++) {
      const [T, C] = [r.integer(1, 5), r.integer(1, 4)];
      const blank = r.integer(0, C - 1);
      const frames = Array.from({ length: T }, () => Float64Array.from({ length: C }, () => r.normal()));
      const others = Array.from({ length: C }, (_, c) => c).filter((c) => c !== blank);
      const labels = Array.from({ length: C > 1 ? r.integer(0, T) : 0 }, () => r.pick(others));
      const task = { frames, labels, options: { blank, fromLogits: true } };
      const { loss, grads } = ctc(task);
      const want = ctcByEnumeration(task);
      if (want === Infinity) {
        expect(loss).toBe(Infinity);
        continue;
      }
      expect(Math.abs(loss - want)).toBeLessThanOrEqual(1e-13 * Math.max(1, want));
      frames.forEach((frame, t) =>
        frame.forEach((x, c) => {
          const at = (h: number) => {
            frame[c] = x + h;
            const value = ctcByEnumeration(task);
            frame[c] = x;
            return value;
          };
          const slope = (8 * (at(1e-3) - at(-1e-3)) - (at(2e-3) - at(-2e-3))) / 12e-3;
          expect(Math.abs(grads[t]![c]! - slope)).toBeLessThanOrEqual(1e-10);
        }),
      );
    }
  });
});
