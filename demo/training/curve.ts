/** The loss over the steps, as a chart with logarithmic steps: most happens at first. Knows the style's colours and no trainer. */
import uPlot from 'uplot';
import { format } from '../ui/controls.js';
import { type Colours, colours } from '../ui/theme.js';

const HEIGHT = 180;

const powersOfTen = (_: uPlot, splits: number[]): (number | null)[] =>
  splits.map((at) => (Number.isInteger(Math.log10(at)) ? at : null));

export class Curve {
  readonly #plot: uPlot;
  #colours: Colours = colours();

  constructor(
    private readonly parent: HTMLElement,
    steps: number,
  ) {
    const colour = (name: keyof Colours) => () => this.#colours[name];
    const axis = {
      stroke: colour('dim'),
      grid: { stroke: colour('line'), width: 1 },
      ticks: { show: false },
    };
    this.#plot = new uPlot(
      {
        width: Math.max(200, parent.clientWidth),
        height: HEIGHT,
        padding: [8, 12, 0, 0],
        cursor: { drag: { x: false, y: false }, points: { size: 7 } },
        legend: { show: false },
        scales: {
          x: { time: false, distr: 3, range: [1, steps] },
          y: { range: (_, __, most) => [0, most > 0 ? most * 1.05 : 1] },
        },
        axes: [
          { ...axis, size: 30, grid: { ...axis.grid, filter: powersOfTen } },
          { ...axis, size: 52, values: (_, values) => values.map((value) => format(value, 3)) },
        ],
        series: [{}, { stroke: colour('accent'), width: 2, points: { show: false } }],
      },
      [[], []],
      parent,
    );
  }

  show(losses: readonly number[]): void {
    this.#plot.setData([losses.map((_, i) => i + 1), losses as number[]]);
  }

  /** After a change of the style or of the room. */
  refit(): void {
    this.#colours = colours();
    this.#plot.setSize({ width: Math.max(200, this.parent.clientWidth), height: HEIGHT });
  }

  destroy(): void {
    this.#plot.destroy();
  }
}
