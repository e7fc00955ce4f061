/**
 * The training view of the demo without a page: the model's gradient, what each option of a loss does to the rare class, the data, the boundary,
 * the session and the address. test/demoViews.test.ts has the page.
 */
import { describe, expect, test } from 'vitest';
import { boundary, gridPoints, NODES } from '../demo/training/contour.js';
import { LIMIT, makeData, shapes } from '../demo/training/data.js';
import { initialOptions, lossChoices } from '../demo/training/losses.js';
import { metricsOf } from '../demo/training/metrics.js';
import { PARAMETERS } from '../demo/training/model.js';
import { Session } from '../demo/training/session.js';
import { firstSetting, paramsOf, settingOf } from '../demo/training/state.js';
import { type Setting, STEPS, Trainer } from '../demo/training/trainer.js';

const setting = (loss: string, options: Record<string, number>, data = 'blobs'): Setting => ({
  ...firstSetting,
  loss,
  options,
  data,
});
const BCE = 'binaryCrossEntropyWithLogits';
const FOCAL = 'sigmoidFocalLoss';

describe('the model', () => {
  test.each(lossChoices.map((choice) => [choice.loss.lossName, choice] as const))(
    'its gradient under %s is the one of finite differences',
    (loss, choice) => {
      const options = { ...initialOptions(choice) };
      if ('posWeight' in options) options['posWeight'] = 7;
      const trainer = new Trainer(setting(loss, options));
      for (let i = 0; i < 5; i++) trainer.step();
      const { parameters } = trainer.model;
      const analytic = trainer.lossAndGradient().gradient.slice();
      const total = (): number => {
        const { value, penalty } = trainer.lossAndGradient();
        return value + penalty;
      };
      const step = 1e-6;
      for (let i = 0; i < PARAMETERS; i++) {
        const kept = parameters[i];
        parameters[i] = kept + step;
        const above = total();
        parameters[i] = kept - step;
        const below = total();
        parameters[i] = kept;
        expect((above - below) / (2 * step), `parameter ${i}`).toBeCloseTo(analytic[i], 6);
      }
    },
  );

  test('the same setting trains to the same bits, and rests', () => {
    const [one, other] = [0, 1].map(() => new Trainer(firstSetting).finish());
    expect(one.model.parameters).toEqual(other.model.parameters);
    expect(one.steps).toBe(STEPS);
    expect(Math.hypot(...one.lossAndGradient().gradient)).toBeLessThan(1e-3);
  });
});

describe('what the options do', () => {
  const recall = (loss: string, options: Record<string, number>, data: string): number =>
    new Trainer(setting(loss, options, data)).finish().metrics().recall!;
  const rising = (found: readonly number[]): void => {
    for (let i = 1; i < found.length; i++) expect(found[i], found.join(' ')).toBeGreaterThan(found[i - 1]);
  };

  describe.each(shapes.map(({ id }) => id))('%s with 5 % of the rare class', (data) => {
    test('untouched, less than half of it is found; posWeight finds more', () => {
      const found = [1, 3, 10, 30].map((posWeight) => recall(BCE, { posWeight, labelSmoothing: 0 }, data));
      expect(found[0]).toBeLessThan(0.5);
      rising(found);
      expect(found[3]).toBeGreaterThan(0.75);
    });

    test('the usual alpha finds nothing; a larger one finds more', () => {
      const found = [0.25, 0.75, 0.9, 0.97].map((alpha) => recall(FOCAL, { alpha, gamma: 2 }, data));
      expect(found[0]).toBe(0);
      rising(found);
    });

    test('gamma holds scores nearer to 0', () => {
      const sizes = [0, 2, 5].map((gamma) => {
        const { model, data: points } = new Trainer(setting(FOCAL, { alpha: 0.5, gamma }, data)).finish();
        const scores = model.forward(model.features(points.test.at), new Float64Array(points.test.count));
        return -scores.reduce((sum, score) => sum + Math.abs(score), 0);
      });
      rising(sizes);
    });

    test('a wider margin gives the rare class up, posWeight gives it back', () => {
      const hinge = (margin: number, posWeight: number) => recall('hingeLoss', { margin, posWeight }, data);
      rising([hinge(4, 1), hinge(0.1, 1), hinge(1, 10)]);
    });

    test('squared, the margin leaves the boundary where it is', () => {
      const [narrow, wide] = [0.5, 1].map((margin) =>
        recall('squaredHingeLoss', { margin, posWeight: 1 }, data),
      );
      expect(Math.abs(wide - narrow)).toBeLessThanOrEqual(0.02);
    });

    test('softMarginLoss is binaryCrossEntropyWithLogits', () => {
      const [soft, bce] = [recall('softMarginLoss', {}, data), recall(BCE, { posWeight: 1 }, data)];
      expect(soft).toBe(bce);
    });
  });
});

