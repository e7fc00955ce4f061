/**
 * Fills the parts of README.md between `<!-- name -->` and `<!-- /name -->`: the examples with their output, the tables of losses and
 * options from `loss.parameters`, the benchmarks and sizes from docs/, the peers from bench/results/ (`npm run bench:peers`). `npm run readme` writes; with
 * --check it only says whether anything is out of date; with --bench it takes what `npm run bench`, bench:linear, bench:threads and bench:tfjs have left in
 * bench/out/ to docs/ first.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { format, resolveConfig } from 'prettier';
import * as losskit from '../dist/index.js';

const root = new URL('../', import.meta.url);
const read = (path) => readFileSync(new URL(path, root), 'utf8');
const BENCHMARK = 'docs/benchmark.json';
const LINEAR = 'docs/linear.json';
const THREADS = 'docs/threads.json';
const TFJS = 'docs/tfjs.json';
const PEERS = 'bench/results/peers.json';
const SIZES = 'docs/sizes.json';

if (process.argv.includes('--bench')) {
  const results = JSON.parse(read('bench/out/results.json'));
  const wrong = results.rows.filter((row) => row.error);
  if (wrong.length)
    throw new Error(`not published, these are wrong: ${wrong.map((row) => row.name).join(', ')}`);
  if (results.quick) console.warn('a quick run: good enough to look at, not to publish');
  writeFileSync(new URL(BENCHMARK, root), `${JSON.stringify(results, null, 2)}\n`);
  for (const [from, to] of [
    ['bench/out/linear.json', LINEAR],
    ['bench/out/threads.json', THREADS],
    ['bench/out/tfjs.json', TFJS],
  ])
    if (existsSync(new URL(from, root))) writeFileSync(new URL(to, root), read(from));
}

/** In the order of src/index.ts. */
const losses = [...read('src/index.ts').matchAll(/export \{\s*(\w+)/g)]
  .map(([, name]) => losskit[name])
  .filter((each) => each?.lossName);
const table = (head, rows) =>
  // Columns of numbers stand to the right.
  [head, head.map((_, i) => (/^([\d.]+( ×)?|–)$/.test(rows[0]?.[i]) ? '---:' : '---')), ...rows]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n');
const shown = (value) => {
  if (typeof value === 'string') return `'${value}'`;
  return value > 0 && value < 1e-4 ? value.toExponential() : String(value);
};

/** An example with what it prints. */
function shownExample(file) {
  const code = read(file).replace(/^\/\/.*\n/, '');
  const output = execFileSync(process.execPath, [file], { cwd: root, encoding: 'utf8' });
  return `\`\`\`js\n${code.trim()}\n\`\`\`\n\n\`\`\`\n${output.trim()}\n\`\`\``;
}

/** The docstring's first words, and where PyTorch has no function of the name, what it or another library has. */
function summary(name) {
  const source = read(`src/losses/${name}.ts`);
  const doc = new RegExp(`/\\*\\*((?:(?!/\\*\\*)[^])*?)\\*/\\s*export const ${name}\\b`)
    .exec(source)[1]
    .replace(/\s*\n \* ?/g, ' ')
    .trim();
  const what = /^.*?(?=,? as `|,? as torch|,? as [\w-]+'s |[.;:] |$)/.exec(doc.replace(/ \([^)]*\)/g, ''))[0];
  const torch = /`torch\.nn\.functional\.(\w+)`/.exec(doc)?.[1];
  const own = name.replace(/[A-Z]+\d*/g, (capitals) => `_${capitals.toLowerCase()}`);
  if (torch === own) return what;
  if (torch) return `${what}; \`${torch}\` in PyTorch`;
  const [, library, other] = /([\w-]+)'s `(\w+)`/.exec(doc) ?? [];
  return `${what}; ${library ? `\`${other}\` of ${library}` : 'not in PyTorch'}`;
}

function lossTable() {
  const rows = losses.map((loss) => {
    const options = loss.parameters.map((p) =>
      p.default === null ? `\`${p.name}\`` : `\`${p.name}\`&nbsp;=&nbsp;${shown(p.default)}`,
    );
    return [`\`${loss.lossName}\``, summary(loss.lossName), options.join(', ')];
  });
  return table(['loss', 'what it is', 'options of its own'], rows);
}

