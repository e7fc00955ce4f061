/**
 * 100,000 bad calls: a good call of a random loss, spoilt in one place at random. Each must be a TypeError or a
 * RangeError that names the function, with nothing written: neither to `grad` nor, in place, to the input.
 */
import { expect, test } from 'vitest';
import { cases } from './cases.js';
import { caught, expectGood, SENTINEL } from './support/bad.js';
import { BACKENDS, force, lossOf } from './support/library.js';
import { random } from './support/random.js';
import { argumentsOf, sample } from './support/sample.js';
import { describeCall, spoils, type Call } from './support/spoils.js';

const CALLS = 100_000;
const SEED = Number(process.env['LOSSKIT_SEED'] ?? 20_260_731);

test(`${CALLS} bad calls throw and write nothing`, { timeout: 120_000 }, () => {
  console.log(`fuzz: seed ${SEED} (LOSSKIT_SEED to change it)`);
  const r = random(SEED);
  const names = Object.keys(spoils);
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 0; // the stack is most of what an error costs
  const seen = new Map<string, number>();
  const failures = new Map<string, string>();
  try {
    for (let calls = 0; calls < CALLS;) {
      if (calls % 1000 === 0) force(BACKENDS[(calls / 1000) % 2]!);
      const [entry, what] = [r.pick(cases), r.pick(names)];
      const [rows, classes] = [r.integer(2, 4), r.integer(2, 5)];
      const s = sample({
        entry,
        config: 'none',
        size: { rows, classes },
        precision: 'float32',
        seed: calls % 50,
      });
      const call: Call = {
        entry,
        rows,
        classes,
        ...argumentsOf(s),
        grad: new Float32Array(rows * classes).fill(SENTINEL),
      };
      if (spoils[what]!(call, r) === false) continue;
      calls += 1;
      seen.set(what, (seen.get(what) ?? 0) + 1);
      const inPlace = r.next() < 0.2 && call.input instanceof Float32Array && !what.includes('grad');
      const grad = inPlace ? call.input : call.grad;
      const before = ArrayBuffer.isView(grad) && 'slice' in grad ? (grad as Float32Array).slice() : undefined;
      const thrown = caught(() =>
        lossOf(entry.name).valueAndGrad(call.input, call.target, { ...call.options, grad }),
      );
      const right =
        (thrown instanceof TypeError || thrown instanceof RangeError) && thrown.message.includes(entry.name);
      if (!right) {
        const came = thrown === undefined ? 'nothing was thrown' : String(thrown);
        const key = `${entry.name}, ${what}`;
        if (!failures.has(key))
          failures.set(key, `${rows} x ${classes}, call ${calls}: ${came}; ${describeCall(call)}`);
      }
      const after = grad as Float32Array;
      if (before?.some((x, i) => !Object.is(x, after[i])))
        failures.set(`${entry.name}, ${what}: grad was written`, '');
      if (calls % 5000 === 0) expectGood();
    }
  } finally {
    Error.stackTraceLimit = limit;
  }
  expect([...failures].slice(0, 100).map(([key, came]) => `${key}: ${came}`)).toEqual([]);
  expect([...seen.keys()].sort(), 'every kind of spoiling came up').toEqual(names.sort());
});