describe('without a page', () => {
  test('another share of the rare class moves no point', () => {
    const [few, many] = [0.05, 0.3].map((share) => makeData('moons', share, 3).train);
    const common = (points: typeof few) => points.rare.indexOf(1);
    expect(few.at.slice(0, 2 * common(many))).toEqual(many.at.slice(0, 2 * common(many)));
    const rareFew = few.at.slice(2 * common(few));
    expect(many.at.slice(2 * common(many)).slice(0, rareFew.length)).toEqual(rareFew);
    expect(few.rare.reduce((a, b) => a + b, 0)).toBe(30);
  });

  test('metrics', () => {
    const all = metricsOf([1, -1, 2, -3, 4], [1, 1, 0, 0, 1]);
    expect(all).toEqual({ recall: 2 / 3, precision: 2 / 3, f1: 2 / 3, accuracy: 3 / 5 });
    expect(metricsOf([-1, -1], [0, 0])).toEqual({ recall: null, precision: null, f1: null, accuracy: 1 });
  });

  test('the boundary of a circle is one closed line on it', () => {
    const at = gridPoints();
    const scores = Float64Array.from(
      { length: NODES * NODES },
      (_, i) => 4 - at[2 * i] ** 2 - at[2 * i + 1] ** 2,
    );
    const lines = boundary(scores);
    expect(lines).toHaveLength(1);
    expect(lines[0][0]).toEqual(lines[0].at(-1));
    for (const [x, y] of lines[0])
      expect(Math.hypot(LIMIT * (2 * x - 1), LIMIT * (2 * y - 1))).toBeCloseTo(2, 2);
    expect(boundary(new Float64Array(NODES * NODES))).toEqual([]);
  });

  test('a setting survives the address; what cannot be used is the first value', () => {
    const changed = { ...setting(FOCAL, { alpha: 0.9, gamma: 3 }, 'ring'), share: 0.12, seed: 7 };
    expect(settingOf(paramsOf(changed))).toEqual(changed);
    expect(paramsOf(firstSetting).toString()).toBe('');
    const bad = new URLSearchParams('loss=nothing&posWeight=1e9&labelSmoothing=&data=x&share=-3&seed=1.4');
    expect(settingOf(bad)).toEqual({
      ...firstSetting,
      options: { posWeight: 30, labelSmoothing: 0 },
      share: 0.02,
    });
  });

  test('a session keeps what was before the change, and a drag is one change', () => {
    const clock = () => 0; // work takes no time
    const session = new Session(firstSetting);
    const first = session.current;
    session.change(setting(BCE, { posWeight: 2, labelSmoothing: 0 }), 1000);
    session.change(setting(BCE, { posWeight: 3, labelSmoothing: 0 }), 1100);
    expect(session.before).toBe(first);
    expect(first.done).toBe(false);
    session.advance(7, clock);
    expect(first.done).toBe(true);
    expect(session.current.steps).toBe(1);
    const second = session.current;
    session.change(setting(BCE, { posWeight: 4, labelSmoothing: 0 }), 5000);
    expect(session.before).toBe(second);
    session.change(setting(BCE, { posWeight: 4, labelSmoothing: 0 }, 'ring'), 9000);
    expect(session.before).toBeNull();
  });

  test('a session stops when its time is over', () => {
    let now = 0;
    const session = new Session(firstSetting);
    for (let i = 0; i < 60; i++) session.current.step();
    session.advance(7, () => (now += 4));
    expect(session.current.steps).toBe(61);
  });
});
