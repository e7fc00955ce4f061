/**
 * The elementary functions of assembly/math.ts in both precisions and, where it runs, in the relaxed build, too, through assembly/probe.ts
 * compiled here: a dense sample against Math.*, special values in every lane, lanes bit-equal, flushing. All 2^32 inputs: `npm run check:math`.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import asc from 'assemblyscript/asc';
import { RELAXED } from './support/library.js';

type Block = (src: number, dst: number, vectors: number, parameter?: number) => void;
type Kernel = Record<
  'exp' | 'expNegAbs' | 'expm1' | 'log' | 'logOrdinary' | 'log1p' | 'log1pNeg' | 'log1pUnit' | 'pow',
  Block
> & {
  ordinary(src: number, vectors: number): number;
  softcap(src: number, y: number, derivative: number, vectors: number, cap: number): void;
};
type Name = Exclude<keyof Kernel, 'softcap' | 'ordinary'>;

const SRC = 65536,
  DST = 2 << 20,
  DERIVATIVE = 4 << 20;
const ROOM = 1 << 17; // elements

/** The probe's functions on arrays of numbers. */
class Probe {
  private constructor(
    private readonly kernel: Kernel,
    private readonly buffer: ArrayBuffer,
    private readonly width: 4 | 8,
  ) {}

  static async compile(width: 4 | 8, relaxed: boolean): Promise<Probe> {
    let wasm: Uint8Array | undefined;
    const { error, stderr } = await asc.main(
      [
        'assembly/probe.ts',
        '--config',
        'none',
        '--use',
        `real=f${width * 8}`,
        '--runtime',
        'stub',
        '--noAssert',
        '--noExportMemory',
        '--importMemory',
        '--enable',
        relaxed ? 'simd,relaxed-simd' : 'simd',
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
        writeFile: (name: string, data: string | Uint8Array) => {
          if (typeof data !== 'string' && name.endsWith('.wasm')) wasm = data;
        },
      },
    );
    if (error || !wasm) throw error ?? new Error(stderr.toString());
    const memory = new WebAssembly.Memory({ initial: 128 });
    const module = await WebAssembly.compile(wasm as BufferSource);
    const instance = await WebAssembly.instantiate(module, { env: { memory } });
    return new Probe(instance.exports as unknown as Kernel, memory.buffer, width);
  }

  get lanes(): number {
    return 16 / this.width;
  }
  get digits(): number {
    return this.width === 4 ? 24 : 53;
  }
  get smallest(): number {
    return this.width === 4 ? 2 ** -126 : 2 ** -1022;
  }
  get top(): number {
    return this.width === 4 ? 3.4028234663852886e38 : Number.MAX_VALUE;
  }
  /** exp's last argument with a finite result. */
  get edge(): number {
    return this.width === 4 ? 88.72283172607422 : 709.782712893384;
  }
  round(x: number): number {
    return this.width === 4 ? Math.fround(x) : x;
  }

  view(at: number, count: number): Float32Array | Float64Array {
    return this.width === 4
      ? new Float32Array(this.buffer, at, count)
      : new Float64Array(this.buffer, at, count);
  }

  /** Results; `from` lanes of 0.5 stand before the inputs. */
  run(name: Name, xs: ArrayLike<number>, from = 0, parameter?: number): Float32Array | Float64Array {
    const vectors = Math.ceil((from + xs.length) / this.lanes);
    this.view(SRC, vectors * this.lanes)
      .fill(0.5)
      .set(xs, from);
    this.kernel[name](SRC, DST, vectors, parameter);
    return this.view(DST, vectors * this.lanes).slice(from, from + xs.length);
  }

  /** Whether the numbers are such that logOrdinary is for them. */
  ordinary(xs: ArrayLike<number>): number {
    const vectors = Math.ceil(xs.length / this.lanes);
    this.view(SRC, vectors * this.lanes)
      .fill(0.5)
      .set(xs);
    return this.kernel.ordinary(SRC, vectors);
  }

