/** The reference itself against PyTorch: what judges the library elsewhere is proved here first. */
import { expect, test } from 'vitest';
import { cases } from './cases.js';
import { reference, type ReferenceOptions } from './reference/index.js';
import { central } from './support/differences.js';
import { decode, golden, question } from './support/golden.js';
import { judge } from './support/judge.js';
import { TORCH_SUBGRADIENT } from './support/kinks.js';
import { random } from './support/random.js';
import { answer, sample } from './support/sample.js';

test('every golden case: float64 within 1e-12, tighter than any bound of the library needs', () => {
  const failures: string[] = [];
  let worst = 0;
  for (const entry of golden.cases) {
    const { name, input, target, options, axis } = question(entry);
    const shape = input.dims;
    const call = {
      input: input.data,
      target: target.data,
      shape,
      axis,
      options: options as ReferenceOptions,
    };
    const answer = reference(name, call);
    const check = (what: string, got: Float64Array, stored: Parameters<typeof decode>[0]) => {
      const want = decode(stored);
      // One wide float32 case has no float64 recomputation: there PyTorch's float32 is all there is.
      const precision = stored.dtype === 'f32' ? 'float32' : 'float64';
      const verdict = judge(got, want, { precision, sens: 0 });
      worst = Math.max(worst, Number.isFinite(verdict.worst) ? verdict.worst : 0);
      if (verdict.worst > 1) failures.push(`${entry.id} ${what}${verdict.at}`);
    };
    check('value', answer.values, entry.value);
    if (entry.grad && !TORCH_SUBGRADIENT.includes(entry.id)) check('grad', answer.grad, entry.grad);
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
      const want = central(s, { reduction: 'sum' }, (values) => values[0]!);
      const { grad } = answer(s, { reduction: 'sum' });
      const bad = grad.findIndex((g, i) => !(Math.abs(g - want[i]!) <= 1e-8 + 1e-6 * Math.abs(want[i]!)));
      if (bad >= 0) expect.fail(`${entry.name}, ${config}: grad[${bad}] is ${grad[bad]}, not ${want[bad]}`);
    }
  }
});
