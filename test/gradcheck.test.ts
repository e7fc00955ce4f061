/**
 * Gradients against central differences of the reference's value, in float64: random seeded configurations of every
 * loss and reduction, away from kinks. The same run compares the library's values with the reference's.
 */
import { describe, expect, test } from 'vitest';
import { cases } from './cases.js';
import { central } from './support/differences.js';
import { boundsOf, judge } from './support/judge.js';
import { asArray, BACKENDS, force, gradsOf, lossOf, REDUCTIONS } from './support/library.js';
import { random } from './support/random.js';
import { answer, argumentsOf, sample } from './support/sample.js';

const CONFIGURATIONS = 200;
const ATOL = 1e-8;
const RTOL = 1e-6;

describe.each(cases.map((each) => [each.name, each] as const))('%s', (name, entry) => {
  const reductions = entry.batchmean ? ([...REDUCTIONS, 'batchmean'] as const) : REDUCTIONS;
  test.each(reductions)(`%s, ${CONFIGURATIONS} configurations`, { timeout: 60_000 }, (reduction) => {
    const r = random(20_000 + name.length);
    const names = Object.keys(entry.options);
    for (let k = 0, done = 0; done < CONFIGURATIONS; k++) {
      const size = { rows: r.integer(1, 4), classes: r.integer(2, 5) };
      const config = names[k % names.length]!;
      const s = sample({ entry, config, size, precision: 'float64', seed: k, smooth: true, spread: 1.5 });
      if (entry.exact?.(s.options) === false) continue;
      done += 1;
      const base = answer(s, { reduction });
      const gradOutput =
        reduction === 'none' ? base.values.map(() => r.normal()) : r.next() < 0.5 ? 1 : r.normal();
      const total = (values: Float64Array) =>
        values.reduce(
          (sum, v, i) => sum + v * (typeof gradOutput === 'number' ? gradOutput : gradOutput[i]!),
          0,
        );
      const empty = base.values.some((v) => Number.isNaN(v)); // nothing counted: the gradient is 0
      const wanted = empty ? base.grads : central(s, { reduction }, total);
      const shape = reduction === 'batchmean' ? { shape: s.shape } : {};
      const { inputs, options } = argumentsOf(s, { reduction, gradOutput, ...shape });
      for (const backend of BACKENDS) {
        force(backend);
        const got = lossOf(name).valueAndGrad(...inputs, options);
        const where = `${name}, ${config}, ${size.rows} x ${size.classes}, configuration ${k}, ${backend}`;
        const value = judge(asArray(got.value), base.values, {
          precision: 'float64',
          bounds: boundsOf(name),
        });
        if (value.worst > 1) expect.fail(`${where}: value${value.at}`);
        const grads = gradsOf(got.grad);
        expect(grads.map((grad) => grad.length)).toEqual(wanted.map((want) => want.length));
        wanted.forEach((want, g) => {
          const bad = want.findIndex((w, i) => !(Math.abs(grads[g]![i]! - w) <= ATOL + RTOL * Math.abs(w)));
          if (bad >= 0)
            expect.fail(`${where}: grad ${g} [${bad}] is ${grads[g]![bad]}, the quotient ${want[bad]}`);
        });
      }
    }
  });
});