  softcap(
    xs: ArrayLike<number>,
    cap: number,
    inPlace = false,
  ): { y: Float32Array | Float64Array; d: Float32Array | Float64Array } {
    const vectors = Math.ceil(xs.length / this.lanes),
      y = inPlace ? SRC : DST;
    this.view(SRC, vectors * this.lanes)
      .fill(0)
      .set(xs);
    this.kernel.softcap(SRC, y, inPlace ? 0 : DERIVATIVE, vectors, cap);
    return { y: this.view(y, xs.length).slice(), d: this.view(DERIVATIVE, xs.length).slice() };
  }

  ulp(value: number): number {
    const size = Math.max(Math.abs(value), this.smallest);
    let power = 2 ** Math.floor(Math.log2(size));
    if (power > size) power /= 2;
    return power * 2 ** (1 - this.digits);
  }
}

/** Where two arrays first differ in a bit (all NaN count as one), or −1. */
function difference(a: Float32Array | Float64Array, b: Float32Array | Float64Array): number {
  return a.findIndex((x: number, i: number) => !Object.is(x, b[i]));
}

/** A low-discrepancy sequence in [0, 1). */
function sequence(count: number, f: (u: number) => number): Float64Array {
  let u = 0;
  return Float64Array.from({ length: count }, () => f((u = (u + 0.6180339887498949) % 1)));
}

const REFERENCE: Record<Exclude<Name, 'pow'>, (x: number) => number> = {
  exp: Math.exp,
  expNegAbs: (x) => Math.exp(-Math.abs(x)),
  expm1: Math.expm1,
  log: Math.log,
  logOrdinary: Math.log,
  log1p: Math.log1p,
  log1pNeg: (x) => Math.log1p(-x),
  log1pUnit: Math.log1p,
};

const probes: Probe[] = [];
beforeAll(async () => {
  for (const relaxed of RELAXED ? [false, true] : [false])
    probes.push(await Probe.compile(4, relaxed), await Probe.compile(8, relaxed));
}, 60_000);

