/**
 * The timing process: verifies each case it is given against the float64 reference, then times losskit and what it is compared with in
 * alternating rounds, and sends the best round's median of each to run.ts. One process a case keeps the engine's decisions apart.
 */
import { useBackend } from 'losskit';
import { Bench } from 'tinybench';
import type { Prepared, Reference } from './case.js';
import { cases } from './cases.js';

export interface Order {
  readonly names: string[];
  readonly backend: string | null;
  readonly rounds: number;
  /** Milliseconds and least number of samples, a side and round. */
  readonly time: number;
  readonly samples: number;
}

/** Nanoseconds a call, or why the case failed. */
export interface Timing {
  readonly name: string;
  readonly subject: number;
  readonly other: number;
  readonly error: string | null;
}

const loopFiles: Record<keyof Reference, string> = {
  rows: './baselines.js',
  pointwise: './baselinesPointwise.js',
  ternary: './baselinesTernary.js',
  scoring: './baselinesScoring.js',
  softmax: './baselinesSoftmax.js',
  multilabel: './baselinesMultilabel.js',
  embedding: './baselinesEmbedding.js',
  ctc: './baselinesCtc.js',
};

/** A second copy of the loops, which sees Float64Arrays alone. */
async function load(): Promise<Reference> {
  const loops = Object.entries(loopFiles).map(async ([name, file]) => [
    name,
    (await import(`${file}?reference`)) as unknown,
  ]);
  return Object.fromEntries(await Promise.all(loops)) as Reference;
}

/** Throws where a value or an output of losskit is not the reference's up to float32 rounding. */
function verify({ outputs, subject, reference }: Prepared, loops: Reference): void {
  const wanted = outputs.map(({ length }) => new Float64Array(length));
  const wantValue = reference(loops, ...wanted);
  for (const output of outputs) output.fill(NaN);
  const value = subject();
  const far = (a: number, b: number, scale: number) =>
    !(Math.abs(a - b) <= 3e-6 * Math.abs(b) + 1e-6 * scale);
  if (far(value, wantValue, 0)) throw new Error(`value is ${value}, expected ${wantValue}`);
  for (const [k, want] of wanted.entries()) {
    const largest = want.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
    for (const [i, x] of want.entries()) {
      const got = outputs[k][i];
      if (far(got, x, largest)) throw new Error(`output ${k}, element ${i}: ${got}, expected ${x}`);
    }
  }
}

let sink = 0;

/** Calls of `run` that take about 20 µs together: the clock costs more than one tiny call. */
function repeats(run: () => number): number {
  let count = 1;
  for (;;) {
    const start = performance.now();
    for (let i = 0; i < count; i++) sink += run();
    if (performance.now() - start >= 0.02 || count >= 4096) return count;
    count *= 2;
  }
}

function warm(run: () => number, milliseconds: number): void {
  const end = performance.now() + milliseconds;
  do sink += run();
  while (performance.now() < end);
}

function median(run: () => number, count: number, order: Order): number {
  const bench = new Bench({ time: order.time, iterations: order.samples, warmup: false, throws: true });
  bench.add('', () => {
    for (let i = 0; i < count; i++) sink += run();
  });
  const { result } = bench.runSync()[0];
  if (result.state !== 'completed') throw new Error(`the timing ended as ${result.state}`);
  return (result.latency.p50 * 1e6) / count;
}

function time(prepared: Prepared, order: Order): [number, number] {
  const { subject, other } = prepared;
  warm(subject, order.time);
  warm(other, order.time);
  const [subjectCount, otherCount] = [repeats(subject), repeats(other)];
  const best: [number, number] = [Infinity, Infinity];
  for (let round = 0; round < order.rounds; round++) {
    best[0] = Math.min(best[0], median(subject, subjectCount, order));
    best[1] = Math.min(best[1], median(other, otherCount, order));
  }
  return best;
}

async function main(order: Order): Promise<void> {
  if (order.backend) useBackend(order.backend as Parameters<typeof useBackend>[0]);
  const loops = await load();
  for (const name of order.names) {
    const timing = { name, subject: NaN, other: NaN, error: null as string | null };
    try {
      const prepared = cases.find((each) => each.name === name)!.prepare();
      verify(prepared, loops);
      [timing.subject, timing.other] = time(prepared, order);
    } catch (error) {
      timing.error = error instanceof Error ? error.message : String(error);
    }
    process.send!(timing satisfies Timing);
  }
  if (Number.isNaN(sink)) console.error('a call gave NaN');
}

await main(JSON.parse(process.argv[2]) as Order);
process.disconnect();
