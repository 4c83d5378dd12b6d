// Teaching a style: a painting goes in, one watches it being learnt, and it stands in the gallery.
import { urls } from './api.js';
import { button, byId, el, refill } from './dom.js';
import { chooseStyle } from './gallery.js';
import { onLanguage, t } from './i18n.js';
import { onPicked, opensPicker } from './intake.js';
import { cancel, findJob, isLive, onJobs, previewOf, submit, watch } from './jobs.js';
import { tryTo } from './notice.js';
import { uploadAll } from './photos.js';
import { progressBar, statusText } from './result.js';

/** What the request says of each choice of time. */
const TIMES = { quick: { time_budget: 30 }, normal: {}, thorough: { thorough: true } };

let painting = null; // what the server says of it
let learning = null; // id of the job

const dialog = () => byId('teach');
const form = () => byId('teach-form');

/** A style's name from a file's: letters, digits and dashes. */
function nameFrom(file) {
  const name = file
    .replace(/\.[^.]*$/, '')
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/^[-.]+|[-.]+$/g, '');
  return (name || 'my-style').slice(0, 64);
}

export async function takePainting(files) {
  const [taken] = await uploadAll(files.slice(0, 1));
  if (!taken) return;
  painting = taken;
  learning = null;
  form().elements.name.value = nameFrom(taken.name);
  render();
}

async function start(event) {
  event.preventDefault();
  if (!painting) return;
  const { name, title, artist, time } = form().elements;
  const request = {
    kind: 'teach',
    picture: painting.id,
    name: name.value,
    title: title.value,
    artist: artist.value,
    ...TIMES[time.value],
  };
  const job = await tryTo(() => submit(request));
  if (!job) return;
  learning = job.id;
  watch(job.id, 'teach');
  render();
}

function paintWith(job) {
  dialog().close();
  learning = null;
  painting = null;
  render();
  chooseStyle({ name: job.request.name });
}

function progress(job) {
  const title = job.request.title || job.request.name;
  if (isLive(job)) {
    return [
      el('p', {}, statusText(job)),
      progressBar(job),
      el('p', { class: 'muted' }, t('teach.go')),
      button({ text: t('job.cancel'), 'data-key': 'teach-cancel', onclick: () => cancel(job.id) }),
    ];
  }
  if (job.state === 'done') {
    return [
      el('p', { role: 'status' }, t('teach.done', { title })),
      button({ text: t('teach.use'), class: 'primary', 'data-key': 'teach-use', onclick: () => paintWith(job) }),
    ];
  }
  return [
    el('p', { role: 'alert' }, t(job.state === 'failed' ? 'job.failed' : 'job.cancelled')),
    job.error && el('p', { class: 'detail', lang: 'en' }, job.error),
  ];
}

function render() {
  const job = findJob(learning);
  const busy = Boolean(job) && (isLive(job) || job.state === 'done');
  byId('teach-fields').hidden = busy;
  byId('teach-start').hidden = busy;
  byId('teach-start').disabled = !painting;
  const src = job && previewOf(job) ? previewOf(job) : painting && urls.picture(painting.id, 640);
  const image = byId('teach-picture');
  image.hidden = !src;
  byId('teach-choose').hidden = busy;
  if (src && image.getAttribute('src') !== src) image.src = src;
  image.alt = job && previewOf(job) ? t('teach.preview') : (painting?.name ?? '');
  refill(byId('teach-progress'), job ? progress(job) : []);
}

export function startTeach() {
  byId('teach-open').addEventListener('click', () => dialog().showModal());
  byId('teach-close').addEventListener('click', () => dialog().close());
  opensPicker(byId('teach-choose'), 'pick-teach');
  onPicked('pick-teach', takePainting);
  form().addEventListener('submit', start);
  onJobs((job) => {
    if (job?.id === learning) render();
  });
  onLanguage(render);
}