function range(p) {
  if (p.choices) return p.choices.map((each) => `\`${shown(each)}\``.replaceAll(/`(\d+)`/g, '$1')).join(', ');
  if (p.min !== undefined && p.max !== undefined) return `${p.min} to ${p.max}`;
  const parts = [];
  if (p.min !== undefined) parts.push(`≥ ${p.min}`);
  if (p.exclusiveMin !== undefined) parts.push(`> ${p.exclusiveMin}`);
  if (p.max !== undefined) parts.push(`≤ ${p.max}`);
  if (p.exclusiveMax !== undefined) parts.push(`< ${p.exclusiveMax}`);
  return parts.join(', ');
}

/** One row an option; an option that means different things to different losses has one row a meaning. */
function optionTable(parameters) {
  const rows = new Map();
  const names = [...new Set(parameters.map((p) => p.name))];
  const order = (key) => names.indexOf(key.split(':')[0]);
  for (const p of parameters) {
    const fallback = p.required
      ? 'required'
      : p.default === null
        ? p.type === 'array'
          ? ''
          : 'off'
        : shown(p.default);
    rows.set(`${p.name}: ${p.description}`, [`\`${p.name}\``, fallback, range(p), p.description]);
  }
  return table(
    ['option', 'default', 'range', 'meaning'],
    [...rows].sort(([a], [b]) => order(a) - order(b)).map(([, cells]) => cells),
  );
}

function benchmark() {
  const { machine, date, quick, backend, rows } = JSON.parse(read(BENCHMARK));
  const digits = (x) => x.toFixed(x < 10 ? 2 : 1);
  const mark = (row) => (row.met ? '✓' : '**✗ missed**');
  const withTarget = rows.filter((row) => row.met !== null);
  const missed = withTarget.filter((row) => !row.met);
  const of = (kind) => withTarget.filter((row) => row.kind === kind);
  const rest = rows.filter((row) => row.met === null);
  const speed = ({ losskit: ns, other, ratio }) => [digits(ns), digits(other), `${digits(ratio)} ×`];
  const tiny = of('tiny');
  const worst = tiny.reduce((most, row) => (row.ratio > most.ratio ? row : most), tiny[0]);
  return [
    `${machine.cpu}, ${machine.cores} cores, Node ${machine.node}, backend \`${backend}\`, ${date}${quick ? ', quick mode' : ''}. ` +
      `Of ${withTarget.length} targets ${missed.length} are missed on this machine.`,
    'Nanoseconds an element, losskit and the plain loop:',
    table(
      ['value and gradient, unless said', 'losskit', 'loop', 'faster', 'target', ''],
      of('faster').map((row) => [row.name, ...speed(row), `${row.target} ×`, mark(row)]),
    ),
    'Harder calls against a plainer one of losskit:',
    table(
      ['call', 'times as long', 'allowed', ''],
      of('cost').map((row) => [row.name, digits(row.ratio), String(row.target), mark(row)]),
    ),
    `${tiny.length} tiny calls, from one element, may take 1.25 × the loop's time and half a microsecond: ` +
      `${tiny.filter((row) => row.met).length} do, the worst of them (${worst.name.replace('tiny ', '')}) uses ` +
      `${Math.round(worst.ratio * 100)} % of that.`,
    'And the rest, without a target:',
    table(
      ['value and gradient', 'losskit', 'loop', 'faster'],
      rest.map((row) => [row.name.replace('own loop: ', ''), ...speed(row)]),
    ),
  ].join('\n\n');
}

