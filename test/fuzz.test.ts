/**
 * 100,000 bad calls: a good call of a random loss, spoilt in one place at random. Each must be a TypeError or a
 * RangeError that names the function, with nothing written: neither to `grad` nor, in place, to the inputs.
 */
import { expect, test } from 'vitest';
import { cases } from './cases.js';
import { caught, expectGood, SENTINEL, writable } from './support/bad.js';
import { BACKENDS, force, lossOf } from './support/library.js';
import { random } from './support/random.js';
import { argumentsOf, gradArrays, gradOption, places, sample } from './support/sample.js';
import { describeCall, spoils, type Call } from './support/spoils.js';

const CALLS = 100_000;
const SEED = Number(process.env['LOSSKIT_SEED'] ?? 20_260_731);

test(`${CALLS} bad calls throw and write nothing`, { timeout: 120_000 }, () => {
  console.log(`fuzz: seed ${SEED} (LOSSKIT_SEED to change it)`);
  const r = random(SEED);
  const names = Object.keys(spoils);
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 0; // the stack is most of what an error costs
  const seen = new Set<string>();
  const failures = new Map<string, string>();
  try {
    for (let calls = 0; calls < CALLS;) {
      if (calls % 1000 === 0) force(BACKENDS[(calls / 1000) % BACKENDS.length]!);
      const [entry, what] = [r.pick(cases), r.pick(names)];
      const [rows, classes] = [r.integer(2, 4), r.integer(2, 5)];
      const size = { rows, classes };
      const made = sample({ entry, config: 'none', size, precision: 'float32', seed: calls % 50 });
      const { inputs, options } = argumentsOf(made);
      const grad = gradOption(entry, gradArrays(entry, inputs, SENTINEL));
      const call: Call = { entry, rows, classes, inputs, options, grad };
      if (spoils[what]!(call, r) === false) continue;
      calls += 1;
      seen.add(what);
      const own = places(entry, call.inputs);
      const inPlace = own.every((x) => x instanceof Float32Array) && !what.includes('grad') && r.next() < 0.2;
      if (inPlace) call.grad = gradOption(entry, own);
      const arrays = writable(call.grad, call.options['out']);
      const before = arrays.map((array) => array.slice());
      const thrown = caught(() =>
        lossOf(entry.name).valueAndGrad(...call.inputs, { ...call.options, grad: call.grad }),
      );
      const right =
        (thrown instanceof TypeError || thrown instanceof RangeError) && thrown.message.includes(entry.name);
      const key = `${entry.name}, ${what}`;
      if (!right && !failures.has(key)) {
        const came = thrown === undefined ? 'nothing was thrown' : String(thrown);
        failures.set(key, `${rows} x ${classes}, call ${calls}: ${came}; ${describeCall(call)}`);
      }
      if (arrays.some((array, k) => array.some((x, i) => !Object.is(x, before[k]![i]))))
        failures.set(`${key}: something was written`, describeCall(call));
      if (calls % 5000 === 0) expectGood();
    }
  } finally {
    Error.stackTraceLimit = limit;
  }
  expect([...failures].slice(0, 100).map(([key, came]) => `${key}: ${came}`)).toEqual([]);
  expect([...seen].sort(), 'every kind of spoiling came up').toEqual(names.sort());
});
