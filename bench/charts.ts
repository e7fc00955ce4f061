/**
 * Charts as SVG text, for files and for pages: panels of bars and panels of curves, both on logarithmic scales. They bring a background of their own
 * and follow the reader's colour scheme. Knows no benchmark.
 */

/** Who a bar or a curve stands for decides its colour; the label tells it apart from its like. */
export type Tone = 'ours' | 'plain' | 'peer' | 'native';

/** For pages that forbid style elements, or have charts many: put in once, it serves those that are not `styled`. */
export const chartStyle = `
.bench-chart{font:12px system-ui,-apple-system,"Segoe UI",Helvetica,Arial,sans-serif;--back:#fff;--ink:#1f2328;--dim:#59636e;--line:#d8dee4;--ours:#0969da;--plain:#818b98;--peer:#bc6c00;--native:#8250df}
@media (prefers-color-scheme:dark){.bench-chart{--back:#0d1117;--ink:#e6edf3;--dim:#9198a1;--line:#30363d;--ours:#58a6ff;--plain:#7d8590;--peer:#e3a04f;--native:#b392f0}}
.bench-chart .back{fill:var(--back);stroke:var(--line)}.bench-chart text{fill:var(--ink)}.bench-chart .dim{fill:var(--dim)}
.bench-chart .title{font-size:17px;font-weight:600}.bench-chart .head{font-size:13px;font-weight:600}
.bench-chart .grid{stroke:var(--line);fill:none}.bench-chart .axis{stroke:var(--dim);fill:none}.bench-chart .mark{stroke:var(--ink);stroke-dasharray:3 3}
.bench-chart rect.ours,.bench-chart circle.ours{fill:var(--ours)}.bench-chart rect.plain,.bench-chart circle.plain{fill:var(--plain)}
.bench-chart rect.peer,.bench-chart circle.peer{fill:var(--peer)}.bench-chart rect.native,.bench-chart circle.native{fill:var(--native)}
.bench-chart path.ours{stroke:var(--ours)}.bench-chart path.plain{stroke:var(--plain)}.bench-chart path.peer{stroke:var(--peer)}.bench-chart path.native{stroke:var(--native)}
.bench-chart path.curve{fill:none;stroke-width:2}.bench-chart .halo{stroke:var(--back);stroke-width:4;paint-order:stroke;stroke-linejoin:round}
`;

const escape = (text: string): string =>
  text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/"/g, '&quot;');
const fixed = (value: number): string => String(Math.round(value * 10) / 10);
const text = (x: number, y: number, content: string, kind = '', anchor = 'start'): string =>
  `<text x="${fixed(x)}" y="${fixed(y)}" class="${kind}" text-anchor="${anchor}">${escape(content)}</text>`;

const MARGIN = 18;
const HEAD = 62;
const GAP = 22;

