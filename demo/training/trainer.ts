/**
 * One run: a data set, a loss with its options, and a model that is trained on the whole set, step by step, until it rests. Loss and gradient
 * by the scores are losskit's. Knows no page and no clock.
 */
import { Adam } from './adam.js';
import { type DataSet, makeData } from './data.js';
import { choiceOf, type LossChoice } from './losses.js';
import { type Metrics, metricsOf } from './metrics.js';
import { Model, PARAMETERS } from './model.js';

export interface Setting {
  readonly loss: string;
  readonly options: Readonly<Record<string, number>>;
  readonly data: string;
  /** Of the rare class, in (0, 0.5]. */
  readonly share: number;
  readonly seed: number;
}

/** On half the squared weights: without it there need not be one best model. */
export const PENALTY = 1e-3;
/** By then it rests, as the rate falls to 0: ten times as many steps at a third of the rate gave the same recall to a point. */
export const STEPS = 600;
const LEARNING_RATE = 0.3;

export class Trainer {
  readonly data: DataSet;
  readonly choice: LossChoice;
  readonly model: Model;
  /** The loss before each step, the penalty not counted. */
  readonly losses: number[] = [];
  readonly #adam: Adam;
  readonly #gradient = new Float64Array(PARAMETERS);
  readonly #targets: Float64Array;
  readonly #features: Float64Array;
  readonly #scores: Float64Array;
  readonly #byScore: Float64Array;
  readonly #testFeatures: Float64Array;
  readonly #testScores: Float64Array;

  constructor(readonly setting: Setting) {
    this.data = makeData(setting.data, setting.share, setting.seed);
    this.choice = choiceOf(setting.loss);
    this.model = new Model(setting.seed);
    this.#adam = new Adam(this.model.parameters);
    const { train, test } = this.data;
    this.#targets = Float64Array.from(train.rare, (one) => this.choice.targets[one]);
    this.#features = this.model.features(train.at);
    this.#scores = new Float64Array(train.count);
    this.#byScore = new Float64Array(train.count);
    this.#testFeatures = this.model.features(test.at);
    this.#testScores = new Float64Array(test.count);
  }

  get steps(): number {
    return this.losses.length;
  }

  get done(): boolean {
    return this.steps >= STEPS;
  }

  /** The loss of the model as it is, what the penalty adds, and the gradient of both by the parameters. */
  lossAndGradient(): { value: number; penalty: number; gradient: Float64Array } {
    this.model.forward(this.#features, this.#scores);
    const { value } = this.choice.loss.valueAndGrad(this.#scores, this.#targets, {
      ...this.setting.options,
      grad: this.#byScore,
    });
    const gradient = this.model.backward(this.#features, this.#byScore, this.#gradient);
    return { value, penalty: this.model.penalise(PENALTY, gradient), gradient };
  }

  step(): void {
    const { value, gradient } = this.lossAndGradient();
    this.losses.push(value);
    const left = 1 - this.steps / STEPS;
    this.#adam.step(gradient, LEARNING_RATE * left ** 2);
  }

  finish(): this {
    while (!this.done) this.step();
    return this;
  }

  /** On the points that it was not trained on. */
  metrics(): Metrics {
    return metricsOf(this.model.forward(this.#testFeatures, this.#testScores), this.data.test.rare);
  }
}
