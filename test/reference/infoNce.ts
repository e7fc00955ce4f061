/** InfoNCE in float64 from its definition: the losses of each mode. Independent of src/ and assembly/. */
import { Sum } from './sums.js';

export interface InfoNceTask {
  query: ArrayLike<number>;
  positive: ArrayLike<number>;
  negatives?: ArrayLike<number>;
  dim: number;
  mode: 'inbatch' | 'symmetric' | 'ntxent' | 'unpaired' | 'paired';
  temperature: number;
  normalize: boolean;
}

type Row = number[];

function rowsOf(x: ArrayLike<number>, dim: number, normalize: boolean): Row[] {
  return Array.from({ length: x.length / dim }, (_, r) => {
    const row = Array.from({ length: dim }, (_, i) => x[r * dim + i]!);
    if (!normalize) return row;
    const length = Math.max(Math.hypot(...row), 1e-12);
    return row.map((v) => v / length);
  });
}

/** log Σ e^s − s[right] */
function nll(scores: number[], right: number): number {
  const max = Math.max(...scores);
  const sum = new Sum();
  for (const s of scores) sum.add(Math.exp(s - max));
  return Math.log(sum.value) + max - scores[right]!;
}

export function infoNce({
  query,
  positive,
  negatives,
  dim,
  mode,
  temperature,
  normalize,
}: InfoNceTask): number[] {
  const [q, p] = [rowsOf(query, dim, normalize), rowsOf(positive, dim, normalize)];
  const n = q.length;
  const score = (a: Row, b: Row) => a.reduce((s, v, i) => s + v * b[i]!, 0) / temperature;
  const against = (row: Row, others: Row[]) => others.map((other) => score(row, other));
  if (mode === 'inbatch') return q.map((row, i) => nll(against(row, p), i));
  if (mode === 'symmetric')
    return q.map((row, i) => (nll(against(row, p), i) + nll(against(p[i]!, q), i)) / 2);
  if (mode === 'ntxent') {
    const z = [...q, ...p];
    return z.map((row, i) => {
      const scores = against(row, z);
      scores[i] = -Infinity;
      return nll(scores, (i + n) % (2 * n));
    });
  }
  const neg = rowsOf(negatives!, dim, normalize);
  const m = mode === 'paired' ? neg.length / n : neg.length;
  return q.map((row, i) => {
    const own = mode === 'paired' ? neg.slice(i * m, (i + 1) * m) : neg;
    return nll([score(row, p[i]!), ...against(row, own)], 0);
  });
}
