/**
 * The run on show, and the one before the last change, which is trained to its end for comparison. Work comes in portions of few milliseconds.
 * Knows no page; the clock is given.
 */
import { type Setting, Trainer } from './trainer.js';

/** Changes that follow each other sooner are one: a slider that is dragged. */
const ONE_CHANGE = 700;
/**
 * A run is to be watched, and most of it happens at first: one step a frame, and one more for every so many that are done. At 60 frames a second
 * 600 steps take a second and a half.
 */
const STEPS_A_STEP_MORE = 30;

export class Session {
  current: Trainer;
  before: Trainer | null = null;
  #changed = -Infinity;

  constructor(setting: Setting) {
    this.current = new Trainer(setting);
  }

  /** Another setting, from the first step. What was on show until now is what is compared with, unless it too is of this change. */
  change(setting: Setting, now: number): void {
    const last = this.current;
    if (now - this.#changed >= ONE_CHANGE) this.before = last;
    this.#changed = now;
    // Beside other points a boundary says nothing.
    if (setting.data !== last.setting.data || setting.seed !== last.setting.seed) this.before = null;
    this.current = new Trainer(setting);
  }

  /** The same setting from the first step. */
  reset(): void {
    this.current = new Trainer(this.current.setting);
  }

  /** Nothing left to train. */
  get done(): boolean {
    return this.current.done && (this.before?.done ?? true);
  }

  /** Some steps of what is on show, and in the time that is left steps of what was before. */
  advance(milliseconds: number, clock: () => number): void {
    const end = clock() + milliseconds;
    const { current, before } = this;
    const steps = 1 + Math.floor(current.steps / STEPS_A_STEP_MORE);
    for (let i = 0; i < steps && !current.done && clock() < end; i++) current.step();
    while (before && !before.done && clock() < end) before.step();
  }
}
