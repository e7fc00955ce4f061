/** Which charts bench:peers draws of its results; charts.ts knows how. */
import { type Bar, barChart, type Curve, curveChart, type Tone } from '../charts.js';
import { type CaseResult, nanoseconds, type Results, speedup } from './results.js';

function toneOf(name: string): Tone {
  if (name === 'loops') return 'plain';
  if (name === 'sse41' || name === 'native') return 'native';
  return ['tfjs-cpu', 'tfjs-wasm', 'jax-js', 'transformers', 'torch'].includes(name) ? 'peer' : 'ours';
}

const byLoss = [
  'crossEntropy [256,1000]',
  'crossEntropy value [256,1000]',
  'crossEntropy [128,32000]',
  'crossEntropy [32,10]',
  'binaryCrossEntropyWithLogits 1e5',
  'sigmoidFocalLoss 1e5',
  'mseLoss 1e5',
  'hingeLoss 1e5',
];
const byMemory = [
  'crossEntropy [128,32000]',
  'crossEntropy value [128,32000]',
  'binaryCrossEntropyWithLogits 1e7',
  'sigmoidFocalLoss 1e7',
  'mseLoss 1e7',
  'hingeLoss 1e7',
];

/** Where the first of the sizes is from which on it stays at least as fast, between measured sizes by a straight line on the scales of the chart. */
export function crossing(points: Curve['points']): number | null {
  let from = points.length;
  while (from > 0 && points[from - 1][1] >= 1) from--;
  if (from === points.length) return null;
  if (from === 0) return points[0][0];
  const [[x0, y0], [x1, y1]] = [points[from - 1], points[from]];
  return Math.exp(Math.log(x0) + (Math.log(x1 / x0) * -Math.log(y0)) / Math.log(y1 / y0));
}

const rounded = (value: number): string => {
  const scale = 10 ** Math.max(0, Math.floor(Math.log10(value)) - 1);
  return (Math.round(value / scale) * scale).toLocaleString('en');
};

/** What tells curves of one colour apart. */
const DASHES: Readonly<Record<string, string>> = { arena: '7 4', relaxed: '2 3', 'tfjs-wasm': '7 4' };

export function drawCharts({ machine, date, entrants, cases }: Results): Record<string, string> {
  const where = `${machine.cpu}, Node ${machine.node}, ${date}`;
  const main = cases.filter((of) => !of.sweep);
  const bars = (valueOf: (name: string) => number | null): Bar[] =>
    entrants
      // On a newer engine alone it would be one bar more of the same: it is there for the relaxed build's ratio.
      .filter(({ name }) => name !== 'copy' && name !== 'node24')
      .map(({ name, label }) => ({ label, tone: toneOf(name), value: valueOf(name) }))
      .filter((bar): bar is Bar => bar.value !== null);
  const panels = (names: readonly string[], valueOf: (of: CaseResult, name: string) => number | null) =>
    names
      .map((name) => main.find((of) => of.name === name))
      .filter((of) => of !== undefined)
      .map((of) => ({ title: of.name, bars: bars((name) => valueOf(of, name)) }))
      .filter((panel) => panel.bars.length);
  const charts: Record<string, string> = {};
  const speed = panels(byLoss, (of, name) => (name === 'loops' ? null : speedup(of, name, 'loops')));
  if (speed.length) {
    charts['speedup-by-loss'] = barChart({
      title: 'Times as fast as plain loops over typed arrays',
      note: `Value and gradient unless said; longer to the right is faster. ${where}`,
      panels: speed,
    });
  }
  const memory = panels(byMemory, (of, name) => {
    const [one, copy] = [nanoseconds(of, name), nanoseconds(of, 'copy')];
    return one === null || copy === null ? null : one / copy;
  });
  if (memory.length) {
    charts['times-memcpy'] = barChart({
      title: 'Time as a multiple of one memcpy of the same bytes',
      note: `Read and written together; shorter is faster. ${where}`,
      panels: memory,
    });
  }
  const sweep = cases.filter((of) => of.sweep);
  const titles = {
    ce: 'crossEntropy, rows of 1000 classes',
    bce: 'binaryCrossEntropyWithLogits',
    mse: 'mseLoss',
  };
  const others = entrants.filter(({ name }) => name !== 'loops' && name !== 'copy');
  const curves = Object.entries(titles).map(([loss, title]) => {
    const sizes = sweep.filter((each) => each.loss === loss);
    const points = (name: string): Curve['points'] =>
      sizes
        .map((each) => [each.elements, speedup(each, name, 'loops')] as const)
        .filter((point): point is readonly [number, number] => point[1] !== null);
    const at = crossing(points('losskit'));
    return {
      title,
      curves: others.map(({ name, label }): Curve => {
        return { label, tone: toneOf(name), dash: DASHES[name] ?? '', points: points(name) };
      }),
      crossing:
        at === null || at <= sizes[0].elements
          ? null
          : { at, label: `losskit is faster from ${rounded(at)} elements` },
    };
  });
  const drawn = curves.filter((panel) => panel.curves.some((curve) => curve.points.length > 1));
  if (drawn.length) {
    charts['speedup-by-size'] = curveChart({
      title: 'Times as fast as plain loops, by size',
      note: `Value and gradient. Above 1 × is faster than the loops. ${where}`,
      xLabel: 'elements',
      panels: drawn,
    });
  }
  return charts;
}
