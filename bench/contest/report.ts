/** Writes what bench:peers found as peers.md and three charts. Works on the results alone. */
import { writeFileSync } from 'node:fs';
import { drawCharts } from './drawings.js';
import { type CaseResult, type Results, speedup, timed } from './results.js';

const digits = (value: number): string =>
  value < 1 ? value.toPrecision(2) : value.toFixed(value < 10 ? 1 : 0);
const ratio = (value: number | null): string => (value === null ? '–' : `${digits(value)} ×`);

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const rule = head.map((_, i) => (i ? '---:' : '---'));
  return [head, rule, ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** Nanoseconds an element and, behind it, times losskit's. */
function cell(of: CaseResult, name: string): string {
  const outcome = of.outcomes[name];
  if (outcome === undefined || 'none' in outcome) return '–';
  if (!timed(outcome)) return 'wrong' in outcome ? '**wrong**' : '**failed**';
  const share = speedup(of, 'losskit', name);
  const each = digits(outcome.best / of.elements);
  return share === null || name === 'losskit' ? each : `${each} (${digits(share)} ×)`;
}

/** The cases where `name` takes longer than `than`, slowest first. */
function slower(cases: readonly CaseResult[], name: string, than: string): { name: string; ratio: number }[] {
  return cases
    .map((of) => ({ name: of.name, ratio: speedup(of, name, than) }))
    .filter((each): each is { name: string; ratio: number } => each.ratio !== null && each.ratio < 1)
    .sort((a, b) => a.ratio - b.ratio);
}

function againstTorch(cases: readonly CaseResult[], has: (name: string) => boolean): string {
  if (!has('torch')) return 'PyTorch was not there.';
  const lines = (['losskit', 'fresh', 'arena', 'relaxed', 'relaxed-arena'] as const)
    .filter(has)
    .map((name) => {
      const all = cases.filter((of) => speedup(of, name, 'torch') !== null);
      const lost = slower(all, name, 'torch');
      const what = {
        losskit: 'Ordinary arrays, the gradient in an array that is used again',
        fresh: 'Ordinary arrays, a new array for every gradient, as PyTorch makes them',
        arena: 'Through an arena',
        relaxed: 'Relaxed, ordinary arrays',
        'relaxed-arena': 'Relaxed, through an arena',
      }[name];
      if (!lost.length) return `- ${what}: nowhere, in ${all.length} cases.`;
      const list = lost.map((each) => `${each.name} (${digits(1 / each.ratio)} × PyTorch's time)`).join(', ');
      return `- ${what}: in ${lost.length} of ${all.length} cases: ${list}.`;
    });
  return lines.join('\n');
}

interface Target {
  readonly title: string;
  readonly of: string;
  readonly than: string;
  /** At least this ratio on the cases that `on` says. */
  readonly least: (of: CaseResult) => number;
  readonly on: (of: CaseResult) => boolean;
}

const named =
  (...names: string[]) =>
  (of: CaseResult): boolean =>
    names.includes(of.name);
const large = (of: CaseResult): boolean =>
  of.grad && (of.name.endsWith('1e7') || of.name === 'crossEntropy [128,32000]');

/** Times as fast as TensorFlow.js. */
const tfjsTargets: Readonly<Record<string, number>> = {
  'crossEntropy [256,1000]': 25,
  'crossEntropy [128,32000]': 20,
  'crossEntropy [16,151936]': 18,
  'crossEntropy value [256,1000]': 15,
  'crossEntropy value [128,32000]': 10,
  'crossEntropy value [16,151936]': 9,
  'crossEntropy [32,10]': 500,
  'crossEntropy value [32,10]': 500,
  'binaryCrossEntropyWithLogits 1e5': 22,
  'sigmoidFocalLoss 1e5': 22,
  'mseLoss 1e5': 22,
  'hingeLoss 1e5': 22,
  'linearCrossEntropy [512,768] x [32000,768]': 1,
};

/** What issue and performance.md ask for and this run can answer. */
const targets: readonly Target[] = [
  {
    title: 'Native C for SSE4.1 against an arena: share of its speed',
    of: 'arena',
    than: 'sse41',
    least: () => 0.9,
    on: (of) => of.loss !== 'linear',
  },
  {
    title: 'The same on the relaxed build, which has the fused multiply-add that SSE4.1 lacks',
    of: 'relaxed-arena',
    than: 'sse41',
    least: () => 0.9,
    on: (of) => of.loss !== 'linear',
  },
  {
    title: 'TensorFlow.js on WebAssembly',
    of: 'losskit',
    than: 'tfjs-wasm',
    least: ({ name }) => tfjsTargets[name],
    on: ({ name }) => name in tfjsTargets,
  },
  {
    title: 'PyTorch on one thread, value and gradient',
    of: 'losskit',
    than: 'torch',
    least: () => 1,
    on: (of) => of.grad,
  },
  {
    title: 'The same on the relaxed build',
    of: 'relaxed',
    than: 'torch',
    least: () => 1,
    on: (of) => of.grad,
  },
  {
    title: 'Relaxed SIMD against SIMD, same engine',
    of: 'relaxed',
    than: 'node24',
    least: () => 1.3,
    on: named('crossEntropy [256,1000]', 'binaryCrossEntropyWithLogits 1e5', 'sigmoidFocalLoss 1e5'),
  },
  {
    title: 'Two threads, arrays in shared memory, against one',
    of: 'shared',
    than: 'losskit',
    least: () => 1.8,
    on: large,
  },
  {
    title: 'Two threads, ordinary arrays, against one',
    of: 'pool',
    than: 'losskit',
    least: () => 1.2,
    on: large,
  },
];

function tableOf(cases: readonly CaseResult[], { title, of, than, least, on }: Target): string {
  const rows = cases
    .filter(on)
    .map((each) => [each.name, speedup(each, of, than), least(each)] as const)
    .filter((row): row is readonly [string, number, number] => row[1] !== null)
    .map(([name, value, wanted]) => [
      name,
      ratio(value),
      ratio(wanted),
      value >= wanted ? '✓' : '**✗ missed**',
    ]);
  const missed = rows.filter((row) => row.at(-1) !== '✓').length;
  const verdict = rows.length
    ? `${rows.length - missed} of ${rows.length} reach the target.`
    : 'Not measured: one of the two was not there.';
  return [
    `### ${title}`,
    verdict,
    ...(rows.length ? [table(['case', 'times as fast', 'target', ''], rows)] : []),
  ].join('\n\n');
}

/** How far the median round is from the best, for the middle one of all contenders. */
function spread(cases: readonly CaseResult[]): number {
  const all = cases
    .flatMap(({ outcomes }) => Object.values(outcomes))
    .filter(timed)
    .map(({ best, median }) => median / best)
    .sort((a, b) => a - b);
  return all[all.length >> 1] ?? 1;
}

export function markdown(results: Results): string {
  const { machine, date, quick, entrants, cases } = results;
  const main = cases.filter((of) => !of.sweep);
  const there = entrants.filter((each) => cases.some((of) => timed(of.outcomes[each.name])));
  const has = (name: string): boolean => there.some((each) => each.name === name);
  const wrong = cases.flatMap((of) =>
    entrants.flatMap(({ name, label }) => {
      const outcome = of.outcomes[name];
      if (!outcome || timed(outcome) || 'none' in outcome) return [];
      return [`- ${of.name}, ${label}: ${'wrong' in outcome ? outcome.wrong : `failed: ${outcome.failed}`}`];
    }),
  );
  const against = ['loops', 'tfjs-wasm', 'jax-js', 'torch', 'sse41', 'native'].filter(has);
  const labelOf = (name: string) => entrants.find((each) => each.name === name)!.label;
  const parts = [
    '# losskit beside its peers',
    `${machine.cpu}, ${machine.cores} cores, ${machine.arch}, Node ${machine.node}, ${date}${quick ? '. **A quick run: good enough to look at, not to publish.**' : ''}`,
    'Written by `npm run bench:peers`; `peers.json` has all numbers. Value and gradient, unless "value" is said. One run: each contender is a process, all of them are alive and take turns; ' +
      "the best of its rounds counts. Everyone reads the same seeded data and is held against a float64 reference before it is timed (1e-4 of the value, 1e-4 of a gradient's element and 1e-6 of the largest); " +
      'whoever fails is shown as wrong and not timed. losskit is timed as it is called: ordinary arrays in, the gradient in an array that is used again, all checks made. ' +
      'TensorFlow.js, jax-js and PyTorch have their tensors made beforehand and make a new one for every gradient, which at 1e7 elements is mostly page faults: "losskit, new gradient" does the same. Losses that a library lacks are written with its operations (focal for TensorFlow.js and PyTorch, all for jax-js). ' +
      'The C kernels check nothing, know no options, and have no loop of their own for few classes. ' +
      `Half of the contenders have a median round within ${digits(spread(cases))} × of the best one: differences below a tenth say nothing, and where a target is within a tenth it may fall either way.`,
    '## Who takes part',
    [
      ...entrants.map(
        ({ label, about, missing }) =>
          `- ${label}: ${missing === null ? (about ?? 'took no part') : `not available: ${missing}`}`,
      ),
    ].join('\n'),
    '## Nanoseconds an element',
    'In brackets: times as long as losskit on ordinary arrays. –: it has no such loss. memcpy copies so much that it reads and writes as many bytes as the case.',
    table(
      ['case', ...there.map(({ label }) => label)],
      main.map((of) => [of.name, ...there.map(({ name }) => cell(of, name))]),
    ),
    '## How many times as fast losskit is',
    table(
      [
        'case',
        ...against.flatMap((name) => [`${labelOf(name)}`, ...(has('arena') ? ['… through an arena'] : [])]),
      ],
      main.map((of) => [
        of.name,
        ...against.flatMap((name) => [
          ratio(speedup(of, 'losskit', name)),
          ...(has('arena') ? [ratio(speedup(of, 'arena', name))] : []),
        ]),
      ]),
    ),
    '## Is losskit slower than PyTorch on one thread anywhere?',
    againstTorch(main, has),
    '## What was promised',
    ...targets.map((target) => tableOf(main, target)),
    '## By size',
    table(
      [
        'case',
        ...there
          .filter(({ name }) => cases.some((of) => of.sweep && of.outcomes[name]))
          .map(({ label }) => label),
      ],
      cases
        .filter((of) => of.sweep)
        .map((of) => [
          of.name,
          ...there
            .filter(({ name }) => cases.some((each) => each.sweep && each.outcomes[name]))
            .map(({ name }) => cell(of, name)),
        ]),
    ),
    '## Wrong or failed',
    wrong.length ? wrong.join('\n') : 'None.',
  ];
  return `${parts.join('\n\n')}\n`;
}

export function writeReport(results: Results, folder: URL): void {
  writeFileSync(new URL('peers.md', folder), markdown(results));
  for (const [name, svg] of Object.entries(drawCharts(results)))
    writeFileSync(new URL(`${name}.svg`, folder), svg);
}