function linear() {
  const { machine, date, rows } = JSON.parse(read(LINEAR));
  const [n, h, v] = rows[0].size;
  const full = rows.filter(({ size }) => size[2] === v);
  const [ours, loops] = ['linearCrossEntropy', 'plain loops'].map((what) =>
    rows.find((row) => row.what === what && row.size[2] !== v),
  );
  return [
    `${machine.cpu}, Node ${machine.node}, ${date}, one thread; float32, [${n}, ${h}] x [${v}, ${h}].`,
    table(
      ['', 'seconds', 'GFLOP/s', 'MiB beside inputs and gradients'],
      full.map(({ what, milliseconds, gigaflops, mebibytes }) => [
        what,
        (milliseconds / 1000).toFixed(2),
        gigaflops.toFixed(1),
        mebibytes.toFixed(0),
      ]),
    ),
    `"product" is the matrix product alone, "unfused" the same three products and \`crossEntropy\` on all logits in one memory. Against plain loops, ` +
      `at [${ours.size[0]}, ${ours.size[1]}] x [${ours.size[2]}, ${ours.size[1]}], which they finish: ` +
      `${(loops.milliseconds / ours.milliseconds).toFixed(1)} times as fast.`,
  ].join('\n\n');
}

/** Who has a column in the README, if it was there; bench/results/peers.md has all. */
const SHOWN = 'losskit fresh arena relaxed shared loops tfjs-wasm jax-js torch sse41'.split(' ');

function peers() {
  const { machine, date, quick, entrants, cases } = JSON.parse(read(PEERS));
  const main = cases.filter((of) => !of.sweep);
  const there = SHOWN.map((name) => entrants.find((each) => each.name === name)).filter((each) =>
    main.some((of) => of.outcomes[each?.name]?.best),
  );
  const digits = (x) => (x < 1 ? x.toPrecision(2) : x.toFixed(x < 10 ? 1 : 0));
  const cell = (of, { name }) => {
    const outcome = of.outcomes[name] ?? {};
    if (outcome.best) return digits(outcome.best / of.elements);
    return outcome.wrong ? 'wrong' : outcome.failed ? 'failed' : '–';
  };
  const slowerThanTorch = (name) => {
    const slower = main.filter(({ outcomes }) => outcomes[name]?.best > outcomes.torch?.best);
    const list = slower.map(
      (of) => `${of.name} (${digits(of.outcomes[name].best / of.outcomes.torch.best)} × its time)`,
    );
    return `in ${slower.length}${list.length ? `: ${list.join(', ')}` : ''}`;
  };
  const images = [
    ['speedup-by-loss', 'Times as fast as plain loops, by loss, for losskit and its peers'],
    ['speedup-by-size', 'Times as fast as plain loops, by size'],
    ['times-memcpy', 'Time as a multiple of one memcpy of the same bytes'],
  ];
  return [
    `${machine.cpu}, ${machine.cores} cores, Node ${machine.node}, ${date}${quick ? ', quick mode' : ''}. ` +
      `${there
        .filter(({ name }) => !['losskit', 'arena', 'loops'].includes(name))
        .map(({ label, about }) => `${label}: ${about}`)
        .join('; ')}.`,
    'Nanoseconds an element, value and gradient unless said:',
    table(
      ['', ...there.map(({ label }) => label)],
      main.map((of) => [of.name, ...there.map((each) => cell(of, each))]),
    ),
    there.some(({ name }) => name === 'torch')
      ? `Of these ${main.length} cases losskit is slower than PyTorch on one thread ${slowerThanTorch('losskit')}; with a new gradient array ` +
        `every call, as PyTorch makes them, ${slowerThanTorch('fresh')}; on the relaxed build ${slowerThanTorch('relaxed')}.`
      : '',
    ...images.map(([name, text]) => `![${text}](bench/results/${name}.svg)`),
  ]
    .filter(Boolean)
    .join('\n\n');
}

function tfjs() {
  const { machine, node, backend, date, tfjs: version, timings } = JSON.parse(read(TFJS));
  const mark = ({ ratio, target }) => (target === null ? '' : ratio >= target ? ' ✓' : ' **✗**');
  const shape = (sizes) => (sizes[0] === 100 ? '1e5' : `[${sizes.join(', ')}]`);
  return [
    `${machine}, Node ${node}, backend \`${backend}\` of losskit, TensorFlow.js ${version}, ${date}. Value and gradient, tensors in and out, milliseconds; target: 10 ×.`,
    table(
      ['loss', 'shape', 'backend of tfjs', 'tfjs', 'losskit/tfjs', 'times as fast'],
      timings.map((each) => [
        each.name,
        shape(each.shape),
        each.backend,
        each.tfjs.toPrecision(3),
        each.losskit.toPrecision(3),
        `${each.ratio.toPrecision(3)} ×${mark(each)}`,
      ]),
    ),
  ].join('\n\n');
}

