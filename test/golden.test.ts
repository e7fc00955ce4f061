/**
 * PyTorch's cases on both backends: the value and gradient of every golden case of these losses, once as tensors with
 * their own dims and once as flat arrays with `shape` and `axis`, by the acceptance rules of the numerics contract.
 */
import { afterAll, describe, expect, test } from 'vitest';
import { reference, type ReferenceOptions } from './reference/index.js';
import { absolutely, computed, decode, golden, ourName, question } from './support/golden.js';
import { boundsOf, differs, judge, type Precision, type Rule } from './support/judge.js';
import { TORCH_SUBGRADIENT } from './support/kinks.js';
import { asArray, BACKENDS, force, functionOf, gradsOf, lossOf, type Real } from './support/library.js';

/** The worst error by loss, for the summary at the end. */
const worst = new Map<string, { float32: number; float64: number }>();

function note(name: string, precision: Precision, share: number): void {
  const entry = worst.get(name) ?? { float32: 0, float64: 0 };
  if (Number.isFinite(share)) entry[precision] = Math.max(entry[precision], share);
  worst.set(name, entry);
}

afterAll(() => {
  const rows = [...worst].map(([name, { float32, float64 }]) => {
    const bounds = boundsOf(name);
    const k = (float32 * bounds.float32).toFixed(2).padStart(6);
    const scaled = (float64 * bounds.float64).toExponential(1);
    return `  ${name.padEnd(36)} K ${k} of ${bounds.float32}   scaled ${scaled} of ${bounds.float64}`;
  });
  console.log(`golden cases, worst of both backends\n${rows.join('\n')}`);
});

const losses = [...new Set(golden.cases.map(ourName))];

describe.each(BACKENDS)('%s', (backend) => {
  test.each(losses)('%s', (name) => {
    force(backend);
    const failures: string[] = [];
    const loss = functionOf(name);
    for (const entry of golden.cases.filter((each) => ourName(each) === name)) {
      const { inputs, options, flat, grads } = question(entry);
      const precision = entry.dtype === 'f32' ? 'float32' : 'float64';
      const flush = !entry.tags?.includes('subnormal');
      const absolute = absolutely(entry);
      const check = (what: string, got: ArrayLike<number>, want: ArrayLike<number>, rule: Partial<Rule>) => {
        const verdict = judge(got, want, { precision, flush, bounds: boundsOf(name), ...rule });
        note(name, precision, verdict.worst);
        if (!(verdict.worst <= 1)) failures.push(`${entry.id} ${what}${verdict.at}`);
      };
      const { value, grad } = loss.valueAndGrad(...inputs, options);
      const values = { sens: entry.sens?.value ?? 0, absolute: absolute.value };
      check('value', asArray(value), decode(entry.value), values);
      gradsOf(grad).forEach((got, k) => {
        const input = grads[k]!;
        if (!(got instanceof inputs[0]!.data.constructor))
          failures.push(`${entry.id} ${input} is of another type`);
        if (!entry.grads || TORCH_SUBGRADIENT.includes(entry.id)) return;
        const sens = entry.sens?.grads?.[input] ?? 0;
        check(`grad ${input}`, got, decode(entry.grads[input]!), { sens, absolute: absolute.grad });
      });
      if (gradsOf(grad).length !== grads.length) failures.push(`${entry.id} has another number of gradients`);
      const plain = asArray(loss(...inputs.map((input) => input.data), { ...options, ...flat }));
      const at = differs(plain, asArray(value));
      if (at >= 0)
        failures.push(`${entry.id} forward of flat arrays: [${at}] ${plain[at]}, not ${asArray(value)[at]}`);
    }
    expect(failures).toEqual([]);
  });

  test.each(golden.large.map((entry) => entry.id))('%s, computed inputs', { timeout: 60_000 }, (id) => {
    force(backend);
    const entry = golden.large.find((each) => each.id === id)!;
    const { shape } = entry.arrays.input;
    const axis = shape.length > 2 ? 1 : -1;
    const input = computed(entry, 'input');
    const target = computed(entry, 'target');
    expect([...input.slice(0, 4)]).toEqual([...decode(entry.checksum['input']!.first4)]);
    expect([...target.slice(0, 4)]).toEqual([...decode(entry.checksum['target']!.first4)]);
    const name = ourName(entry);
    const { label_smoothing, ...params } = entry.params;
    const options = {
      ...params,
      ...(label_smoothing === undefined ? {} : { labelSmoothing: label_smoothing }),
    };
    const { value, grad } = lossOf(name).valueAndGrad(
      { data: input, dims: shape },
      { data: target, dims: entry.arrays.target.shape },
      { ...options, axis },
    );
    // The file has no conditioning for these: half an ulp of a logit, of up to 12, moves a probability by that much.
    const ask = (x: ArrayLike<number>) =>
      reference(name, { inputs: [x, target], shape, axis, options: options as ReferenceOptions });
    const base = ask(input);
    const moved = ask(Float64Array.from(input, (x) => x * (1 + 2 ** -24)));
    const [want, nudged] = [base.grads[0]!, moved.grads[0]!];
    const sens = want.reduce((most, g, i) => Math.max(most, Math.abs(g - nudged[i]!)), 0);
    const sensValue = Math.abs(base.values[0]! - moved.values[0]!);
    const check = (what: string, got: ArrayLike<number>, want: ArrayLike<number>, sens: number) => {
      const verdict = judge(got, want, { precision: 'float32', sens });
      note(name, 'float32', verdict.worst);
      expect(verdict.worst, what + verdict.at).toBeLessThanOrEqual(1);
    };
    const one = (stored: Parameters<typeof decode>[0]) => decode(stored)[0]!;
    check('value', asArray(value), decode(entry.value64), sensValue);
    check('first 16', grad.subarray(0, 16), decode(entry.grad64.first16), sens);
    check('last 16', grad.subarray(-16), decode(entry.grad64.last16), sens);
    check('grad', grad, want, sens);
    const { sum, l2, largest } = moments(grad);
    const expectedL2 = one(entry.grad64.l2);
    expect(Math.abs(l2 - expectedL2)).toBeLessThanOrEqual(1e-6 * expectedL2);
    check('largest', [largest], [one(entry.grad64.maxabs)], sens);
    // The sum cancels: what is left is the rounding of its elements.
    expect(Math.abs(sum - one(entry.grad64.sum))).toBeLessThanOrEqual(
      2e-6 * expectedL2 * Math.sqrt(grad.length),
    );
  });
});

function moments(grad: Real) {
  let sum = 0;
  let squares = 0;
  let largest = 0;
  for (const g of grad) {
    sum += g;
    squares += g * g;
    largest = Math.max(largest, Math.abs(g));
  }
  return { sum, l2: Math.sqrt(squares), largest };
}
