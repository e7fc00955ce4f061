/** Embeddings as points of a plane, to be dragged or moved by arrow keys, each with the step that its gradient asks for. Knows no loss by name. */
import { format } from '../ui/controls.js';
import { h, svg } from '../ui/dom.js';
import type { PlaneEntry, Setting } from './entry.js';
import { place, planeAt } from './kinds/plane.js';
import type { Change } from './parameterControls.js';

type PlaneSetting = Setting & { entry: PlaneEntry };

export interface PlanePicture {
  readonly element: HTMLElement;
  update(setting: PlaneSetting): void;
}

interface Events extends Change {
  curve(): void;
}

const REACH = 2;
/** Length of the arrow of a gradient of length 1; longer ones are cut. */
const ARROW = 0.6;

export function createPlanePicture(setting: PlaneSetting, events: Events): PlanePicture {
  const { entry, state } = setting;
  const picture = svg('svg', {
    viewBox: `${-REACH} ${-REACH} ${2 * REACH} ${2 * REACH}`,
    role: 'group',
    'aria-label': 'The embeddings',
    class: 'plane',
  });
  for (let at = -REACH; at <= REACH; at++) {
    const kind = at === 0 ? 'grid zero' : 'grid';
    picture.append(
      svg('line', { x1: at, x2: at, y1: -REACH, y2: REACH, class: kind }),
      svg('line', { y1: at, y2: at, x1: -REACH, x2: REACH, class: kind }),
    );
  }
  const points = entry.points.map((name, i) => {
    const link = svg('line', { class: 'link' });
    const arrow = svg('path', { class: 'arrow' });
    const text = svg('text', { class: 'point-name' });
    text.textContent = name;
    const hit = svg('circle', { r: 0.28, class: 'hit' });
    const dot = svg('circle', { r: 0.075, class: 'dot' });
    const handle = svg(
      'g',
      { class: `point point-${Math.min(i, 2)}`, role: 'slider', tabindex: '0', 'aria-label': name },
      hit,
      dot,
    );
    handle.addEventListener('pointerdown', (event) => grab(event, i, handle));
    handle.addEventListener('keydown', (event) => key(event, i));
    handle.addEventListener('focus', () => select(i));
    picture.append(link, arrow, text);
    return { link, arrow, text, handle };
  });
  picture.append(...points.map(({ handle }) => handle));

  function select(i: number): void {
    if (state.selected === i) return;
    state.selected = i;
    events.curve();
  }

  function to(i: number, x: number, y: number): void {
    const inside = (value: number): number => Number(Math.max(-REACH, Math.min(REACH, value)).toFixed(3));
    events.begin(`point.${i}`);
    place(state, i, [inside(x), inside(y)]);
    events.curve();
  }

  function grab(event: PointerEvent, i: number, handle: SVGElement): void {
    if (event.button !== 0) return;
    event.preventDefault();
    handle.focus();
    select(i);
    events.begin(`point.${i}`, true);
    handle.setPointerCapture(event.pointerId);
    const move = ({ clientX, clientY }: PointerEvent): void => {
      const box = picture.getBoundingClientRect();
      to(
        i,
        ((clientX - box.left) / box.width) * 2 * REACH - REACH,
        REACH - ((clientY - box.top) / box.height) * 2 * REACH,
      );
    };
    const up = (): void => {
      handle.removeEventListener('pointermove', move as EventListener);
      handle.removeEventListener('pointerup', up);
      handle.removeEventListener('pointercancel', up);
    };
    handle.addEventListener('pointermove', move as EventListener);
    handle.addEventListener('pointerup', up);
    handle.addEventListener('pointercancel', up);
  }

  function key(event: KeyboardEvent, i: number): void {
    const steps: Record<string, readonly [number, number]> = {
      ArrowLeft: [-0.05, 0],
      ArrowRight: [0.05, 0],
      ArrowUp: [0, 0.05],
      ArrowDown: [0, -0.05],
    };
    const step = steps[event.key];
    if (!step) return;
    event.preventDefault();
    to(i, state.values[2 * i]! + step[0], state.values[2 * i + 1]! + step[1]);
  }

  const element = h(
    'figure',
    { class: 'plane-panel panel' },
    picture,
    h(
      'figcaption',
      { class: 'note' },
      'Drag the points, or move them with the arrow keys. Arrows show where a step of gradient descent takes each point; the curve moves the ',
      h('b', {}, 'ringed'),
      ' one.',
    ),
  );

  return {
    element,
    update(next) {
      const { gradient } = planeAt(next);
      points.forEach(({ link, arrow, text, handle }, i) => {
        const [x, y] = [state.values[2 * i]!, -state.values[2 * i + 1]!];
        const [ox, oy] = entry.over === 'angle' ? [0, 0] : [state.values[0]!, -state.values[1]!];
        set(link, { x1: ox, y1: oy, x2: x, y2: y });
        set(handle, {
          transform: `translate(${x} ${y})`,
          'aria-valuenow': Number(state.values[2 * i]!.toFixed(3)),
          'aria-valuemin': -REACH,
          'aria-valuemax': REACH,
          'aria-valuetext': `at ${format(state.values[2 * i]!, 3)}, ${format(-y, 3)}`,
        });
        handle.classList.toggle('selected', i === next.state.selected);
        const left = x > 0.75;
        set(text, {
          x: x + (left ? -0.16 : 0.16),
          y: y + (y < -1.7 ? 0.24 : -0.12),
          'text-anchor': left ? 'end' : 'start',
        });
        const [gx, gy] = gradient[i]!;
        arrow.setAttribute('d', arrowPath(x, y, -gx, gy));
      });
    },
  };
}

function set(element: Element, attributes: Readonly<Record<string, string | number>>): void {
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
}

/** From a point in the direction of (dx, dy), no longer than 1. */
function arrowPath(x: number, y: number, dx: number, dy: number): string {
  const length = Math.hypot(dx, dy);
  if (!(length > 1e-4)) return '';
  const reach = Math.min(1, ARROW * length);
  const [ux, uy] = [dx / length, dy / length];
  const [tx, ty] = [x + ux * reach, y + uy * reach];
  const head = Math.min(0.1, reach / 2);
  const wing = (side: number): string =>
    `M${tx} ${ty}L${tx - head * ux - side * head * 0.6 * uy} ${ty - head * uy + side * head * 0.6 * ux}`;
  return `M${x} ${y}L${tx} ${ty}${wing(1)}${wing(-1)}`;
}
