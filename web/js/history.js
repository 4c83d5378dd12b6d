// All pictures, newest first; they survive a restart of the server.
import { urls } from './api.js';
import { button, byId, el, icon, refill } from './dom.js';
import { onLanguage, t } from './i18n.js';
import { allJobs, cancel, isLive, loadJobs, onJobs, previewOf } from './jobs.js';
import { adopt } from './paint.js';
import { progressBar } from './result.js';
import { desk } from './store.js';
import { jobTitle } from './styles.js';

const SIDE = 320;
const MOST_BESIDE = 6;
let more = false;
let due = 0;

/** Puts a job on the stage, and what it was made of on the desk: the next style is painted on its photo. */
export function showJob(job) {
  desk.set({ shown: job.id, regions: null, comparing: false });
  if (job.kind === 'stylize') adopt(job);
  byId('easel').scrollIntoView({ block: 'nearest' });
}

function picture(job) {
  if (job.state === 'done' && job.result) return urls.thumbnail(job.id, SIDE);
  return previewOf(job) ?? urls.picture(job.request.content ?? job.request.picture, SIDE);
}

function stateLine(job) {
  if (isLive(job)) return progressBar(job);
  if (job.state === 'done') return null;
  return el('span', { class: `state ${job.state}` }, t(job.state === 'failed' ? 'job.failed' : 'job.cancelled'));
}

function select(id, chosen) {
  const beside = chosen ? [...desk.beside, id].slice(-MOST_BESIDE) : desk.beside.filter((one) => one !== id);
  desk.set({ beside, comparing: desk.comparing && beside.length > 1 });
}

function corner(job, title) {
  if (isLive(job))
    return button({
      icon: 'close',
      label: t('job.cancelOf', { title }),
      class: 'corner',
      'data-key': `x${job.id}`,
      onclick: () => cancel(job.id),
    });
  if (job.state !== 'done' || !job.result) return null;
  const box = el('input', {
    type: 'checkbox',
    checked: desk.beside.includes(job.id),
    'aria-label': t('history.select', { title }),
    'data-key': `s${job.id}`,
    onchange: () => select(job.id, box.checked),
  });
  return el('span', { class: 'corner select' }, box);
}

function card(job) {
  const title = jobTitle(job);
  return el(
    'li',
    { class: `job ${job.state}` },
    el(
      'button',
      {
        type: 'button',
        class: 'open',
        'aria-label': t('history.open', { title }),
        'data-key': job.id,
        'aria-current': String(desk.shown === job.id),
        onclick: () => showJob(job),
      },
      el('img', { src: picture(job), alt: '', loading: 'lazy' }),
      stateLine(job),
      el('span', { class: 'caption' }, job.kind === 'teach' && icon('learn'), title),
    ),
    corner(job, title),
  );
}

function besideBar() {
  const count = desk.beside.length;
  if (count === 0) return null;
  return el(
    'div',
    { class: 'row' },
    button({
      icon: 'sides',
      text: t('history.beside', { n: count }),
      class: 'primary',
      disabled: count < 2,
      title: t('history.besideHint'),
      'data-key': 'beside',
      onclick: () => {
        desk.set({ comparing: true, regions: null });
        byId('easel').scrollIntoView({ block: 'nearest' });
      },
    }),
    button({
      text: t('history.clear'),
      class: 'quiet',
      'data-key': 'none',
      onclick: () => desk.set({ beside: [], comparing: false }),
    }),
  );
}

function render() {
  due = 0;
  const jobs = allJobs();
  refill(byId('history-bar'), besideBar());
  refill(byId('history-list'), jobs.map(card));
  byId('history-empty').hidden = jobs.length > 0;
  byId('history-more').hidden = !more;
}

/** Many jobs change at once: one drawing per frame is enough. */
function renderSoon() {
  due ||= requestAnimationFrame(render);
}

async function load(older) {
  more = await loadJobs(older);
  renderSoon();
}

export async function startHistory() {
  byId('history-more').addEventListener('click', () => load(true));
  desk.on(['shown', 'beside', 'styles'], renderSoon);
  onJobs(renderSoon);
  onLanguage(renderSoon);
  await load(false);
}
