// The training loop: one pass over as many words as the time allows, in random order.
import { mulberry32, shuffle } from '../lib/random.js';
import type { Model } from './model.js';
import type { Text } from './text.js';

const RATE = 0.15;
const LINES = 10;

export interface Plan {
  steps: number;
  batch: number;
}

/** `sample` is the part of the held-out text that the lines of progress show the perplexity of. */
export function train(model: Model, { tokens, positions }: Text, sample: Text, { steps, batch }: Plan): void {
  const order = shuffle(positions.slice(), mulberry32(3));
  const start = performance.now();
  let sum = 0;
  let count = 0;
  console.log('    words  training loss  held-out perplexity  seconds');
  for (let step = 1; step <= steps; step++) {
    const part = { tokens, positions: order.subarray((step - 1) * batch, step * batch) };
    // Down to a tenth in the end: with one pass, the last steps would else leave their noise in the weights.
    sum += model.train(part, RATE * (1 - (0.9 * (step - 1)) / steps));
    count++;
    if (Math.floor((step * LINES) / steps) > Math.floor(((step - 1) * LINES) / steps)) {
      const cells = [
        String(step * batch).padStart(9),
        (sum / count).toFixed(3).padStart(13),
        model.perplexity(sample).toFixed(1).padStart(19),
        ((performance.now() - start) / 1000).toFixed(1).padStart(7),
      ];
      console.log(cells.join('  '));
      [sum, count] = [0, 0];
    }
  }
}
