/**
 * Hosts without WebAssembly, without SIMD, or that forbid compiling: the TypeScript loops run instead, with nothing
 * printed or thrown, and backendError() says why. In child processes, on the built package.
 */
import { expect, test } from 'vitest';
import { reference } from './reference/index.js';
import { judge } from './support/judge.js';
import { requireDist, run } from './support/child.js';

/** A child has no flags: there relaxed SIMD is what an engine has by itself. */
const SHIPPED = !process.versions.node.startsWith('20.');
const AUTO = SHIPPED ? 'wasm-relaxed' : 'wasm';

const logits = [1, 2, 3, -1, 0.5, 0.25];
const targets = [2, 0];

const SCRIPT = `
const { backend, backendError, crossEntropy, binaryCrossEntropyWithLogits, useBackend } = await import(losskit);
const before = backend();
const logits = ${JSON.stringify(logits)};
const single = crossEntropy.valueAndGrad(Float32Array.from(logits), ${JSON.stringify(targets)});
const double = crossEntropy.valueAndGrad(Float64Array.from(logits), ${JSON.stringify(targets)});
const wide = binaryCrossEntropyWithLogits(new Float32Array(100_000).fill(1), new Float32Array(100_000).fill(1));
let forced;
try { useBackend('wasm'); forced = 'ran'; } catch (error) { forced = error instanceof Error ? error.message : 'no Error'; }
const reason = backendError();
console.log(JSON.stringify({
  before, after: backend(), forced, wide,
  reason: reason === undefined ? null : String(reason.message ?? reason),
  single: [single.value, [...single.grad]], double: [double.value, [...double.grad]],
}));
`;

interface Report {
  before: string;
  after: string;
  forced: string;
  reason: string | null;
  wide: number;
  single: [number, number[]];
  double: [number, number[]];
}

function expectValues(report: Report): void {
  const want = reference('crossEntropy', { inputs: [logits, targets], shape: [2, 3] });
  const check = (got: number[], expected: Float64Array, precision: 'float32' | 'float64') =>
    expect(
      judge(got, expected, { precision, sens: precision === 'float32' ? 1e-7 : 0 }).worst,
    ).toBeLessThanOrEqual(1);
  for (const [precision, [value, grad]] of [
    ['float32', report.single],
    ['float64', report.double],
  ] as const) {
    check([value], want.values, precision);
    check(grad, want.grads[0]!, precision);
  }
  expect(report.wide).toBeCloseTo(Math.log1p(Math.exp(-1)), 6);
}

/** What Node itself prints with these flags. */
const silence = (flags: string[]) => run(flags, '').stderr;

test('dist is built', () => requireDist());

test('plain Node: WebAssembly runs', () => {
  const { stdout, stderr } = run([], SCRIPT);
  const report = JSON.parse(stdout) as Report;
  expect(stderr).toBe('');
  expect(report).toMatchObject({ before: AUTO, after: 'wasm', forced: 'ran', reason: null });
  expectValues(report);
});

test.each([
  ['without WebAssembly', ['--jitless'], /WebAssembly/],
  ['without SIMD', ['--no-enable-sse4-1'], /SIMD/i],
] as const)('%s', (what, flags, reason) => {
  // Only x86 can be told to be without SIMD; elsewhere Node refuses nothing and there is nothing to see.
  if (what === 'without SIMD' && process.arch !== 'x64') return;
  const { stdout, stderr } = run(flags, SCRIPT);
  expect(stdout.trim().split('\n'), 'nothing else is printed').toHaveLength(1);
  const report = JSON.parse(stdout) as Report;
  expect(stderr).toBe(silence([...flags]));
  expect(report.before).toBe('js');
  expect(report.after).toBe('js');
  expect(report.reason).toMatch(reason);
  expect(report.forced).toMatch(/wasm/);
  expect(report.forced).not.toBe('ran');
  expectValues(report);
});

test('a host that forbids compiling (CSP): the reason is kept', () => {
  const forbid = `
const refuse = () => { throw new WebAssembly.CompileError('Wasm code generation disallowed by embedder'); };
WebAssembly.Module = class { constructor() { refuse(); } };
WebAssembly.validate = () => true;
`;
  const { stdout, stderr } = run([], forbid + SCRIPT);
  const report = JSON.parse(stdout) as Report;
  expect(stderr).toBe('');
  expect(report).toMatchObject({ before: 'js', after: 'js' });
  expect(report.reason).toMatch(/disallowed by embedder/);
  expectValues(report);
});

test.runIf(!SHIPPED)('without relaxed SIMD: auto is wasm, wasm-relaxed is refused with the reason', () => {
  const { stdout } = run(
    [],
    `const { backend, backendError, useBackend, initSync } = await import(losskit);
const { readFileSync } = await import('node:fs');
const file = (name) => readFileSync(new URL(name + '.wasm', losskit));
const seen = [backend(), backendError() ?? null];
try { useBackend('wasm-relaxed'); } catch (error) { seen.push(error instanceof Error, error.message, backend()); }
initSync({ float32: file('float32'), float32Relaxed: file('float32-relaxed'), float64Relaxed: file('float64-relaxed') });
console.log(JSON.stringify([...seen, backend()]));`,
  );
  const seen = JSON.parse(stdout) as unknown[];
  expect(seen).toEqual([
    'wasm',
    null,
    true,
    expect.stringMatching(/wasm-relaxed.*relaxed-simd/),
    'wasm',
    'wasm',
  ]);
});

