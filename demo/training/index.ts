/**
 * The training view: a small classifier is trained on two classes, one of them rare, and what a loss and its options do to its boundary is seen.
 * Puts together the controls, the session and the picture; knows no formula.
 */
import './style.css';
import { h } from '../ui/dom.js';
import { onResize } from '../ui/resize.js';
import type { Mount } from '../view.js';
import { Curve } from './curve.js';
import { TEST_POINTS } from './data.js';
import { figures, percent } from './figures.js';
import { Picture } from './picture.js';
import { Session } from './session.js';
import { settings } from './settings.js';
import { paramsOf, settingOf } from './state.js';
import { type Setting, STEPS } from './trainer.js';

/** Of a frame of 16.7 ms; the rest is for drawing and for the browser. */
const TRAINING_MS = 7;

type State = 'running' | 'paused' | 'done';

const legend = (): HTMLElement =>
  h(
    'ul',
    { class: 'legend' },
    h('li', {}, h('i', { class: 'dot' }), 'common class'),
    h('li', {}, h('i', { class: 'diamond' }), 'rare class'),
    h('li', {}, h('i', { class: 'line' }), 'boundary'),
    h('li', {}, h('i', { class: 'line ghost' }), 'boundary before the last change'),
  );

export const mount: Mount = (root, { params, onTheme }) => {
  const still = matchMedia('(prefers-reduced-motion: reduce)').matches;
  const session = new Session(settingOf(params.read()));
  let state: State = still ? 'paused' : 'running';
  let frame = 0;

  const canvas = h('canvas', { class: 'picture', role: 'img' });
  const start = h('button', { type: 'button', class: 'button primary', 'data-name': 'start' });
  const step = h('button', { type: 'button', class: 'button', 'data-name': 'step' }, 'Step');
  const reset = h('button', { type: 'button', class: 'button', 'data-name': 'reset' }, 'Reset');
  const count = h('span', { class: 'numbers count' });
  const said = h('p', { class: 'visually-hidden', role: 'status' });
  const table = figures(`Of ${TEST_POINTS.toLocaleString('en')} other points of the same kind`);
  const chart = h('div', { class: 'chart', role: 'img' });
  const controls = settings(session.current.setting, (setting) => {
    params.write(paramsOf(setting));
    take(setting);
  });

  root.append(
    h('h2', {}, 'Training with a rare class'),
    h(
      'p',
      { class: 'note lead' },
      'A small model learns to tell two classes apart. Move an option and see where its boundary goes: the dashed line is where it was.',
    ),
    h(
      'div',
      { class: 'training-grid' },
      h(
        'div',
        { class: 'panel stage' },
        h('figure', {}, canvas, h('figcaption', {}, legend())),
        h('div', { class: 'transport', role: 'group', 'aria-label': 'Training' }, start, step, reset, count),
        said,
      ),
      h('div', { class: 'column settings' }, controls.loss, controls.data),
      h(
        'div',
        { class: 'column findings' },
        h('div', { class: 'panel results' }, table.element),
        h('div', { class: 'panel losses' }, h('h3', {}, 'Loss by step'), chart),
      ),
    ),
  );
  const picture = new Picture(canvas);
  const curve = new Curve(chart, STEPS);

  function show(): void {
    const { current, before } = session;
    picture.draw(current, before);
    const then = before?.done ? before.metrics() : null;
    table.show(current.metrics(), then);
    curve.show(current.losses);
    count.textContent = `step ${current.steps} of ${STEPS}`;
    start.textContent = state === 'running' ? 'Pause' : current.done ? 'Train again' : 'Start';
    step.disabled = current.done;
    root.dataset['state'] = state;
  }

  /** In words, for who does not see the picture; not at every frame. */
  function describe(): void {
    const { current, before } = session;
    const { train } = current.data;
    const rare = train.rare.reduce((a, b) => a + b, 0);
    const { recall, precision } = current.metrics();
    const result =
      current.steps === 0
        ? 'Not trained yet.'
        : `After ${current.steps} steps of ${current.choice.loss.lossName} the boundary finds ${percent(recall)} of the rare class with a precision of ${percent(precision)}` +
          (before?.done ? `; before the last change it found ${percent(before.metrics().recall)}.` : '.');
    canvas.setAttribute('aria-label', `${train.count - rare} common points and ${rare} rare ones. ${result}`);
    const last = current.losses.at(-1);
    chart.setAttribute(
      'aria-label',
      last === undefined
        ? 'No loss yet'
        : `The loss falls from ${current.losses[0].toFixed(3)} to ${last.toFixed(3)}`,
    );
    if (state === 'done') said.textContent = result;
  }

  function turn(to: State): void {
    state = to;
    cancelAnimationFrame(frame);
    if (state === 'running') frame = requestAnimationFrame(run);
    show();
    describe();
  }

  function run(): void {
    session.advance(TRAINING_MS, () => performance.now());
    if (session.done) return turn('done');
    show();
    frame = requestAnimationFrame(run);
  }

  /** Whoever has paused looks at the first step; else the change is trained at once. */
  function take(setting: Setting): void {
    session.change(setting, performance.now());
    turn(state === 'paused' ? 'paused' : 'running');
  }

  start.addEventListener('click', () => {
    if (state === 'running') return turn('paused');
    if (session.current.done) session.reset();
    turn('running');
  });
  step.addEventListener('click', () => {
    session.current.step();
    turn(session.done ? 'done' : 'paused');
  });
  reset.addEventListener('click', () => {
    session.reset();
    turn('paused');
  });

  // Frames stop by themselves in a tab that is hidden, but not in every browser at once.
  const onVisible = (): void => {
    cancelAnimationFrame(frame);
    if (!document.hidden && state === 'running') frame = requestAnimationFrame(run);
  };
  document.addEventListener('visibilitychange', onVisible);
  const unsize = onResize(root, () => {
    curve.refit();
    show();
  });
  onTheme(() => {
    picture.recolour();
    curve.refit();
    show();
  });
  params.onChange(() => {
    const setting = settingOf(params.read());
    controls.set(setting);
    take(setting);
  });
  turn(state);

  return {
    destroy() {
      cancelAnimationFrame(frame);
      document.removeEventListener('visibilitychange', onVisible);
      unsize();
      curve.destroy();
    },
  };
};
