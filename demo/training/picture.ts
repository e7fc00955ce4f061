/** Draws a run on a canvas: the field of its scores, the points, its boundary and the one before. Trains nothing. */
import { colours } from '../ui/theme.js';
import { boundary, gridPoints, NODES, type Point } from './contour.js';
import { LIMIT, type Points } from './data.js';
import type { Trainer } from './trainer.js';

/** Of a full colour, so that points stay clear of the field. */
const DEPTH = 0.42;

/** What of a score is a full colour: σ(score) as a probability, or twice the margin. */
function shade({ choice, setting }: Trainer): (score: number) => number {
  const scale = choice.probability ? 0.5 : 1 / Math.max(0.1, setting.options['margin'] ?? 1);
  return (score) => Math.tanh(scale * score);
}

const rgb = (colour: string): number[] =>
  colour
    .match(/[\d.]+/g)!
    .slice(0, 3)
    .map(Number);

export class Picture {
  readonly #context: CanvasRenderingContext2D;
  readonly #small = document.createElement('canvas');
  readonly #grid = gridPoints();
  readonly #scores = new Float64Array(NODES * NODES);
  readonly #features = new WeakMap<Trainer, Float64Array>();
  #colours = colours();
  #size = 0;

  constructor(private readonly canvas: HTMLCanvasElement) {
    this.#context = canvas.getContext('2d')!;
    this.#small.width = this.#small.height = NODES;
  }

  /** Reads the style's colours anew. */
  recolour(): void {
    this.#colours = colours();
  }

  draw(current: Trainer, before: Trainer | null): void {
    this.#fit();
    const [context, size] = [this.#context, this.#size];
    if (size === 0) return;
    context.fillStyle = this.#colours.panel;
    context.fillRect(0, 0, size, size);
    // The field and the line are of the same scores, so the line before comes first.
    const ghost = before?.done ? boundary(this.#score(before)) : null;
    const scores = this.#score(current);
    this.#field(scores, shade(current));
    this.#points(current.data.train);
    if (ghost) this.#line(ghost, this.#colours.dim, 2, [7, 5]);
    if (current.steps > 0) this.#line(boundary(scores), this.#colours.ink, 2.5, []);
  }

  /** As many pixels as the screen has there. */
  #fit(): void {
    const pixels = Math.round(this.canvas.clientWidth * devicePixelRatio);
    if (this.canvas.width !== pixels) this.canvas.width = this.canvas.height = pixels;
    this.#size = this.canvas.clientWidth;
    this.#context.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
  }

  #score(of: Trainer): Float64Array {
    let features = this.#features.get(of);
    if (!features) this.#features.set(of, (features = of.model.features(this.#grid)));
    return of.model.forward(features, this.#scores);
  }

  #field(scores: Float64Array, full: (score: number) => number): void {
    const small = this.#small.getContext('2d')!;
    const image = small.createImageData(NODES, NODES);
    const [common, rare] = [rgb(this.#colours.accent), rgb(this.#colours.second)];
    for (let i = 0; i < scores.length; i++) {
      const depth = full(scores[i]);
      image.data.set(depth > 0 ? rare : common, 4 * i);
      image.data[4 * i + 3] = 255 * DEPTH * Math.abs(depth);
    }
    small.putImageData(image, 0, 0);
    // A pixel is a node, and nodes stand on the edges.
    const cell = this.#size / (NODES - 1);
    this.#context.imageSmoothingQuality = 'high';
    this.#context.drawImage(this.#small, -cell / 2, -cell / 2, NODES * cell, NODES * cell);
  }

  /** Dots of the common class, diamonds of the rare one: not by colour alone. */
  #points({ at, rare, count }: Points): void {
    const context = this.#context;
    const place = (value: number): number => ((value / LIMIT + 1) / 2) * this.#size;
    const unit = Math.max(0.75, Math.min(1, this.#size / 520));
    context.lineWidth = 1;
    context.strokeStyle = this.#colours.panel;
    for (let i = 0; i < count; i++) {
      const [x, y] = [place(at[2 * i]), place(-at[2 * i + 1])];
      context.beginPath();
      if (rare[i]) {
        const r = 5.5 * unit;
        context.moveTo(x, y - r);
        for (const [dx, dy] of [
          [r, 0],
          [0, r],
          [-r, 0],
        ])
          context.lineTo(x + dx, y + dy);
        context.closePath();
      } else context.arc(x, y, 2.8 * unit, 0, 2 * Math.PI);
      context.fillStyle = rare[i] ? this.#colours.second : this.#colours.accent;
      context.fill();
      context.stroke();
    }
  }

  #line(lines: readonly (readonly Point[])[], colour: string, width: number, dash: readonly number[]): void {
    const [context, size] = [this.#context, this.#size];
    context.save();
    context.lineCap = 'round';
    context.beginPath();
    for (const line of lines)
      line.forEach(([x, y], i) => context[i ? 'lineTo' : 'moveTo'](x * size, y * size));
    // A rim in the background's colour keeps the line apart from points.
    context.strokeStyle = this.#colours.panel;
    context.lineWidth = width + 2.5;
    context.stroke();
    context.setLineDash([...dash]);
    context.strokeStyle = colour;
    context.lineWidth = width;
    context.stroke();
    context.restore();
  }
}
