/** The options of crossEntropy and what its kernel makes of them, for the losses that are it on logits of another origin. */
import type { Settled } from './options.js';
import {
  classWeightParameter,
  ignoreIndexParameter,
  labelSmoothingParameter,
  maskParameter,
  type Parameter,
  shiftParameter,
  softcapParameter,
  temperatureParameter,
} from './parameters.js';
import type { RowFacts } from './rowLoss.js';

export const crossEntropyParameters: readonly Parameter[] = [
  classWeightParameter,
  ignoreIndexParameter,
  labelSmoothingParameter,
  {
    name: 'zLoss',
    type: 'number',
    default: 0,
    min: 0,
    slider: [0, 0.01],
    description: 'factor of lse², which keeps logits small',
  },
  softcapParameter,
  temperatureParameter,
  shiftParameter,
  maskParameter,
];

/** The kernel's numbers; `linearCrossEntropy` has the same. */
export const crossEntropyConstants = (
  o: Settled,
  { secondRatio, weightSum }: RowFacts,
): readonly number[] => [
  o.labelSmoothing as number,
  o.zLoss as number,
  (o.softcap as number | null) ?? 0,
  o.temperature as number,
  secondRatio,
  weightSum,
  0,
];

/** The body with a temperature is that with label smoothing. */
export const crossEntropyReadsAllWeights = (o: Settled): boolean =>
  (o.labelSmoothing as number) > 0 || o.temperature !== 1;
