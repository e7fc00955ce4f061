/** The explorer's curves without a browser: each gradient is the derivative of its loss, and each code line gives what the page shows. */
import { describe, expect, test } from 'vitest';
import { entryOf, losses, missing } from '../demo/explorer/catalogue.js';
import {
  axisOf,
  codeOf,
  evaluate,
  positionOf,
  readSetting,
  writeSetting,
} from '../demo/explorer/settings.js';
import type { Setting } from '../demo/explorer/entry.js';
import * as losskit from '../dist/index.js';

/** The value of a code line, run as its reader would. */
function valueOf(code: string): number {
  const names = Object.keys(losskit);
  const run = new Function(...names, `return ${code.replace(/;$/, '')}`) as (...values: unknown[]) => {
    value: number;
  };
  return run(...Object.values(losskit)).value;
}

const settings = (name: string): Setting[] =>
  [`loss=${name}`, ...(entryOf(name)!.tries ?? []).map(([, query]) => `loss=${name}&${query}`)].map((query) =>
    readSetting(new URLSearchParams(query)),
  );

test('the explorer has every loss', () => {
  expect(missing()).toEqual([]);
  expect(losses.size).toBeGreaterThan(35);
});

describe.each([...losses.keys()])('%s', (name) => {
  test.each(settings(name).map((setting) => [writeSetting(setting).toString(), setting] as const))(
    '%s',
    (_, setting) => {
      const [low, high] = axisOf(setting).range;
      const points = 4001;
      const xs = Float64Array.from({ length: points }, (_, i) => low + ((high - low) * i) / (points - 1));
      const loss = new Float64Array(points);
      const slope = new Float64Array(points);
      evaluate(setting, xs, loss, slope);
      const step = xs[1]! - xs[0]!;
      const bound = 0.02 * Math.max(...slope.map(Math.abs), 1e-3);
      let off = 0;
      for (let i = 1; i + 1 < points; i++) {
        const difference = (loss[i + 1]! - loss[i - 1]!) / (2 * step);
        if (!(Math.abs(difference - slope[i]!) <= bound)) off++;
      }
      // Kinks and poles may be off, and the points beside them.
      expect(off).toBeLessThan(12);

      const one = new Float64Array(1);
      evaluate(setting, Float64Array.of(positionOf(setting)), one, new Float64Array(1));
      // Coordinates are written with four digits after the point.
      expect(valueOf(codeOf(setting))).toBeCloseTo(one[0]!, 3);

      expect(writeSetting(readSetting(writeSetting(setting))).toString()).toBe(
        writeSetting(setting).toString(),
      );
    },
  );
});
