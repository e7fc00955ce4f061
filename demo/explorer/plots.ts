/** The two plots, one above the other: the loss and its gradient, each as it is and as it was, and a marker that moves along both. Knows no loss. */
import uPlot from 'uplot';
import { colours } from '../ui/theme.js';
import { format } from '../ui/controls.js';
import { h } from '../ui/dom.js';
import { onResize } from '../ui/resize.js';
import type { Axis } from './entry.js';

export interface Curve {
  readonly xs: Float64Array;
  readonly loss: Float64Array;
  readonly slope: Float64Array;
}

export interface Plots {
  readonly element: HTMLElement;
  /** Draws; the plots stay as they are. With another axis the ghost is forgotten. */
  setCurve(curve: Curve, axis: Axis): void;
  /** The curve as it is now becomes the ghost. */
  keep(): void;
  setMarker(x: number, loss: number, slope: number): void;
  /** After a change of the theme. */
  recolour(): void;
  destroy(): void;
}

type Values = (number | null)[];
const AXIS_WIDTH = 58;

/** The values' extent. Where a few of them are far off, as beside a pole, without these. */
function extent(...curves: readonly Values[]): [number, number] {
  const finite = curves.flatMap((values) => values.filter((value) => value !== null)).sort((a, b) => a - b);
  if (!finite.length) return [0, 1];
  const at = (share: number): number => finite[Math.round(share * (finite.length - 1))]!;
  let [low, high] = [at(0), at(1)];
  const [inner, outer] = [at(0.03), at(0.97)];
  const room = outer - inner;
  if (room > 0 && high - outer > 3 * room) high = outer + room;
  if (room > 0 && inner - low > 3 * room) low = inner - room;
  if (high - low < 1e-9) return [low - 1, high + 1];
  const pad = 0.08 * (high - low);
  return [low - pad, high + pad];
}

const drawable = (values: Float64Array): Values =>
  Array.from(values, (value) => (Number.isFinite(value) ? value : null));

interface Options {
  readonly onMove: (x: number) => void;
}

