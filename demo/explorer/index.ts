/** The loss explorer: a loss, its options, its inputs, and the plots of its value and gradient. */
import './styles/list.css';
import './styles/stage.css';
import './styles/plots.css';
import './styles/row.css';
import './styles/plane.css';
import './styles/side.css';
// The last: on a phone it takes boxes away that the others make.
import './styles/layout.css';
import { type Control, copyButton } from '../ui/controls.js';
import { h } from '../ui/dom.js';
import type { Mount } from '../view.js';
import type { Setting } from './entry.js';
import { formula } from './formula.js';
import { withOption } from './options.js';
import { fillInputs, fillParameters } from './panels.js';
import type { Change } from './parameterControls.js';
import { createPicker, lossLink } from './picker.js';
import { createPlanePicture } from './planePicture.js';
import { createPlots } from './plots.js';
import { createReading } from './reading.js';
import { createRowTable } from './rowTable.js';
import {
  axisOf,
  codeOf,
  evaluate,
  moveTo,
  positionOf,
  readSetting,
  settled,
  writeSetting,
} from './settings.js';

const POINTS = 401;
/** Changes of one control that are not farther apart are one change, to the ghost. */
const PAUSE = 1000;

export const mount: Mount = (root, { params, onTheme }) => {
  let setting: Setting = readSetting(params.read());
  const curve = {
    xs: new Float64Array(POINTS),
    loss: new Float64Array(POINTS),
    slope: new Float64Array(POINTS),
  };
  const one = { x: new Float64Array(1), loss: new Float64Array(1), slope: new Float64Array(1) };
  /** The slider of a point's x, which moves with the marker. */
  let xControl: Control<number> | undefined;
  /** What shows the numbers of a kind: a table, a plane, or nothing. */
  let picture: { update(): void } = { update() {} };

  const go = (to: URLSearchParams): void => {
    // What was is then seen beside what is.
    if (to.get('loss') === setting.name) plots.keep();
    params.write(to, 'push');
    open();
  };
  const pick = (name: string): void => go(new URLSearchParams({ loss: name }));
  const picker = createPicker(pick);
  const plots = createPlots({
    onMove(x) {
      moveTo(setting, x);
      moved();
    },
  });
  const reading = createReading();
  const title = h('h2');
  const about = h('p', { class: 'about' });
  const source = h('p', { class: 'source note' });
  const math = h('div', { class: 'formula' });
  const note = h('p', { class: 'note' });
  const tries = h('p', { class: 'tries' });
  const stagePicture = h('div', { class: 'picture' });
  const inputs = h('section', { class: 'panel inputs' });
  const parameters = h('section', { class: 'panel parameters' });
  const code = h('code', { class: 'call' });
  const problem = h('p', { class: 'failure', role: 'alert', hidden: true });
  const resetAll = h('button', { type: 'button', class: 'button' }, 'Reset all');
  resetAll.addEventListener('click', () => {
    pick(setting.name);
  });

  root.append(
    picker.list,
    picker.select,
    h(
      'div',
      { class: 'stage' },
      h('div', { class: 'stage-head' }, h('div', {}, title, about, source), math),
      problem,
      h('div', { class: 'output' }, reading.element, plots.element),
      stagePicture,
      note,
      tries,
    ),
    h(
      'div',
      { class: 'side' },
      inputs,
      parameters,
      h(
        'section',
        { class: 'panel code' },
        h('h3', {}, 'As a call'),
        h('pre', { tabindex: '0', 'aria-label': 'Code' }, code),
        h(
          'div',
          { class: 'actions' },
          copyButton('Copy code', () => code.textContent),
          copyButton('Copy link', () => link()),
          resetAll,
        ),
      ),
    ),
  );

  const link = (): string => {
    const address = new URL(location.href);
    address.search = `?view=explore&${writeSetting(setting).toString().replaceAll('%2C', ',')}`;
    return address.href;
  };

  // Whether a pointer is down: a drag is one change, however slow.
  let held = false;
  let last = { id: '', time: 0 };
  const hold = (): void => void (held = true);
  const release = (): void => {
    held = false;
  };
  addEventListener('pointerdown', hold, true);
  addEventListener('pointerup', release, true);
  addEventListener('pointercancel', release, true);
  const change: Change = {
    begin(id, fresh = false) {
      const time = performance.now();
      if (fresh) {
        last = { id: '', time };
        return;
      }
      if (id !== last.id || (!held && time - last.time > PAUSE)) plots.keep();
      last = { id, time };
    },
  };

  let written = '';
  function showFormula(): void {
    const { entry, options } = setting;
    const now = entry.formulaBy?.(options) ?? entry.formula;
    if (now !== written) math.replaceChildren(formula(now));
    written = now;
  }

  /** The curve is another: one call for it, one for the marker. */
  function drawn(): void {
    const axis = axisOf(setting);
    showFormula();
    const [low, high] = axis.range;
    for (let i = 0; i < POINTS; i++) curve.xs[i] = low + ((high - low) * i) / (POINTS - 1);
    try {
      evaluate(setting, curve.xs, curve.loss, curve.slope);
      plots.setCurve(curve, axis);
      problem.hidden = true;
    } catch (error) {
      problem.textContent = (error as Error).message;
      problem.hidden = false;
      return;
    }
    moved();
  }

  /** `told`: by the slider, which shows it already. */
  function moved(told = false): void {
    one.x[0] = positionOf(setting);
    evaluate(setting, one.x, one.loss, one.slope);
    plots.setMarker(one.x[0], one.loss[0]!, one.slope[0]!);
    reading.update(setting, one.x[0], one.loss[0]!, one.slope[0]!);
    if (!told) xControl?.set(setting.state.x);
    picture.update();
    code.textContent = codeOf(setting);
    params.write(writeSetting(setting));
  }

  function buildPicture(): void {
    const { entry } = setting;
    const events = {
      ...change,
      curve: drawn,
      marker: () => moved(),
      rebuild: () => (buildPicture(), buildParameters(), drawn()),
    };
    stagePicture.replaceChildren();
    picture = { update() {} };
    if (entry.kind === 'row') {
      const table = createRowTable({ ...setting, entry }, events);
      picture = { update: () => table.update({ ...setting, entry }) };
      stagePicture.append(table.element);
    } else if (entry.kind === 'plane') {
      const plane = createPlanePicture({ ...setting, entry }, events);
      picture = { update: () => plane.update({ ...setting, entry }) };
      stagePicture.append(plane.element);
    }
  }

  function buildInputs(): void {
    xControl = fillInputs(inputs, setting, { ...change, curve: drawn, marker: () => moved(true) });
  }

  function buildParameters(): void {
    fillParameters(parameters, setting, change, (parameter, value) => {
      setting = { ...setting, options: withOption(setting.options, parameter, value) };
      settle();
      drawn();
    });
  }

  /** An option may change what inputs mean. */
  function settle(): void {
    const { entry, state, options } = setting;
    if (entry.kind !== 'point') return;
    const all = [entry.x, ...entry.rest];
    if (!all.some(({ rangeBy }) => rangeBy)) return;
    state.x = settled(entry.x, options, state.x);
    for (const argument of entry.rest)
      if (!argument.choices)
        state.rest[argument.name] = settled(argument, options, state.rest[argument.name]!);
    buildInputs();
  }

  function open(): void {
    setting = readSetting(params.read());
    const { name, entry } = setting;
    last = { id: '', time: 0 };
    root.dataset['kind'] = entry.kind;
    picker.show(name);
    title.textContent = name;
    about.textContent = entry.about;
    const [text, address] = entry.source;
    source.replaceChildren('As ', h('a', { href: address }, text));
    note.hidden = !entry.note;
    note.replaceChildren(entry.note ?? '');
    if (entry.like) note.append(' ', lossLink(entry.like, pick), '.');
    tries.hidden = !entry.tries;
    tries.replaceChildren('See: ', ...(entry.tries ?? []).map(tryLink));
    buildPicture();
    buildInputs();
    buildParameters();
    drawn();
  }

  function tryLink([text, query]: readonly [text: string, query: string]): HTMLElement {
    const to = new URLSearchParams(`loss=${setting.name}&${query}`);
    const made = h('a', { href: `?view=explore&${to}` }, text);
    made.addEventListener('click', (event) => {
      if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
      event.preventDefault();
      go(to);
    });
    return made;
  }

  params.onChange(open);
  onTheme(() => plots.recolour());
  open();

  return {
    destroy() {
      removeEventListener('pointerdown', hold, true);
      removeEventListener('pointerup', release, true);
      removeEventListener('pointercancel', release, true);
      plots.destroy();
    },
  };
};
