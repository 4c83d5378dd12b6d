// Frames for pictures: one alone, and before and after with a line between them.
import { el, icon } from './dom.js';
import { t } from './i18n.js';

const KEY_STEP = 2;

/** A frame of the given shape; `view` moves what is in it. */
export function frame(ratio, ...children) {
  const node = el('div', { class: 'frame', tabIndex: 0, role: 'group', 'aria-label': t('result.view') }, children);
  node.style.setProperty('--ratio', ratio);
  return node;
}

/** One picture, to zoom and pan; without a ratio it takes the picture's own. */
export function pictureFrame(src, alt, ratio, view) {
  const image = el('img', { class: 'moves', src, alt, draggable: false });
  const node = frame(ratio ?? 1.5, image);
  if (!ratio)
    image.addEventListener('load', () => node.style.setProperty('--ratio', image.naturalWidth / image.naturalHeight));
  view.attach(node);
  return node;
}

/** The photo left of a line that can be moved by mouse, touch and keyboard, the painted picture right of it. */
export function compareFrame({ before, after, alt, ratio, view }) {
  let share = 50;
  const clip = el('div', { class: 'before' }, el('img', { class: 'moves', src: before, alt: '', draggable: false }));
  const handle = el(
    'div',
    {
      class: 'divider',
      role: 'slider',
      tabIndex: 0,
      'aria-label': t('result.compare'),
      'aria-valuemin': 0,
      'aria-valuemax': 100,
    },
    el('span', { class: 'knob' }, icon('sides')),
  );
  const node = frame(
    ratio,
    el('img', { class: 'moves', src: after, alt, draggable: false }),
    clip,
    el('span', { class: 'side left', 'aria-hidden': 'true' }, t('result.photo')),
    el('span', { class: 'side right', 'aria-hidden': 'true' }, t('result.painted')),
    handle,
  );

  const put = (value) => {
    share = Math.min(100, Math.max(0, value));
    node.style.setProperty('--share', `${share}%`);
    node.classList.toggle('far-left', share < 15);
    node.classList.toggle('far-right', share > 85);
    handle.setAttribute('aria-valuenow', Math.round(share));
    handle.setAttribute('aria-valuetext', t('result.compareValue', { n: Math.round(share) }));
  };
  put(share);
  view.attach(node, (x) => put(x * 100));
  dragHandle(node, handle, put);
  handle.addEventListener('keydown', (event) => {
    const moves = {
      ArrowLeft: -KEY_STEP,
      ArrowDown: -KEY_STEP,
      ArrowRight: KEY_STEP,
      ArrowUp: KEY_STEP,
      PageUp: 10,
      PageDown: -10,
      Home: -100,
      End: 100,
    };
    if (!(event.key in moves)) return;
    event.preventDefault();
    put(share + moves[event.key]);
  });
  return node;
}

function dragHandle(node, handle, put) {
  const follow = (event) => {
    const box = node.getBoundingClientRect();
    put(((event.clientX - box.left) / box.width) * 100);
  };
  handle.addEventListener('pointerdown', (event) => {
    event.stopPropagation();
    handle.setPointerCapture(event.pointerId);
    handle.focus();
  });
  handle.addEventListener('pointermove', (event) => {
    if (handle.hasPointerCapture(event.pointerId)) follow(event);
  });
}
