// A style for each part of the photo: the list of regions in the panel.
import { button, byId, el, refill } from './dom.js';
import { onLanguage, t } from './i18n.js';
import { Labels } from './labels.js';
import { desk } from './store.js';
import { styleChip } from './controls.js';

const MOST = 6;
const MASK_SIDE = 1024;

/** Colours of the regions, told apart in light and dark. */
export const COLOURS = [
  [230, 90, 60],
  [60, 130, 220],
  [60, 170, 100],
  [190, 90, 200],
  [225, 170, 40],
  [40, 170, 180],
];

let labels = null;
export const labelsNow = () => labels;

const change = (patch) => desk.set({ regions: { ...desk.regions, ...patch } });

/** Starts with one region; what was chosen before becomes the style of everything else. */
export function openRegions(width, height) {
  const scale = Math.min(1, MASK_SIDE / Math.max(width, height));
  labels = new Labels(Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale)));
  desk.set({
    regions: { list: [{ style: null }], rest: desk.first, active: 1, tool: 'object', away: false, brush: 5 },
    shown: null,
    comparing: false,
  });
}

export const closeRegions = () => desk.set({ regions: null });

/** Gives the active region its style; 0 is everything else. */
export function setRegionStyle(style) {
  const { list, active } = desk.regions;
  if (active === 0) return change({ rest: style });
  return change({ list: list.map((region, i) => (i + 1 === active ? { ...region, style } : region)) });
}

/** Tells that the marks have changed. */
export const marked = () => change({});

function addRegion() {
  const { list } = desk.regions;
  change({ list: [...list, { style: null }], active: list.length + 1 });
}

function dropRegion(number) {
  labels.removeLabel(number);
  change({ list: desk.regions.list.filter((_, i) => i + 1 !== number), active: 1 });
}

function row(number, title, style, empty, drop) {
  const active = desk.regions.active === number;
  const swatch = el('span', { class: 'swatch' });
  if (number > 0) swatch.style.backgroundColor = `rgb(${COLOURS[number - 1].join(' ')})`;
  return el(
    'li',
    { class: 'region' },
    el(
      'button',
      {
        type: 'button',
        class: 'region-pick',
        'aria-pressed': String(active),
        'data-key': `region-${number}`,
        onclick: () => change({ active: number }),
      },
      swatch,
      el('span', { class: 'region-name' }, title),
      style ? styleChip(style) : el('span', { class: 'muted' }, empty),
    ),
    drop && button({ icon: 'close', label: drop.label, class: 'quiet', onclick: drop.act }),
  );
}

function render() {
  const box = byId('regions');
  box.hidden = !desk.regions;
  byId('regions-open').hidden = Boolean(desk.regions);
  byId('regions-open').disabled = !desk.photo;
  if (!desk.regions) return;
  const { list, rest } = desk.regions;
  const rows = list.map((region, i) => {
    const drop = list.length > 1 && { label: t('regions.drop', { n: i + 1 }), act: () => dropRegion(i + 1) };
    return row(i + 1, t('regions.region', { n: i + 1 }), region.style, t('regions.unset'), drop);
  });
  const dropRest = rest && { label: t('regions.dropRest'), act: () => change({ rest: null }) };
  rows.push(row(0, t('regions.rest'), rest, t('regions.keep'), dropRest));
  refill(
    box,
    el('h3', {}, t('regions.title')),
    el('p', { class: 'muted' }, t('regions.hint')),
    el('ul', {}, rows),
    el(
      'div',
      { class: 'row' },
      list.length < MOST &&
        button({ icon: 'plus', text: t('regions.add'), 'data-key': 'add-region', onclick: addRegion }),
      button({ text: t('regions.close'), class: 'quiet', 'data-key': 'close-regions', onclick: closeRegions }),
    ),
  );
}

async function maskBlob(label) {
  const canvas = el('canvas', { width: labels.width, height: labels.height });
  canvas.getContext('2d').putImageData(new ImageData(labels.mask(label), labels.width, labels.height), 0, 0);
  return new Promise((resolve) => canvas.toBlob(resolve, 'image/png'));
}

/** Style, mask and name of every region that has both marks and a style. */
export async function regionMasks() {
  const { list, rest } = desk.regions;
  const parts = [rest, ...list.map((region) => region.style)].map((style, label) => ({ style, label }));
  const used = parts.filter(({ style, label }) => style && labels.share(label) > 0);
  if (!used.some(({ label }) => label > 0)) return [];
  return Promise.all(
    used.map(async ({ style, label }) => ({ style, name: `region-${label}.png`, blob: await maskBlob(label) })),
  );
}

export function startRegions() {
  desk.on(['regions', 'photo', 'styles', 'paintings'], render);
  desk.on(['photo', 'shown'], () => {
    if (desk.regions && desk.shown) closeRegions();
  });
  onLanguage(render);
}
