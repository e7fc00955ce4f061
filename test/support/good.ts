/** A small good call of each loss, 3 x 5, for tests to spoil in one place. */
import { entry } from '../cases.js';
import type { BadCall } from './bad.js';

export const logits = () => Float32Array.from({ length: 15 }, (_, i) => Math.sin(i));
export const reals = () => Float32Array.from({ length: 15 }, (_, i) => Math.cos(i));
export const probabilities = () => new Float32Array(15).fill(0.25);
export const labels = () => Float32Array.from({ length: 15 }, (_, i) => (i % 2 ? 1 : -1));
export const indices = () => Int32Array.of(0, 1, 4);

/** A good call of each loss, to spoil in one place. */
export function goodInputs(name: string): {
  input: Float32Array;
  target: unknown;
  options: Record<string, unknown>;
} {
  const { input, target, family } = entry(name);
  const byTarget = {
    index: indices,
    distribution: probabilities,
    unit: probabilities,
    sign: labels,
    real: reals,
  };
  return {
    input: input === 'probability' ? probabilities() : logits(),
    target: byTarget[target](),
    options: family === 'rows' ? { classes: 5 } : {},
  };
}

type Spoil = Partial<Pick<BadCall, 'input' | 'target' | 'onlyWithGrad'>> & {
  options?: Record<string, unknown>;
};

export function bad(
  name: string,
  what: string,
  error: BadCall['error'],
  says: BadCall['says'],
  spoil: Spoil,
): BadCall {
  const good = goodInputs(name);
  return { name, what, error, says, ...good, ...spoil, options: { ...good.options, ...spoil.options } };
}