function frame(
  title: string,
  note: string,
  width: number,
  height: number,
  parts: string[],
  styled = true,
): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" class="bench-chart" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escape(title)}">`,
    ...(styled ? [`<style>${chartStyle}</style>`] : []),
    `<rect class="back" x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="8"/>`,
    text(MARGIN, 29, title, 'title'),
    text(MARGIN, 48, note, 'dim'),
    ...parts,
    '</svg>\n',
  ].join('\n');
}

/** Powers of ten, and where they are few 2 and 5 times them. */
function ticks(low: number, high: number): number[] {
  const steps = Math.log10(high / low) > 2.2 ? [1] : [1, 2, 5];
  const found: number[] = [];
  for (let power = Math.floor(Math.log10(low)); 10 ** power <= high * 1.0001; power++)
    for (const step of steps) {
      const tick = Number((step * 10 ** power).toPrecision(1));
      if (tick >= low * 0.9999 && tick <= high * 1.0001) found.push(tick);
    }
  return found;
}

export const times = (value: number): string => {
  const digits = value < 0.1 ? 3 : value < 10 ? 2 : value < 100 ? 1 : 0;
  return `${value.toFixed(digits)} ×`;
};

export interface Bar {
  readonly label: string;
  readonly tone: Tone;
  readonly value: number;
}
export interface BarPanel {
  readonly title: string;
  readonly bars: readonly Bar[];
}
export interface BarChart {
  readonly title: string;
  readonly note: string;
  readonly panels: readonly BarPanel[];
  readonly width?: number;
  readonly columns?: number;
  /** Whether it brings its style with it; it does by default. */
  readonly styled?: boolean;
}

/** Bars from 1 outwards, one scale for all panels: right of the line is more than 1, left of it less. */
export function barChart({ title, note, panels, width = 900, columns = 2, styled }: BarChart): string {
  const row = 17;
  const values = panels.flatMap(({ bars }) => bars.map(({ value }) => value));
  const [low, high] = [Math.min(1, ...values), Math.max(1, ...values)];
  const panelWidth = (width - 2 * MARGIN - (columns - 1) * GAP) / columns;
  const labels = 8 + 6.9 * Math.max(...panels.flatMap(({ bars }) => bars.map(({ label }) => label.length)));
  // A value stands beside the end of its bar, on either side.
  const number = 56;
  const left = labels + (low < 1 ? number : 4);
  const span = panelWidth - left - number;
  const x = (value: number) => left + (span * Math.log(value / low)) / (Math.log(high / low) || 1);
  const parts: string[] = [];
  let top = HEAD;
  for (let first = 0; first < panels.length; first += columns) {
    const line = panels.slice(first, first + columns);
    const most = Math.max(...line.map(({ bars }) => bars.length));
    for (const [column, panel] of line.entries()) {
      const height = row * panel.bars.length;
      parts.push(`<g transform="translate(${fixed(MARGIN + column * (panelWidth + GAP))} ${top})">`);
      parts.push(text(0, 14, panel.title, 'head'));
      for (const tick of ticks(low, high))
        parts.push(`<path class="grid" d="M${fixed(x(tick))} 22v${height}"/>`);
      for (const [i, { label, tone, value }] of panel.bars.entries()) {
        const y = 22 + row * i;
        const [from, to] = [x(Math.min(1, value)), x(Math.max(1, value))];
        parts.push(text(labels - 8, y + 13, label, '', 'end'));
        parts.push(
          `<rect class="${tone}" x="${fixed(from)}" y="${y + 2}" width="${fixed(Math.max(1, to - from))}" height="${row - 4}" rx="1.5"/>`,
        );
        if (value >= 1) parts.push(text(to + 5, y + 13, times(value), 'halo'));
        else parts.push(text(from - 5, y + 13, times(value), 'halo', 'end'));
      }
      parts.push(`<path class="axis" d="M${fixed(x(1))} 20v${height + 4}"/>`);
      parts.push('</g>');
    }
    top += 22 + row * most + 20;
  }
  return frame(title, note, width, top, parts, styled);
}

export interface Curve {
  readonly label: string;
  readonly tone: Tone;
  /** Lengths of dashes and gaps; none: a line without. */
  readonly dash: string;
  readonly points: readonly (readonly [x: number, y: number])[];
}
export interface CurvePanel {
  readonly title: string;
  readonly curves: readonly Curve[];
  /** Marked on the line y = 1, and named below it. */
  readonly crossing: { readonly at: number; readonly label: string } | null;
}
export interface CurveChart {
  readonly title: string;
  readonly note: string;
  readonly xLabel: string;
  readonly panels: readonly CurvePanel[];
}

/** Labels at the ends of curves, moved apart where they would stand on each other. */
function spread(wanted: readonly number[], least: number): number[] {
  const order = wanted.map((y, i) => [y, i] as const).sort(([a], [b]) => a - b);
  const placed = [...wanted];
  let last = -Infinity;
  for (const [y, i] of order) {
    placed[i] = Math.max(y, last + least);
    last = placed[i];
  }
  return placed;
}

export function curveChart({ title, note, xLabel, panels }: CurveChart): string {
  const [width, left, panelHeight] = [900, 58, 230];
  const right =
    20 +
    6.4 *
      Math.max(
        ...panels.flatMap(({ curves }) =>
          curves.filter((curve) => curve.points.length).map(({ label }) => label.length),
        ),
      );
  const span = width - 2 * MARGIN - left - right;
  const points = panels.flatMap(({ curves }) => curves.flatMap((curve) => curve.points));
  const [xs, ys] = [points.map(([x]) => x), points.map(([, y]) => y)];
  const [x0, x1] = [Math.min(...xs), Math.max(...xs)];
  const [y0, y1] = [Math.min(1, ...ys), Math.max(1, ...ys)];
  const x = (value: number) => left + (span * Math.log(value / x0)) / (Math.log(x1 / x0) || 1);
  const y = (value: number) => 24 + panelHeight * (1 - Math.log(value / y0) / (Math.log(y1 / y0) || 1));
  const parts: string[] = [];
  for (const [i, { title: name, curves, crossing }] of panels.entries()) {
    parts.push(`<g transform="translate(${MARGIN} ${HEAD + i * (panelHeight + 76)})">`);
    parts.push(text(0, 12, name, 'head'));
    for (const tick of ticks(y0, y1)) {
      parts.push(
        `<path class="${tick === 1 ? 'axis' : 'grid'}" d="M${left} ${fixed(y(tick))}h${fixed(span)}"/>`,
      );
      parts.push(text(left - 7, y(tick) + 4, `${tick} ×`, 'dim', 'end'));
    }
    for (const tick of ticks(x0, x1)) {
      parts.push(`<path class="grid" d="M${fixed(x(tick))} 24v${panelHeight}"/>`);
      parts.push(text(x(tick), panelHeight + 40, tick.toLocaleString('en'), 'dim', 'middle'));
    }
    parts.push(text(left + span / 2, panelHeight + 57, xLabel, 'dim', 'middle'));
    const drawn = curves.filter((curve) => curve.points.length);
    for (const { tone, dash, points: at } of drawn) {
      const path = at.map(([a, b]) => `${fixed(x(a))} ${fixed(y(b))}`).join('L');
      parts.push(`<path class="curve ${tone}" d="M${path}"${dash && ` stroke-dasharray="${dash}"`}/>`);
      for (const [a, b] of at)
        parts.push(`<circle class="${tone}" cx="${fixed(x(a))}" cy="${fixed(y(b))}" r="2.6"/>`);
    }
    const ends = spread(
      drawn.map((curve) => y(curve.points[curve.points.length - 1][1]) + 4),
      14,
    );
    for (const [k, { label }] of drawn.entries()) parts.push(text(left + span + 10, ends[k], label));
    if (crossing) {
      const at = x(Math.max(x0, crossing.at));
      parts.push(`<path class="mark" d="M${fixed(at)} 24v${panelHeight}"/>`);
      parts.push(text(at + 7, 24 + panelHeight - 9, crossing.label, 'halo'));
    }
    parts.push('</g>');
  }
  return frame(title, note, width, HEAD + panels.length * (panelHeight + 76), parts);
}