function threads() {
  const { machine, date, backend, dispatch, rows } = JSON.parse(read(THREADS));
  const times = (x) => `${x.toFixed(2)} ×`;
  const mark = (row, k) => (row.met ? (row.met[k] ? ' ✓' : ' **✗**') : '');
  const columns = ['shared', 'sharedBlocking', 'ordinary', 'ordinaryBlocking'];
  const targets = { shared: 0, ordinary: 1 };
  return [
    `${machine.cpu}, ${machine.cores} cores, Node ${machine.node}, backend \`${backend}\`, ${date}. Value and gradient on two threads, times as fast as ` +
      'the loss itself on ordinary arrays; in brackets as on the same shared arrays. Targets: 1.8 × in shared, 1.2 × in ordinary arrays.',
    table(
      ['', 'one thread, ms', 'shared', 'shared, blocking', 'ordinary', 'ordinary, blocking'],
      rows.map((row) => {
        const { one, oneShared } = row.milliseconds;
        return [
          row.name,
          one.toFixed(2),
          ...columns.map((column) => {
            const own = row.milliseconds[column];
            const shared = column.startsWith('shared') ? ` (${(oneShared / own).toFixed(2)})` : '';
            return `${times(one / own)}${shared}${column in targets ? mark(row, targets[column]) : ''}`;
          }),
        ];
      }),
    ),
    `A task is taken ${dispatch.toFixed(1)} µs after it is handed over, by a thread that is busy with the ones before it.`,
  ].join('\n\n');
}

function sizes() {
  const { modules, bundles } = JSON.parse(read(SIZES));
  const kilobytes = (size) => (size / 1000).toFixed(size < 10_000 ? 1 : 0);
  const columns = ['esbuild', 'rollup', 'vite', 'webpack'];
  const typical = Object.entries(bundles).filter(([, by]) => columns.every((bundler) => by[bundler]));
  return [
    'What an import adds to a production build, in kB after gzip (`npm run sizes`):',
    table(
      ['import', ...columns],
      typical.map(([name, by]) => [
        losskit[name] ? `\`${name}\`` : name,
        ...columns.map((bundler) => kilobytes(by[bundler].gzip)),
      ]),
    ),
    'Most of that are the kernels, for both precisions with fixed and with relaxed SIMD. They are embedded by family (`assembly/abi/`), and a loss brings its own, and `tools`:',
    table(
      ['kernels', 'kB of WebAssembly', 'kB embedded, after gzip'],
      Object.entries(modules).map(([name, { bytes, gzip }]) => [name, kilobytes(bytes), kilobytes(gzip)]),
    ),
  ].join('\n\n');
}

const blocks = {
  sizes,
  linear,
  tfjs,
  threads,
  peers,
  quickstart: () => shownExample('examples/quickstart.mjs'),
  score: () => shownExample('examples/score.mjs'),
  scoring: () => optionTable([...losskit.tokenLogProbs.parameters, ...losskit.topLogProbs.parameters]),
  losses: lossTable,
  options: () => optionTable(losses.flatMap((loss) => loss.parameters)),
  'common options': () => optionTable(losskit.commonParameters),
  benchmark,
};

const before = read('README.md');
let text = before;
for (const [name, make] of Object.entries(blocks)) {
  const [open, close] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const [start, end] = [text.indexOf(open), text.indexOf(close)];
  if (start < 0 || end < start) throw new Error(`README.md has no ${open} … ${close}`);
  text = `${text.slice(0, start + open.length)}\n\n${make()}\n\n${text.slice(end)}`;
}
const config = await resolveConfig('README.md');
const after = await format(text, { ...config, parser: 'markdown' });
if (!process.argv.includes('--check')) {
  writeFileSync(new URL('README.md', root), after);
} else if (after !== before) {
  const [is, wanted] = [before.split('\n'), after.split('\n')];
  const at = wanted.findIndex((line, i) => line !== is[i]);
  console.error(
    `README.md is out of date (npm run readme), from line ${at + 1}:\n  ${is[at]}\nshould be\n  ${wanted[at]}`,
  );
  process.exitCode = 1;
}
