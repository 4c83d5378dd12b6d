// The photo with a canvas over it, on which regions are marked: by brush, by eraser, or by pointing at something.
import { api, urls } from './api.js';
import { button, el } from './dom.js';
import { t } from './i18n.js';
import { announce, tryTo } from './notice.js';
import { COLOURS, labelsNow, marked } from './regions.js';
import { desk } from './store.js';

const TINT = 130;
const WHITE = 128;
const STEP = 0.02;
const TOOLS = [
  ['object', 'wand'],
  ['patch', 'patch'],
  ['brush', 'brush'],
  ['eraser', 'eraser'],
];

const label = () => (desk.regions.tool === 'eraser' ? 0 : desk.regions.active);
const radius = () => (desk.regions.brush / 100) * Math.max(labelsNow().width, labelsNow().height);
const drawsLines = () => desk.regions.tool === 'brush' || desk.regions.tool === 'eraser';

function repaint(canvas) {
  const labels = labelsNow();
  const image = new ImageData(labels.tint(COLOURS, TINT), labels.width, labels.height);
  canvas.getContext('2d').putImageData(image, 0, 0);
}

/** Pixels of the server's mask, scaled to the labels, as a function of the index. */
async function readMask(blob) {
  const { width, height } = labelsNow();
  const canvas = el('canvas', { width, height });
  const context = canvas.getContext('2d');
  context.drawImage(await createImageBitmap(blob), 0, 0, width, height);
  const { data } = context.getImageData(0, 0, width, height);
  return (i) => data[i * 4] >= WHITE;
}

/**
 * The clicks that one object is found by, with (x, y) as one more: {base, active, wanted, unwanted}, where base is what
 * was marked before the first. Null where a click stands alone: it asks for a patch, or takes away what it alone shows.
 */
function clicksWith(x, y, away) {
  const { active, tool } = desk.regions;
  const labels = labelsNow();
  const before = labels.clicks?.active === active ? labels.clicks : null;
  if (tool === 'patch' || (away && !before)) return null;
  const { base, wanted, unwanted } = before ?? { base: labels.data.slice(), wanted: [], unwanted: [] };
  return away
    ? { base, active, wanted, unwanted: [...unwanted, [x, y]] }
    : { base, active, wanted: [...wanted, [x, y]], unwanted };
}

function question(clicks, x, y) {
  if (!clicks) return { x, y, shape: desk.regions.tool === 'patch' ? 'superpixel' : 'object' };
  const [[firstX, firstY], ...also] = clicks.wanted;
  return { x: firstX, y: firstY, shape: 'object', also, not: clicks.unwanted };
}

/** Marks what the server finds at (x, y), each 0 to 1; or takes it away from what is marked. */
async function pick(frame, canvas, x, y, away) {
  if (!desk.regions) return;
  const { active } = desk.regions;
  const labels = labelsNow();
  const clicks = clicksWith(x, y, away);
  frame.setAttribute('aria-busy', 'true');
  announce(t('regions.looking'));
  const blob = await tryTo(() => api.region(desk.photo, question(clicks, x, y)));
  const inside = blob && (await readMask(blob));
  frame.removeAttribute('aria-busy');
  if (!inside || !desk.regions || labels !== labelsNow()) return;
  labels.mark();
  if (clicks) labels.data = clicks.base.slice();
  if (clicks || !away) labels.fill(inside, active);
  else labels.fill((i) => inside(i) && labels.data[i] === active, 0);
  labels.clicks = clicks;
  finish(canvas);
}

let picking = Promise.resolve();

/** Clicks are answered in their order: each builds on those before. */
function pickNext(frame, canvas, x, y, event) {
  const away = desk.regions.active > 0 && desk.regions.away !== event.altKey;
  const next = () => pick(frame, canvas, x, y, away);
  picking = picking.then(next, next);
}

function finish(canvas) {
  repaint(canvas);
  marked();
  const { active } = desk.regions;
  if (active > 0) announce(t('regions.marked', { n: active, share: labelsNow().share(active) * 100 }));
}

function place(canvas, event) {
  const box = canvas.getBoundingClientRect();
  return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
}