test('a host that forbids compiling: auto takes what it was handed, each dtype for itself', () => {
  const { stdout } = run(
    SHIPPED ? [] : ['--experimental-wasm-relaxed-simd'],
    `const { readFileSync } = await import('node:fs');
const module = (name) => new WebAssembly.Module(readFileSync(new URL(name + '.wasm', losskit)));
const [float32, float64, float32Relaxed, float64Relaxed] =
  ['float32', 'float64', 'float32-relaxed', 'float64-relaxed'].map(module);
const Module = WebAssembly.Module;
WebAssembly.Module = class {
  constructor() { throw new WebAssembly.CompileError('Wasm code generation disallowed by embedder'); }
  static [Symbol.hasInstance](value) { return value instanceof Module; }
};
const { backend, crossEntropy, initSync } = await import(losskit);
const logits = Array.from({ length: 60 }, (_, i) => Math.sin(i * i));
const values = () => [Float32Array, Float64Array].map((Real) => crossEntropy(Real.from(logits), [3, 1], { shape: [2, 30] }));
const seen = [];
for (const given of [{ float32 }, { float32, float64 }, { float32, float64, float32Relaxed }, { float32, float32Relaxed, float64Relaxed }]) {
  initSync(given);
  seen.push([backend(), ...values()]);
}
console.log(JSON.stringify(seen));`,
  );
  const seen = JSON.parse(stdout) as [string, number, number][];
  expect(seen.map(([name]) => name)).toEqual(['wasm', 'wasm', 'wasm-relaxed', 'wasm-relaxed']);
  for (const [, single, double] of seen) {
    expect(single).toBeCloseTo(seen[0]![1], 6);
    expect(double).toBeCloseTo(seen[0]![2], 13);
  }
});

test('importing compiles nothing', () => {
  const { stdout } = run(
    [],
    `let compiled = 0;
for (const name of ['Module', 'Instance', 'Memory']) {
  WebAssembly[name] = new Proxy(WebAssembly[name], { construct(to, args) { compiled += 1; return new to(...args); } });
}
WebAssembly.validate = new Proxy(WebAssembly.validate, { apply(to, self, args) { compiled += 1; return to(...args); } });
const { mseLoss, backend } = await import(losskit);
const atImport = compiled;
console.log(JSON.stringify([atImport, backend(), mseLoss(new Float32Array(4096), new Float32Array(4096)), compiled > 0]));`,
  );
  expect(JSON.parse(stdout)).toEqual([0, AUTO, 0, true]);
});

test('a first call compiles the kernels of its loss alone', () => {
  const { stdout } = run(
    [],
    `const sizes = [];
WebAssembly.Module = new Proxy(WebAssembly.Module, { construct(to, args) { sizes.push(args[0].length); return new to(...args); } });
const { crossEntropy, mseLoss } = await import(losskit);
const x = new Float32Array(100);
// Probes of an engine are a few bytes long.
const seen = [() => mseLoss(x, x), () => mseLoss.valueAndGrad(x, x), () => crossEntropy(x, [0])].map((call) => {
  call();
  return sizes.filter((size) => size > 200).length;
});
console.log(JSON.stringify(seen));`,
  );
  // The tools of all, and a module of each.
  expect(JSON.parse(stdout)).toEqual([2, 2, 3]);
});

test.each([['--jitless'], ['--no-enable-sse4-1']])(
  'initSync under %s: the loops, and wrong types are refused',
  (flag) => {
    const { stdout } = run(
      [flag],
      `const { backend, initSync, mseLoss } = await import(losskit);
     const { readFileSync } = await import('node:fs');
     initSync({ float32: readFileSync(new URL('./float32.wasm', losskit)) });
     const refused = [{}, { float32: 1 }, { float32: new Uint8Array(1), float: 2 }].map((modules) => {
       try { initSync(modules); } catch (error) { return error.name; }
     });
     console.log(JSON.stringify([backend(), mseLoss([1, 2], [1, 4]), refused]));`,
    );
    expect(JSON.parse(stdout)).toEqual(['js', 2, ['TypeError', 'TypeError', 'TypeError']]);
  },
);

test('a module that is another one than its name says is refused', () => {
  const { stdout } = run(
    [],
    `const { backend, backendError, initSync, mseLoss } = await import(losskit);
     const { readFileSync } = await import('node:fs');
     const other = readFileSync(new URL('./float64.wasm', losskit));
     initSync({ float32: other, float32Relaxed: other });
     console.log(JSON.stringify([backend(), mseLoss([1, 2], [1, 4]), backendError().message]));`,
  );
  expect(JSON.parse(stdout)).toEqual([
    'js',
    2,
    'losskit: the module for float32 (fixed SIMD) is another one',
  ]);
});

test('what initSync is given once calls have run is for memory to come', () => {
  const { stdout } = run(
    [],
    `const { backend, createArena, crossEntropy, initSync, mseLoss, useBackend } = await import(losskit);
     const { readFileSync } = await import('node:fs');
     const file = (name) => readFileSync(new URL(name + '.wasm', losskit));
     useBackend('wasm');
     const x = Float32Array.from({ length: 100 }, (_, i) => Math.sin(i)), y = x.map((v) => v * v);
     const wanted = mseLoss(x, y);
     initSync({ float32: file('float64') });
     // A loss that has not run yet is not asked of the wrong module.
     const got = [crossEntropy(x, [3]) > 0, mseLoss(x, y) === wanted];
     initSync({ float32: file('float32') });
     const arena = createArena({ bytes: 4096 });
     const [a, b] = [arena.float32(100), arena.float32(100)];
     a.set(x);
     b.set(y);
     console.log(JSON.stringify([...got, mseLoss(a, b) === wanted, mseLoss(Float64Array.from(x), Float64Array.from(y)) > 0, backend()]));`,
  );
  expect(JSON.parse(stdout)).toEqual([true, true, true, true, 'wasm']);
});
