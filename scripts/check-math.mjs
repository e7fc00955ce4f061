/**
 * `npm run check:math [f32|f64] [stride]`: the elementary functions of assembly/math.ts against references, as the fixed build has them
 * and, where this engine runs it, as the relaxed build.
 * float32: exp, log and log1p on all 2^32 inputs against float64 Math.*; the other blocks on their domains.
 * float64: 10^7 points a function against a double-double reference (good to about 2^-67).
 * Every input is computed in two lanes (every pair of lanes in turn), which must agree bit for bit. Exits with 1 when a bound is passed.
 */
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import asc from 'assemblyscript/asc';

const [only, strideText] = isMainThread ? process.argv.slice(2) : workerData.argv;
const THREADS = isMainThread ? availableParallelism() : workerData.threads;
const STRIDE = Number(strideText ?? 1); // only each STRIDE-th float32: a quick look
// Node 20 has relaxed SIMD under a flag; later ones have it, and no such flag.
if (process.versions.node.startsWith('20.')) setFlagsFromString('--experimental-wasm-relaxed-simd');
const FIXED = { label: '', enable: 'simd' };
const RELAXED = { label: ' relaxed', enable: 'simd,relaxed-simd' };
const SIZE = 1 << 16; // elements a block
const PAD = 64; // bytes: room to shift a block by lanes
let failed = false;

async function compile(real, build) {
  let wasm;
  const { error, stderr } = await asc.main(
    [
      'assembly/probe.ts',
      '--config',
      'none',
      '--use',
      `real=${real}`,
      '--runtime',
      'stub',
      '--noAssert',
      '--noExportMemory',
      '--importMemory',
      '--enable',
      build.enable,
      '--disable',
      'mutable-globals',
      '-O3',
      '--shrinkLevel',
      '1',
      '--memoryBase',
      '1024',
      '--outFile',
      'probe.wasm',
    ],
    {
      writeFile: (name, data) => {
        if (name.endsWith('.wasm')) wasm = data;
      },
    },
  );
  if (error) throw new Error(stderr.toString());
  if (build === RELAXED && !WebAssembly.validate(wasm)) return undefined;
  const memory = new WebAssembly.Memory({ initial: 64 });
  const { instance } = await WebAssembly.instantiate(wasm, { env: { memory } });
  return { kernel: instance.exports, buffer: memory.buffer };
}

/** Room for one block of inputs, its results and those of the shifted run, as numbers and as bits. */
function bench({ kernel, buffer }, Real) {
  const bytes = SIZE * Real.BYTES_PER_ELEMENT;
  const at = [0, 1, 2].map((i) => 65536 + i * (bytes + 2 * PAD));
  return {
    kernel,
    bytes,
    at,
    vectors: bytes / 16,
    lanes: 16 / Real.BYTES_PER_ELEMENT,
    element: Real.BYTES_PER_ELEMENT,
    x: new Real(buffer, at[0], SIZE),
    xBits: new Uint32Array(buffer, at[0], bytes / 4),
    y: new Real(buffer, at[1], SIZE),
    words: new Int32Array(buffer, at[1], bytes / 4),
    again: (shift) => new Int32Array(buffer, at[2] + shift, bytes / 4),
  };
}

let turn = 0;
/** The block's results; computed again a few lanes on (another number of them each time), which must give the same bits. */
function run(b, name, args) {
  const lane = 1 + (turn++ % (b.lanes - 1)),
    shift = lane * b.element;
  b.kernel[name](b.at[0], b.at[1], b.vectors, ...args);
  b.kernel[name](b.at[0] - shift, b.at[2], b.vectors + 1, ...args);
  const one = b.words,
    other = b.again(shift);
  let differ = 0;
  for (let i = 0; i < one.length; i++) differ |= one[i] ^ other[i];
  if (differ === 0) return;
  for (let i = 0; i < one.length; i++) {
    const at = ((i * 4) / b.element) | 0;
    if (one[i] !== other[i] && b.y[at] === b.y[at])
      throw new Error(`${name}: lanes differ at input ${b.x[at]}`);
  }
}

const word = new Float64Array(1);
const half = new Int32Array(word.buffer);
/** Unit in the last place of a float64 as a number of `bits` bits whose smallest exponent is `low`. */
function ulp(value, bits, low) {
  word[0] = value;
  return 2 ** (Math.max(((half[1] >>> 20) & 0x7ff) - 1023, low) - bits + 1);
}

function report(name, worst, input, bound) {
  const bad = !(worst <= bound);
  failed ||= bad;
  console.log(`${name.padEnd(30)} ${worst.toFixed(4)} ulp at ${input}${bad ? `  > ${bound}` : ''}`);
}

const SCALES = Float64Array.from({ length: 2048 }, (_, e) => 2 ** -(Math.max(e - 1023, -126) - 23));

