// The colours of the photo and of the picture, and figures that compare them.
import { api } from './api.js';
import { byId, el, refill } from './dom.js';
import { hasText, number, onLanguage, t } from './i18n.js';
import { findJob } from './jobs.js';
import { tryTo } from './notice.js';
import { desk } from './store.js';

let open = false;
const fetched = new Map(); // job id -> {before, after, metrics}

export const figuresOpen = () => open;

/** Shows or hides the figures; `opener` is the button that says which. */
export function toggleFigures(opener) {
  open = !open;
  opener.setAttribute('aria-expanded', String(open));
  render();
  if (open) byId('figures').scrollIntoView({ block: 'nearest' });
}

function swatches(palette) {
  return el(
    'ul',
    { class: 'swatches' },
    palette.swatches.map(({ rgb, share }) => {
      const text = t('figures.swatch', { rgb, share: share * 100 });
      const item = el('li', { title: text }, el('span', { class: 'hidden' }, text));
      item.style.backgroundColor = rgb;
      item.style.flexGrow = Math.sqrt(share); // small groups shall be seen beside one that is nearly everything
      return item;
    }),
  );
}

function paletteCard(title, palette) {
  if (!palette) return null;
  const noise = t('figures.noise', { share: palette.noise * 100 });
  const says = `${t('figures.clusters', { n: palette.clusters })} · ${noise}`;
  return el(
    'section',
    { class: 'palette' },
    el('h2', {}, title),
    swatches(palette),
    el('p', { class: 'muted' }, says),
    palette.map && el('img', { src: palette.map, alt: t('figures.map'), loading: 'lazy' }),
  );
}

function metricsCard(metrics) {
  const rows = Object.entries(metrics ?? {}).filter(([, value]) => typeof value === 'number');
  if (rows.length === 0) return null;
  const label = (name) => (hasText(`metric.${name}`) ? t(`metric.${name}`) : name.replaceAll('_', ' '));
  return el(
    'section',
    { class: 'metrics' },
    el('h2', {}, t('figures.title')),
    el(
      'dl',
      {},
      rows.map(([name, value]) => el('div', {}, el('dt', {}, label(name)), el('dd', {}, number(value, 4)))),
    ),
  );
}

async function measure(job) {
  const [before, after, metrics] = await Promise.all([
    tryTo(() => api.palette('pictures', job.request.content)),
    tryTo(() => api.palette('jobs', job.id)),
    tryTo(() => api.metrics(job.id)),
  ]);
  fetched.set(job.id, { before, after, metrics });
  render();
}

function render() {
  const job = findJob(desk.shown);
  const box = byId('figures');
  const shown = open && job?.state === 'done' && Boolean(job.result) && !desk.comparing && !desk.regions;
  box.hidden = !shown;
  if (!shown) return;
  const found = fetched.get(job.id);
  if (!found) {
    refill(box, el('p', { class: 'muted', role: 'status' }, t('figures.measuring')));
    fetched.set(job.id, {});
    measure(job);
    return;
  }
  refill(
    box,
    paletteCard(t('figures.before'), found.before),
    paletteCard(t('figures.after'), found.after),
    metricsCard(found.metrics),
  );
}

export function startFigures() {
  desk.on(['shown', 'comparing', 'regions'], render);
  onLanguage(render);
}