function listenToPointer(frame, canvas, ring) {
  let last = null;
  const stroke = (x, y) => {
    const { width, height } = labelsNow();
    const [fromX, fromY] = last ?? [x, y];
    labelsNow().line(fromX * width, fromY * height, x * width, y * height, radius(), label());
    last = [x, y];
    repaint(canvas);
  };
  canvas.addEventListener('pointerdown', (event) => {
    const [x, y] = place(canvas, event);
    if (!drawsLines()) return pickNext(frame, canvas, x, y, event);
    canvas.setPointerCapture(event.pointerId);
    labelsNow().mark();
    stroke(x, y);
  });
  canvas.addEventListener('pointermove', (event) => {
    const [x, y] = place(canvas, event);
    moveRing(ring, x, y);
    if (last) stroke(x, y);
  });
  const end = () => {
    if (!last) return;
    last = null;
    finish(canvas);
  };
  canvas.addEventListener('pointerup', end);
  canvas.addEventListener('pointercancel', end);
}

function moveRing(ring, x, y) {
  ring.style.left = `${x * 100}%`;
  ring.style.top = `${y * 100}%`;
  const { width, height } = labelsNow();
  ring.style.width = drawsLines() ? `${((2 * radius()) / width) * 100}%` : '';
  ring.style.height = drawsLines() ? `${((2 * radius()) / height) * 100}%` : '';
}

function listenToKeys(frame, canvas, ring) {
  const at = [0.5, 0.5];
  const moves = { ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, -STEP], ArrowDown: [0, STEP] };
  canvas.addEventListener('keydown', (event) => {
    const move = moves[event.key];
    if (!move && event.key !== ' ' && event.key !== 'Enter') return;
    event.preventDefault();
    if (move) {
      move.forEach((by, i) => {
        at[i] = Math.min(1, Math.max(0, at[i] + by));
      });
      return moveRing(ring, ...at);
    }
    if (!drawsLines()) return pickNext(frame, canvas, ...at, event);
    const { width, height } = labelsNow();
    labelsNow().mark();
    labelsNow().line(at[0] * width, at[1] * height, at[0] * width, at[1] * height, radius(), label());
    finish(canvas);
  });
  canvas.addEventListener('focus', () => moveRing(ring, ...at));
}

/** Whether pointing adds or takes away; there is nothing to take from "everywhere else". */
function directions() {
  if (drawsLines() || desk.regions.active === 0) return false;
  const one = (away, symbol, key) =>
    button({
      icon: symbol,
      text: t(`regions.${key}`),
      label: t(`regions.${key}Hint`),
      'aria-pressed': String(desk.regions.away === away),
      'data-key': key,
      onclick: () => desk.set({ regions: { ...desk.regions, away } }),
    });
  return el(
    'div',
    { class: 'tools', role: 'group', 'aria-label': t('regions.direction') },
    one(false, 'plus', 'more'),
    one(true, 'minus', 'less'),
  );
}

/** The frame with photo and canvas. */
export function markerFrame() {
  const { width, height } = labelsNow();
  const canvas = el('canvas', { width, height, tabIndex: 0, role: 'img', 'aria-label': t('regions.canvas') });
  const ring = el('span', { class: 'ring' });
  const photo = el('img', { src: urls.picture(desk.photo, 1600), alt: '' });
  const frame = el('div', { class: 'frame marker' }, photo, canvas, ring);
  frame.style.setProperty('--ratio', width / height);
  listenToPointer(frame, canvas, ring);
  listenToKeys(frame, canvas, ring);
  repaint(canvas);
  return frame;
}

/** Tools, brush size, undo and clear; `redraw` is called when the marks have changed. */
export function markerTools(redraw) {
  const choose = (tool) => desk.set({ regions: { ...desk.regions, tool } });
  const tools = TOOLS.map(([tool, symbol]) =>
    button({
      icon: symbol,
      text: t(`regions.${tool}`),
      'aria-pressed': String(desk.regions.tool === tool),
      'data-key': tool,
      onclick: () => choose(tool),
    }),
  );
  const size = el('input', {
    type: 'range',
    min: 1,
    max: 20,
    value: desk.regions.brush,
    'data-key': 'brush-size',
    oninput: () => {
      desk.regions.brush = Number(size.value);
    },
  });
  const act = (work) => () => {
    work();
    marked();
    redraw();
  };
  const undo = act(() => labelsNow().undo());
  const clear = act(() => {
    labelsNow().mark();
    labelsNow().fill((i) => labelsNow().data[i] === desk.regions.active, 0);
  });
  return [
    el('div', { class: 'tools', role: 'group', 'aria-label': t('regions.tools') }, tools),
    directions(),
    drawsLines() && el('label', { class: 'inline' }, el('span', {}, t('regions.size')), size),
    button({
      icon: 'undo',
      text: t('regions.undo'),
      class: 'quiet',
      disabled: !labelsNow().canUndo,
      'data-key': 'undo',
      onclick: undo,
    }),
    button({ text: t('regions.clear'), class: 'quiet', 'data-key': 'clear', onclick: clear }),
  ];
}
