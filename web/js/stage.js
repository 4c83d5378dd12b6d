// The easel: the photo, the picture that is being painted, the result, or several of them.
import { urls } from './api.js';
import { compareFrame, pictureFrame } from './compare.js';
import { button, byId, el, icon, refill } from './dom.js';
import { onLanguage, t } from './i18n.js';
import { opensPicker } from './intake.js';
import { findJob, isLive, onJobs, previewOf, watch } from './jobs.js';
import { markerFrame, markerTools } from './marker.js';
import { addSample } from './photos.js';
import { besideActions, endedCard, resultActions, statusCard } from './result.js';
import { labelsNow } from './regions.js';
import { desk } from './store.js';
import { jobTitle } from './styles.js';
import { View } from './view.js';

const SCREEN_SIDE = 2048;
let drawn = null; // key of what is on the stage
let view = null;

const besideJobs = () => desk.beside.map(findJob).filter((job) => job?.state === 'done' && job.result);

/** What the stage should show: a key that changes when it must be built anew, and how to build it. */
function wanted() {
  if (desk.regions) return { key: `regions ${desk.photo} ${labelsNow().width}`, build: markerFrame };
  const beside = besideJobs();
  if (desk.comparing && beside.length > 1)
    return { key: `beside ${beside.map((job) => job.id)}`, build: () => sideBySide(beside) };
  const job = findJob(desk.shown);
  if (job?.state === 'done' && job.result) return { key: `result ${job.id}`, build: () => result(job) };
  if (job) return { key: `job ${job.id}`, build: () => unfinished(job) };
  if (desk.photo) return { key: `photo ${desk.photo}`, build: photo };
  return { key: 'empty', build: empty };
}

function ratioOf(id) {
  const known = desk.photos.find((one) => one.id === id);
  return known ? known.width / known.height : null;
}

function photo() {
  const name = desk.photos.find((one) => one.id === desk.photo)?.name ?? '';
  return pictureFrame(urls.picture(desk.photo, SCREEN_SIDE), t('photos.alt', { name }), ratioOf(desk.photo), view);
}

function result(job) {
  const { width, height } = job.result;
  return compareFrame({
    before: urls.picture(job.request.content, Math.max(width, height)),
    after: urls.result(job.id),
    alt: t('result.alt', { title: jobTitle(job) }),
    ratio: width / height,
    view,
  });
}

function unfinished(job) {
  const start = job.request.content ?? job.request.picture;
  const src = previewOf(job) ?? urls.picture(start, SCREEN_SIDE);
  return pictureFrame(src, t('result.previewAlt'), job.kind === 'stylize' ? ratioOf(start) : null, view);
}

function sideBySide(jobs) {
  const cell = (job) =>
    el(
      'figure',
      {},
      pictureFrame(
        urls.result(job.id),
        t('result.alt', { title: jobTitle(job) }),
        job.result.width / job.result.height,
        view,
      ),
      el('figcaption', {}, jobTitle(job)),
    );
  return el('div', { class: `lineup of-${jobs.length}` }, jobs.map(cell));
}

function empty() {
  const choose = button({ text: t('photos.choose'), class: 'primary' });
  opensPicker(choose, 'pick-photos');
  return el(
    'div',
    { class: 'invitation' },
    icon('photo'),
    el('h2', {}, t('photos.drop')),
    el('p', { class: 'muted' }, t('photos.hint')),
    choose,
    el('button', { type: 'button', class: 'link', onclick: addSample }, t('photos.sample')),
  );
}

/** Shows a newer preview in place, once it is loaded, so that nothing flickers. */
async function renewPreview(job) {
  const image = byId('stage').querySelector('img.moves');
  const src = previewOf(job);
  if (!src || !image || image.getAttribute('src') === src) return;
  const next = new Image();
  next.src = src;
  await next.decode().catch(() => {});
  if (drawn === `job ${job.id}` && next.naturalWidth > 0) image.src = src;
}

function zoomTools() {
  if (!view) return [];
  return [
    button({ icon: 'minus', label: t('result.zoomOut'), class: 'quiet', onclick: () => view.zoomBy(1 / 1.5) }),
    button({ icon: 'plus', label: t('result.zoomIn'), class: 'quiet', onclick: () => view.zoomBy(1.5) }),
    button({ icon: 'fit', label: t('result.fit'), class: 'quiet', onclick: () => view.fit() }),
  ];
}

function renderBar(job) {
  const bar = byId('actions');
  bar.className = `actions ${job?.state ?? ''}`;
  if (desk.regions) return refill(bar, markerTools(redraw));
  if (desk.comparing && besideJobs().length > 1) return refill(bar, besideActions());
  if (!job) return refill(bar);
  if (isLive(job)) return refill(bar, statusCard(job));
  if (job.state === 'done') return refill(bar, resultActions(job));
  return refill(bar, endedCard(job));
}

function redraw() {
  drawn = null;
  render();
}

function render() {
  const job = findJob(desk.shown);
  if (job && isLive(job)) watch(job.id, 'stage');
  const { key, build } = wanted();
  if (key !== drawn) {
    drawn = key;
    view = key === 'empty' || desk.regions ? null : new View();
    byId('stage').replaceChildren(build());
    byId('stage').className = `stage ${key.split(' ')[0]}`;
    byId('zoom').replaceChildren(...zoomTools());
  }
  byId('stage').classList.toggle('still', !job || !isLive(job));
  if (job && isLive(job)) renewPreview(job);
  renderBar(job);
}

export function startStage() {
  desk.on(['photo', 'photos', 'shown', 'regions', 'beside', 'comparing', 'styles'], render);
  onJobs((job) => {
    if (job === null || job.id === desk.shown || desk.beside.includes(job.id)) render();
  });
  onLanguage(redraw);
}
