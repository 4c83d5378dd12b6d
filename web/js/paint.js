// From what lies on the desk to jobs.
import { api } from './api.js';
import { submit } from './jobs.js';
import { t } from './i18n.js';
import { announce, complain, tell } from './notice.js';
import { refining } from './refine.js';
import { regionMasks } from './regions.js';
import { desk } from './store.js';

/** Ids of the photos that will be painted. */
export const targets = () =>
  desk.regions || !desk.all ? [desk.photo].filter(Boolean) : desk.photos.map((one) => one.id);

/** True when a photo and a style are chosen. */
export function canPaint() {
  return targets().length > 0 && Boolean(desk.regions || desk.first);
}

/** Uploads the masks of the regions; gives the styles with their masks. */
async function maskedStyles() {
  const masks = await regionMasks();
  const styles = [];
  for (const { style, blob, name } of masks) {
    const picture = await api.upload(blob, name);
    styles.push({ ...style, weight: 1, mask: picture.id });
  }
  return styles;
}

function chosenStyles() {
  if (!desk.blending || !desk.second) return [{ ...desk.first, weight: 1 }];
  const share = Math.min(99, Math.max(1, desk.blend));
  return [
    { ...desk.first, weight: (100 - share) / 100 },
    { ...desk.second, weight: share / 100 },
  ];
}

/** The request for a job, as POST /api/jobs wants it. */
export function requestFor(content, styles) {
  const { method, settings, options } = desk;
  return {
    kind: 'stylize',
    content,
    styles,
    method,
    settings: { ...settings },
    options: method === 'auto' ? refining(styles) : { ...options },
  };
}

/** Lays on the desk what a job was made of, so that it can be painted again with changes. */
export function adopt(job) {
  const { content, styles, method = 'auto', settings = {}, options = {} } = job.request;
  const [first, second] = styles.map(({ name, picture }) => (name ? { name } : { picture }));
  const blending = styles.length === 2 && !styles.some((style) => style.mask);
  const [a, b] = styles.map((style) => style.weight ?? 1);
  desk.set({
    photo: content,
    all: false,
    first,
    second: blending ? second : null,
    blending,
    blend: blending ? Math.round((100 * b) / (a + b)) : desk.blend,
    method,
    settings: { ...settings },
    options: { ...options },
    refine: method === 'auto' && 'refine' in options,
  });
}

/** Starts a job for each photo and shows the first. */
export async function paint() {
  try {
    const styles = desk.regions ? await maskedStyles() : chosenStyles();
    if (styles.length === 0) return tell(t('regions.need'));
    const ids = targets();
    for (const [index, photo] of ids.entries()) {
      const job = await submit(requestFor(photo, styles));
      if (index === 0) desk.set({ shown: job.id, comparing: false, regions: null });
    }
    announce(t('paint.queued', { n: ids.length }));
  } catch (fault) {
    if (!('status' in fault)) throw fault;
    complain(fault);
  }
}