const builds = [
  ['float32', 0],
  ['float64', 1],
  ['float32 relaxed', 2],
  ['float64 relaxed', 3],
] as const;
describe.each(RELAXED ? builds : builds.slice(0, 2))('%s', (_dtype, index) => {
  const probe = (): Probe => probes[index];

  /** The largest distance in ulp; Math.* itself counts for up to 1 in float64. Results below the smallest normal may be 0. */
  function worst(name: Exclude<Name, 'pow'>, xs: ArrayLike<number>): { ulp: number; at: number } {
    const p = probe(),
      ys = p.run(name, xs),
      top = { ulp: 0, at: NaN };
    for (let i = 0; i < xs.length; i++) {
      const x = p.round(xs[i]),
        want = REFERENCE[name](x),
        got = ys[i];
      if (got === p.round(want) || (Number.isNaN(got) && Number.isNaN(want))) continue;
      if (got === 0 && Math.abs(want) < p.smallest) continue;
      const off = Math.abs(got - want) / p.ulp(want);
      if (!(off <= top.ulp)) Object.assign(top, { ulp: Number.isNaN(off) ? Infinity : off, at: x });
    }
    return top;
  }
  const slack = index % 2 === 0 ? 0 : 1;

  it.each([
    ['exp', 1.1],
    ['expNegAbs', 1.1],
    ['expm1', 1.8],
    ['log', 1],
    ['logOrdinary', 1],
    ['log1p', 1.6],
    ['log1pNeg', 1.6],
    ['log1pUnit', 1.35],
  ] as const)('%s on a dense sample', (name, bound) => {
    const p = probe(),
      wide = Math.log2(p.top),
      low = Math.log2(p.smallest);
    const unit = [(u: number): number => u, (u: number): number => 2 ** (u * low)];
    const domains: Record<typeof name, ((u: number) => number)[]> = {
      exp: [
        (u) => (2 * u - 1) * p.edge,
        (u) => 4 * u - 2,
        (u) => (u < 0.5 ? -1 : 1) * 2 ** (low * Math.abs(2 * u - 1)),
      ],
      expNegAbs: [(u) => (2 * u - 1) * p.edge, (u) => 4 * u - 2],
      // Up to 1; what is subnormal on the way may be 0.
      expm1: [(u) => -u * p.edge, (u) => 1 - 2 * u, (u) => -(2 ** (0.4 * low * u))],
      logOrdinary: [(u) => 2 ** (low + u * (wide - low)), (u) => 0.5 + 1.5 * u],
      log: [(u) => 2 ** (low + u * (wide - low)), (u) => 0.5 + 1.5 * u, (u) => u * 2 ** (low - 1)],
      log1p: [(u) => 2 ** (low + u * (wide - low)), (u) => 3 * u - 1, (u) => -(2 ** (low * u))],
      log1pNeg: [...unit, (u) => 1 - 2 * u],
      log1pUnit: unit,
    };
    for (const domain of domains[name]) {
      const { ulp, at } = worst(name, sequence(ROOM, domain));
      expect(ulp, `at ${at}`).toBeLessThanOrEqual(bound + slack);
    }
  });

  it('has the right special values in every lane', () => {
    const p = probe();
    const tiny = p.smallest * 2 ** (1 - p.digits),
      past = p.edge * (1 + 2 ** (2 - p.digits));
    const table: [Name, number, number][] = [
      ['exp', -Infinity, 0],
      ['exp', Infinity, Infinity],
      ['exp', NaN, NaN],
      ['exp', 0, 1],
      ['exp', -0, 1],
      ['exp', past, Infinity],
      ['exp', p.top, Infinity],
      ['exp', -p.top, 0],
      ['exp', tiny, 1],
      ['expNegAbs', Infinity, 0],
      ['expNegAbs', -Infinity, 0],
      ['expNegAbs', NaN, NaN],
      ['expNegAbs', 0, 1],
      ['expNegAbs', p.top, 0],
      ['log', 0, -Infinity],
      ['log', -0, -Infinity],
      ['log', -1, NaN],
      ['log', -tiny, NaN],
      ['log', -Infinity, NaN],
      ['log', Infinity, Infinity],
      ['log', NaN, NaN],
      ['log', 1, 0],
      ['log', tiny, p.round(Math.log(tiny))],
      ['log', p.top, p.round(Math.log(p.top))],
      ['log1p', -1, -Infinity],
      ['log1p', -1 - 2 ** (1 - p.digits), NaN],
      ['log1p', -Infinity, NaN],
      ['log1p', Infinity, Infinity],
      ['log1p', NaN, NaN],
      ['log1p', 0, 0],
      ['log1p', tiny, tiny],
      ['log1p', -tiny, -tiny],
      ['log1p', p.smallest, p.smallest],
      ['log1p', p.top, p.round(Math.log1p(p.top))],
      ['log1pNeg', 1, -Infinity],
      ['log1pNeg', 0, 0],
      ['log1pNeg', NaN, NaN],
      ['log1pNeg', 2, NaN],
      ['log1pUnit', 0, 0],
      ['log1pUnit', NaN, NaN],
      ['log1pUnit', p.smallest, p.smallest],
      ['log1pUnit', tiny, tiny],
    ];
    for (const [name, x, want] of table) {
      for (let lane = 0; lane < 3 * p.lanes; lane++) {
        const got = p.run(name, [x], lane)[0] + 0; // −0 counts as 0
        expect(got, `${name}(${x}) in lane ${lane}`).toBe(want);
      }
    }
  });

  it('exp and log have the same bits whatever else is in their block', () => {
    const p = probe();
    const some = [...sequence(64, (u) => 160 * u - 80)];
    const alone = p.run('exp', some);
    expect([...p.run('exp', [...some, 1000, -1000])].slice(0, 64)).toEqual([...alone]);
    const positive = some.map((x) => 2 ** (x / 4));
    expect([...p.run('logOrdinary', positive)]).toEqual([...p.run('log', positive)]);
    const ordinary = (xs: number[]) => p.ordinary(xs);
    expect([1, p.smallest, p.top, NaN].map((x) => ordinary([x, 2, 3]))).toEqual([1, 1, 1, 1]);
    expect([0, -1, p.smallest / 2, Infinity, -Infinity].map((x) => ordinary([2, x, 3]))).toEqual([
      0, 0, 0, 0, 0,
    ]);
  });

  it.each(['exp', 'expNegAbs', 'expm1', 'log', 'log1p', 'log1pNeg', 'log1pUnit', 'pow'] as const)(
    '%s gives the same bits in every lane',
    (name) => {
      const p = probe();
      const unit = name === 'pow' || name === 'log1pUnit';
      const xs = sequence(4093, (u) => (unit ? 2 ** (-60 * u) : (u - 0.5) * 2 ** (1 + ((u * 1e4) % 9))));
      const first = p.run(name, xs, 0, 1.5);
      for (let lane = 1; lane < 2 * p.lanes; lane++) {
        expect(difference(p.run(name, xs, lane, 1.5), first), `lane ${lane}`).toBe(-1);
      }
    },
  );

  it('flushes exp to exactly 0, and only below the smallest normal number', () => {
    const p = probe(),
      border = Math.log(p.smallest);
    const xs = sequence(20000, (u) => border + 3 * (u - 0.5));
    const ys = p.run('exp', xs);
    ys.forEach((y, i) => {
      const want = Math.exp(p.round(xs[i]));
      if (y === 0) expect(want, `exp(${xs[i]})`).toBeLessThan(p.smallest);
    });
    expect(p.run('exp', [border - 1, border - 10])).toEqual(p.run('exp', [-Infinity, -Infinity]));
  });

  it('pow: 0^0 is 1, 0^γ is 0, NaN stays, and the error is that of γ·log x', () => {
    const p = probe();
    const at = (x: number, gamma: number): number => p.run('pow', [x], 1, gamma)[0];
    expect(at(0, 0)).toBe(1);
    expect(at(0.25, 0)).toBe(1);
    for (const gamma of [p.smallest, 0.5, 1, 2, 1e4]) expect(at(0, gamma)).toBe(0);
    for (const gamma of [0, 1, 2]) expect(at(NaN, gamma)).toBeNaN();
    expect(at(1, 3)).toBe(1);
    for (const gamma of [0.5, 1, 2, 5]) {
      const xs = sequence(20000, (u) => (u < 0.5 ? 2 * u : 2 ** (-40 * (u - 0.5)))).map((x) => p.round(x));
      p.run('pow', xs, 0, gamma).forEach((y, i) => {
        const want = xs[i] ** gamma;
        if (want < 2 * p.smallest) return;
        const off = Math.abs(y - want) / p.ulp(want) / (1 + gamma * Math.abs(Math.log(xs[i])));
        if (!(off <= 2)) expect(off, `${xs[i]}^${gamma}`).toBeLessThanOrEqual(2);
      });
    }
  });

  it('softcap: y and its derivative over the whole range', () => {
    const p = probe();
    const special = [0, -0, Infinity, -Infinity, NaN, p.smallest, -p.smallest, p.top];
    const { y, d } = p.softcap(special, 1);
    expect(Array.from(y)).toEqual([0, -0, 1, -1, NaN, p.smallest, -p.smallest, 1]);
    expect(Array.from(d)).toEqual([1, 1, 0, 0, NaN, 1, 1, 0]);
    for (const cap of [1, 2, 30]) {
      const xs = sequence(ROOM, (u) => (u < 0.5 ? -1 : 1) * cap * 2 ** (-20 + 25 * Math.abs(2 * u - 1))).map(
        (x) => p.round(x),
      );
      const out = p.softcap(xs, cap);
      expect(difference(p.softcap(xs, cap, true).y, out.y)).toBe(-1);
      const top = { y: 0, d: 0 };
      xs.forEach((x, i) => {
        const v = (2 * Math.abs(x)) / cap,
          e = Math.exp(-v),
          tanh = cap * Math.tanh(x / cap),
          slope = (4 * e) / (1 + e) ** 2;
        top.y = Math.max(top.y, Math.abs(out.y[i] - tanh) / p.ulp(tanh));
        if (slope > 8 * p.smallest)
          top.d = Math.max(top.d, Math.abs(out.d[i] - slope) / p.ulp(slope) / (cap === 30 ? 1 + v : 1));
      });
      expect(top.y).toBeLessThanOrEqual((cap === 30 ? 4 : 3) + 2 * slack);
      expect(top.d).toBeLessThanOrEqual(3 + 3 * slack);
    }
  });
});
