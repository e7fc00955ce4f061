/** Sequences of their own lengths: counts of each sample, and lists of labels, padded or one after the other, checked. Knows no loss. */
import { integerScratch } from './scratch.js';
import type { Input } from './tensor.js';

/** All labels one after the other, those of sample n from starts[n] to starts[n + 1]. */
export interface Sequences {
  readonly labels: Int32Array;
  readonly starts: Int32Array;
}

/** One whole number in [0, most] a sample. `bound`: what `most` is, for messages. The list is used again by the next call. */
export function checkLengths(
  fn: string,
  name: string,
  { data, length }: Input,
  samples: number,
  most: number,
  bound: string,
): Int32Array {
  if (length !== samples)
    throw new RangeError(`${fn}: ${name} has ${length} elements, expected ${samples}, one a sample`);
  const lengths = integerScratch(name, samples);
  for (let n = 0; n < samples; n++) {
    const value = Number(data[n]);
    if (!(value >= 0 && value <= most) || !Number.isInteger(value))
      throw new RangeError(
        `${fn}: ${name}[${n}] is ${data[n]}, expected an integer in [0, ${most}] (${bound})`,
      );
    lengths[n] = value;
  }
  return lengths;
}

/**
 * The first counts[n] labels of each sample: of targets [samples, S] or, where they are flat and as many as all counts together, one sample's
 * behind the other's. Each an integer in [0, classes) other than `except`. The lists are used again by the next call.
 */
export function checkSequences(
  fn: string,
  targets: Input,
  counts: Input,
  samples: number,
  classes: number,
  except: number,
): Sequences {
  const { width, lengths } = arrangement(fn, targets, counts, samples);
  const starts = integerScratch('starts', samples + 1);
  starts[0] = 0;
  for (let n = 0; n < samples; n++) starts[n + 1] = starts[n] + lengths[n];
  const labels = integerScratch('labels', starts[samples]);
  for (let n = 0; n < samples; n++) {
    for (let at = starts[n], from = width === null ? at : n * width; at < starts[n + 1]; at++, from++) {
      const label = Number(targets.data[from]);
      if (!(label >= 0 && label < classes) || label === except || !Number.isInteger(label)) {
        throw new RangeError(
          `${fn}: targets[${from}] is ${targets.data[from]}, expected an integer in [0, ${classes}) other than blank (${except})`,
        );
      }
      labels[at] = label;
    }
  }
  return { labels, starts };
}

/** The width of a row where targets are a row a sample, null where they are one list; and how many labels each sample has. */
function arrangement(
  fn: string,
  { length, shape }: Input,
  counts: Input,
  samples: number,
): { width: number | null; lengths: Int32Array } {
  const check = (most: number, bound: string) =>
    checkLengths(fn, 'targetLengths', counts, samples, most, bound);
  if (shape && shape.length !== 1) {
    if (shape.length !== 2 || shape[0] !== samples)
      throw new RangeError(
        `${fn}: targets has shape [${shape.join(', ')}], expected [${samples}, S], a row a sample, or a flat list`,
      );
    return { width: shape[1], lengths: check(shape[1], 'the labels of a row of targets') };
  }
  const lengths = check(length, 'the labels in targets');
  let sum = 0;
  for (let n = 0; n < samples; n++) sum += lengths[n];
  if (sum === length) return { width: null, lengths };
  if (samples === 0 || length % samples !== 0)
    throw new RangeError(
      `${fn}: targets has ${length} elements, expected ${sum}, the sum of targetLengths, or as many for each of ${samples} samples`,
    );
  check(length / samples, 'the labels of a row of targets');
  return { width: length / samples, lengths };
}