/** This thread's share of the float32 inputs with bits from..to (inclusive) against f, a float64 function. */
function sweep(b, name, from, to, f) {
  const reference = new Float64Array(SIZE);
  const high = new Int32Array(reference.buffer);
  let worst = 0,
    input = NaN;
  for (let base = from + SIZE * STRIDE * workerData.index; base <= to; base += SIZE * STRIDE * THREADS) {
    const count = Math.min(SIZE, Math.floor((to - base) / STRIDE) + 1);
    for (let i = 0; i < SIZE; i++) b.xBits[i] = base + i * STRIDE; // beyond `to` computed, not compared
    run(b, name, []);
    for (let i = 0; i < count; i++) reference[i] = f(b.x[i]);
    for (let i = 0; i < count; i++) {
      const y = b.y[i],
        r = reference[i];
      const error = Math.abs(y - r) * SCALES[(high[2 * i + 1] >>> 20) & 0x7ff];
      if (error <= worst || (y !== y && r !== r)) continue;
      if (y === Math.fround(r)) continue; // infinities, overflow
      if (y === 0 && Math.abs(r) < 2 ** -126) continue; // flushed
      worst = error === error ? error : Infinity;
      input = b.x[i];
    }
  }
  return { worst, input };
}

// Double-double: results in `hi` and `lo`.
let hi = 0,
  lo = 0;
function sum(a, b) {
  const s = a + b,
    t = s - a;
  lo = a - (s - t) + (b - t);
  hi = s;
}
function product(a, b) {
  const p = a * b,
    ca = 134217729 * a,
    cb = 134217729 * b;
  const ah = ca - (ca - a),
    bh = cb - (cb - b),
    al = a - ah,
    bl = b - bh;
  lo = ah * bh - p + ah * bl + al * bh + al * bl;
  hi = p;
}
function times(ah, al, bh, bl) {
  product(ah, bh);
  const e = lo + (ah * bl + al * bh);
  sum(hi, e);
}
function plus(ah, al, bh, bl) {
  sum(ah, bh);
  const e = lo + al + bl;
  sum(hi, e);
}

// ln 2 in parts of 32 bits, the last as it comes
const LN2 = [0.6931471803691238, 1.9082149288430703e-10, 4.275175589747649e-20];
const POWERS = [[1, 0]]; // 2^(j/64)
{
  let root = [2, 0];
  for (let i = 0; i < 6; i++) {
    // square root by Newton
    const s = Math.sqrt(root[0]);
    product(s, s);
    sum(s, (root[0] - hi - lo + root[1]) / (2 * s));
    root = [hi, lo];
  }
  for (let j = 1; j < 64; j++) {
    times(...POWERS[j - 1], ...root);
    POWERS.push([hi, lo]);
  }
}
/** e^x / 2^k, k returned. */
function expReference(x) {
  const n = Math.round(x * (64 / Math.LN2)),
    j = n & 63;
  sum(x - n * (LN2[0] / 64), -n * (LN2[1] / 64));
  sum(hi, lo - n * (LN2[2] / 64));
  const r = hi,
    rest = lo;
  const tail =
    r * r * r * (1 / 6 + r * (1 / 24 + r * (1 / 120 + r * (1 / 720 + r * (1 / 5040 + r / 40320)))));
  product(r, r);
  const square = hi / 2,
    squareRest = lo / 2 + r * rest;
  sum(r, square);
  sum(hi, lo + rest + squareRest + tail);
  plus(1, 0, hi, lo);
  times(hi, lo, ...POWERS[j]);
  return (n - j) / 64;
}
/** log(1 + f) for |f| < 2^-6. */
function seriesReference(f, rest) {
  let tail = 0;
  for (let k = 13; k >= 3; k--) tail = (k % 2 ? 1 : -1) / k + f * tail;
  product(f, f);
  const square = -hi / 2,
    squareRest = -lo / 2 - f * rest;
  plus(f, rest, square, squareRest);
  sum(hi, lo + f * f * f * tail);
}
const INVERSES = Array.from({ length: 96 }, (_, j) => {
  const c = j === 0 ? 1 : Math.fround(64 / j),
    l = Math.log(c);
  const k = expReference(-l);
  times(hi, lo, c * 2 ** k, 0);
  plus(hi, lo, -1, 0);
  sum(-l, -hi); // −log c
  return [c, hi, lo];
});
function logReference(x, rest) {
  let k = 0;
  if (x < 2 ** -1000) {
    x *= 2 ** 100;
    rest *= 2 ** 100;
    k = -100;
  }
  word[0] = x;
  const e = (half[1] - 0x3fe6a09e) >> 20;
  k += e;
  const scale = 2 ** -(e >> 1),
    scale2 = 2 ** -(e - (e >> 1));
  const m = x * scale * scale2,
    [c, ch, cl] = INVERSES[Math.round(m * 64)];
  product(m, c);
  const l = lo + rest * scale * scale2 * c;
  sum(hi - 1, l);
  seriesReference(hi, lo);
  plus(ch, cl, hi, lo);
  const h = hi,
    t = lo;
  sum(k * LN2[0], k * LN2[1]);
  plus(hi, lo + k * LN2[2], h, t);
}
function log1pReference(x) {
  if (Math.abs(x) < 2 ** -7) return seriesReference(x, 0);
  sum(1, x);
  logReference(hi, lo);
}