export function createPlots({ onMove }: Options): Plots {
  let palette = colours();
  let axis: Axis = { label: '', range: [0, 1] };
  let xs: number[] = [0, 1];
  let marker = { x: 0, loss: 0, slope: 0 };
  let ghost = false;
  const now: [Values, Values] = [[], []];
  const then: [Values, Values] = [[], []];

  const handle = h('div', { class: 'marker', role: 'slider', tabindex: '0', 'aria-label': 'prediction' });
  const dots = [handle, h('div', { class: 'marker second', 'aria-hidden': 'true' })];
  const rules = [0, 1].map(() => h('div', { class: 'marker-rule' }));
  const hovers = [0, 1].map(() => h('span', { class: 'hover numbers' }));
  const hosts = [0, 1].map((i) => h('div', { class: `plot ${i ? 'slope' : 'loss'}` }));
  const keys = h('span', { class: 'key' }, h('i', { class: 'swatch ghost' }), 'before the change');
  const head = (i: number, title: string, ...rest: Node[]): HTMLElement =>
    h(
      'figcaption',
      {},
      h('span', { class: 'key' }, h('i', { class: `swatch ${i ? 'second' : 'accent'}` }), h('b', {}, title)),
      ...rest,
      hovers[i]!,
    );
  const tangent = h('span', { class: 'key' }, h('i', { class: 'swatch tangent' }), 'slope');
  const axisLabel = h('p', { class: 'axis-label' });
  const figures = [
    h('figure', { class: 'loss-figure' }, head(0, 'Loss', tangent, keys), hosts[0]!),
    h('figure', { class: 'slope-figure' }, head(1, 'Gradient'), hosts[1]!),
  ] as const;
  const element = h('div', { class: 'plots' }, ...figures, axisLabel);

  const plots = hosts.map((host, i) => {
    const plot = new uPlot(options(i), [xs, [0, 0], [0, 0]], host);
    plot.over.append(rules[i]!, dots[i]!);
    plot.over.addEventListener('pointerdown', (event) => grab(event, plot));
    return plot;
  });

  function options(i: number): uPlot.Options {
    const line = (): string => (i ? palette.second : palette.accent);
    const grid = { stroke: () => palette.line, width: 1 };
    const ticks = { show: false };
    const font = '12px system-ui, sans-serif';
    const side = { stroke: () => palette.dim, grid, ticks, font };
    return {
      width: 300,
      height: 200,
      padding: [8, 14, 0, 0],
      legend: { show: false },
      cursor: {
        y: false,
        drag: { x: false, y: false, setScale: false },
        sync: { key: 'explorer' },
        points: { size: 7 },
      },
      scales: {
        x: { time: false, range: () => [axis.range[0], axis.range[1]] },
        y: { range: () => extent(now[i]!, ghost ? then[i]! : []) },
      },
      axes: [
        { ...side, size: 26, values: (_, ticksAt) => ticksAt.map((value) => format(value)) },
        { ...side, size: AXIS_WIDTH, values: (_, ticksAt) => ticksAt.map((value) => format(value)) },
      ],
      series: [
        {},
        {
          stroke: () => palette.ghost,
          width: 1.5,
          dash: [5, 4],
          pxAlign: 0,
          points: { show: false },
          show: false,
        },
        { stroke: line, width: 2.25, pxAlign: 0, points: { show: false } },
      ],
      hooks: { drawAxes: [zero], draw: [(plot) => finish(plot, i)], setCursor: [(plot) => hover(plot, i)] },
    };
  }

  /** The line y = 0. */
  function zero(plot: uPlot): void {
    const y = plot.valToPos(0, 'y', true);
    const { left, top, width, height } = plot.bbox;
    if (y < top || y > top + height) return;
    const { ctx } = plot;
    ctx.save();
    ctx.strokeStyle = palette.dim;
    ctx.lineWidth = devicePixelRatio;
    ctx.beginPath();
    ctx.moveTo(left, Math.round(y));
    ctx.lineTo(left + width, Math.round(y));
    ctx.stroke();
    ctx.restore();
  }

  /** What lies over the curve: the slope at the marker, and the marker. */
  function finish(plot: uPlot, i: number): void {
    if (i === 0 && Number.isFinite(marker.slope) && Number.isFinite(marker.loss)) {
      const { left, top, width, height } = plot.bbox;
      const { ctx } = plot;
      const [x, y] = [plot.valToPos(marker.x, 'x', true), plot.valToPos(marker.loss, 'y', true)];
      const step = 0.01 * (axis.range[1] - axis.range[0]);
      const dx = plot.valToPos(marker.x + step, 'x', true) - x;
      const dy = plot.valToPos(marker.loss + step * marker.slope, 'y', true) - y;
      const reach = (56 * devicePixelRatio) / Math.hypot(dx, dy);
      ctx.save();
      ctx.beginPath();
      ctx.rect(left, top, width, height);
      ctx.clip();
      ctx.strokeStyle = palette.second;
      ctx.lineWidth = 1.75 * devicePixelRatio;
      ctx.beginPath();
      ctx.moveTo(x - dx * reach, y - dy * reach);
      ctx.lineTo(x + dx * reach, y + dy * reach);
      ctx.stroke();
      ctx.restore();
    }
    place(plot, i);
  }

  function place(plot: uPlot, i: number): void {
    const value = i ? marker.slope : marker.loss;
    const [x, y] = [plot.valToPos(marker.x, 'x'), plot.valToPos(value, 'y')];
    const inside = marker.x >= axis.range[0] && marker.x <= axis.range[1];
    const height = plot.over.clientHeight;
    rules[i]!.hidden = !inside;
    rules[i]!.style.transform = `translateX(${x}px)`;
    dots[i]!.style.transform =
      `translate(${x}px, ${Math.max(0, Math.min(height, Number.isFinite(y) ? y : height))}px)`;
    dots[i]!.classList.toggle('outside', !inside || !Number.isFinite(value));
  }

  function hover(plot: uPlot, i: number): void {
    const { idx } = plot.cursor;
    const value = idx === null || idx === undefined ? undefined : now[i]![idx];
    hovers[i]!.textContent =
      value === undefined ? '' : `at ${format(xs[idx!]!, 3)}: ${value === null ? 'none' : format(value)}`;
  }

  function grab(event: PointerEvent, plot: uPlot): void {
    if (event.button !== 0) return;
    const { over } = plot;
    const move = ({ clientX }: PointerEvent): void => {
      const box = over.getBoundingClientRect();
      to(axis.range[0] + ((clientX - box.left) / box.width) * (axis.range[1] - axis.range[0]));
    };
    const up = (): void => {
      over.removeEventListener('pointermove', move);
      over.removeEventListener('pointerup', up);
      over.removeEventListener('pointercancel', up);
    };
    over.setPointerCapture(event.pointerId);
    over.addEventListener('pointermove', move);
    over.addEventListener('pointerup', up);
    over.addEventListener('pointercancel', up);
    move(event);
    handle.focus({ preventScroll: true });
    event.preventDefault();
  }

  /** On a grid of a two hundredth of the axis, so that round numbers are met. */
  function to(x: number): void {
    const [low, high] = axis.range;
    const step = (high - low) / 400;
    const snapped = Number((Math.round(x / step) * step).toPrecision(6));
    onMove(Math.min(high, Math.max(low, snapped)));
  }

  handle.addEventListener('keydown', (event) => {
    const [low, high] = axis.range;
    const step = (high - low) / 100;
    const steps: Record<string, number> = {
      ArrowRight: 1,
      ArrowUp: 1,
      ArrowLeft: -1,
      ArrowDown: -1,
      PageUp: 10,
      PageDown: -10,
    };
    if (event.key === 'Home') to(low);
    else if (event.key === 'End') to(high);
    else if (event.key in steps) to(marker.x + steps[event.key]! * step);
    else return;
    event.preventDefault();
  });

  const draw = (): void => {
    plots.forEach((plot, i) => plot.setData([xs, then[i]!, now[i]!] as uPlot.AlignedData));
  };
  const showGhost = (shown: boolean): void => {
    if (shown === ghost) return;
    ghost = shown;
    keys.classList.toggle('off', !shown);
    plots.forEach((plot) => plot.setSeries(1, { show: shown }));
  };
  keys.classList.add('off');

  const unsize = onResize(hosts[0]!, () => {
    const width = hosts[0]!.clientWidth;
    if (!width) return;
    const beside = figures[0].offsetTop === figures[1].offsetTop;
    const [loss, slope] = beside ? [190, 190] : width < 500 ? [190, 150] : [232, 178];
    plots[0]!.setSize({ width, height: loss });
    plots[1]!.setSize({ width: hosts[1]!.clientWidth, height: slope });
  });

  return {
    element,
    setCurve(curve, next) {
      if (next.label !== axis.label || next.range.some((end, i) => end !== axis.range[i])) {
        showGhost(false);
        axis = next;
        axisLabel.textContent = next.label;
        handle.setAttribute('aria-label', next.label);
        handle.setAttribute('aria-valuemin', String(next.range[0]));
        handle.setAttribute('aria-valuemax', String(next.range[1]));
      }
      xs = Array.from(curve.xs);
      now[0] = drawable(curve.loss);
      now[1] = drawable(curve.slope);
      if (!ghost) [then[0], then[1]] = [now[0], now[1]];
      draw();
    },
    keep() {
      [then[0], then[1]] = [now[0], now[1]];
      showGhost(true);
    },
    setMarker(x, loss, slope) {
      marker = { x, loss, slope };
      handle.setAttribute('aria-valuenow', String(Number(x.toPrecision(4))));
      handle.setAttribute('aria-valuetext', `${format(x)}, loss ${format(loss)}, gradient ${format(slope)}`);
      plots[0]!.redraw(false);
      place(plots[1]!, 1);
    },
    recolour() {
      palette = colours();
      plots.forEach((plot) => plot.redraw(false, true));
    },
    destroy() {
      unsize();
      plots.forEach((plot) => plot.destroy());
    },
  };
}