/** `count` inputs made by `point` of a uniform sequence in [0, 1). `reference` leaves value / 2^k and may return k. */
function sample(b, build, name, label, count, point, reference, bound) {
  let worst = 0,
    input = NaN,
    u = 0;
  for (let done = 0; done < count; done += SIZE) {
    for (let i = 0; i < SIZE; i++) {
      u = (u + 0.6180339887498949) % 1;
      b.x[i] = point(u);
    }
    run(b, name, []);
    for (let i = 0; i < SIZE; i++) {
      const x = b.x[i],
        k = reference(x) ?? 0,
        half1 = k >> 1;
      const y = b.y[i] * 2 ** -half1 * 2 ** -(k - half1);
      const error = Math.abs(y - hi - lo) / ulp(hi, 53, -1022);
      if (!(error <= worst)) {
        worst = error === error ? error : Infinity;
        input = x;
      }
    }
  }
  report(`f64${build.label} ${label}`, worst, input, bound(build));
}

/** Bounds in ulp: with a fused multiply-add exp has a smaller one. */
const exponential = (build) => (build === RELAXED ? 1.1 : 1.5);
const logarithm64 = () => 1.5;
const logarithm = () => 2;

const bits = (x) => new Uint32Array(Float32Array.of(x).buffer)[0];
const NEGATIVE = 2 ** 31,
  LAST = 2 ** 32 - 1;
const SWEEPS = [
  ['exp', 'exp', 0, LAST, Math.exp, exponential],
  ['log', 'log', 0, LAST, Math.log, logarithm],
  ['log1p', 'log1p', 0, LAST, Math.log1p, logarithm],
  ['expNegAbs', 'exp(-|x|)', NEGATIVE, LAST, Math.exp, exponential],
  ['log1pUnit', 'log1p on [0, 1]', 0, bits(1), Math.log1p, logarithm],
];

async function float32(build) {
  const argv = process.argv.slice(2),
    file = fileURLToPath(import.meta.url);
  const found = SWEEPS.map(() => []);
  await Promise.all(
    Array.from(
      { length: THREADS },
      (_, index) =>
        new Promise((done, fail) => {
          const worker = new Worker(file, {
            workerData: { argv, index, threads: THREADS, relaxed: build === RELAXED },
          });
          worker.on('message', ({ sweep, worst, input }) => {
            found[sweep].push({ worst, input });
            if (found[sweep].length < THREADS) return;
            const top = found[sweep].reduce((a, b) => (b.worst > a.worst ? b : a));
            report(`f32${build.label} ${SWEEPS[sweep][1]}`, top.worst, top.input, SWEEPS[sweep][5](build));
          });
          worker.on('error', fail).on('exit', done);
        }),
    ),
  );
}

async function share() {
  const b = bench(await compile('f32', workerData.relaxed ? RELAXED : FIXED), Float32Array);
  SWEEPS.forEach(([name, , from, to, f], index) =>
    parentPort.postMessage({ sweep: index, ...sweep(b, name, from, to, f) }),
  );
}

async function float64(build) {
  const b = bench(await compile('f64', build), Float64Array);
  const COUNT = 1e7;
  const spread = (from, to) => (u) => 2 ** (from + u * (to - from));
  sample(b, build, 'exp', 'exp', COUNT, (u) => -708.3 + u * (708.3 + 709.78), expReference, exponential);
  sample(b, build, 'exp', 'exp on [-1, 1]', COUNT, (u) => 2 * u - 1, expReference, exponential);
  sample(b, build, 'log', 'log', COUNT, spread(-1074, 1024), (x) => logReference(x, 0), logarithm64);
  sample(b, build, 'log', 'log on [1/2, 2]', COUNT, spread(-1, 1), (x) => logReference(x, 0), logarithm64);
  sample(b, build, 'log1p', 'log1p, positive', COUNT, spread(-1022, 1024), log1pReference, logarithm);
  sample(b, build, 'log1p', 'log1p on [2^-8, 8]', COUNT, spread(-8, 3), log1pReference, logarithm);
  sample(
    b,
    build,
    'log1p',
    'log1p on [-1, -2^-53]',
    COUNT,
    (u) => -(2 ** (-53 * u)),
    log1pReference,
    logarithm,
  );
  sample(b, build, 'log1p', 'log1p on (-1, 0)', COUNT, (u) => -u, log1pReference, logarithm);
  sample(b, build, 'log1pUnit', 'log1p on [0, 1], unit', COUNT, (u) => u, log1pReference, logarithm);
  sample(
    b,
    build,
    'log1pUnit',
    'log1p on [0, 1], unit, small',
    COUNT,
    spread(-1022, 0),
    log1pReference,
    logarithm,
  );
}

if (!isMainThread) {
  await share();
} else {
  for (const build of [FIXED, RELAXED]) {
    if (!(await compile('f32', build))) {
      console.log('relaxed: this engine has no relaxed SIMD');
      continue;
    }
    if (only !== 'f64') await float32(build);
    if (only !== 'f32') await float64(build);
  }
  process.exitCode = failed ? 1 : 0;
}
