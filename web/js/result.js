// What can be done with the picture on the stage: wait, cancel, download, link, again, delete.
import { urls } from './api.js';
import { confirmed } from './confirm.js';
import { button, byId, el, icon } from './dom.js';
import { figuresOpen, toggleFigures } from './figures.js';
import { duration, t } from './i18n.js';
import { announceProgress, cancel, previewOf, removeJob, submit } from './jobs.js';
import { announce, tell, tryTo } from './notice.js';
import { desk } from './store.js';
import { jobTitle } from './styles.js';

const FORMATS = [
  ['png', 'PNG'],
  ['jpeg', 'JPEG'],
  ['webp', 'WebP'],
];

/** How far a job is, in words. */
export function statusText(job) {
  if (job.state === 'queued') return job.position > 0 ? t('job.queued', { n: job.position }) : t('job.queuedShort');
  const { step = 0, steps = 0, seconds_left: left } = job.progress ?? {};
  const what =
    job.kind === 'teach' ? t('job.teaching') : previewOf(job) && step < 2 ? t('job.draft') : t('job.running');
  const parts = [what];
  if (steps > 1) parts.push(t('job.step', { step, steps }));
  if (left > 0) parts.push(t('job.left', { time: duration(left) }));
  return parts.join(' · ');
}

/** A progress bar; without a value while nothing is known. */
export function progressBar(job) {
  const { step = 0, steps = 0 } = job.progress ?? {};
  const known = steps > 0 && job.state === 'running';
  const value = known ? Math.round((100 * step) / steps) : null;
  const bar = el(
    'div',
    {
      class: known ? 'bar' : 'bar unknown',
      role: 'progressbar',
      'aria-label': t('job.progress'),
      'aria-valuemin': 0,
      'aria-valuemax': 100,
      'aria-valuenow': value ?? undefined,
    },
    el('span', {}),
  );
  bar.style.setProperty('--done', `${value ?? 0}%`);
  return bar;
}

export function statusCard(job) {
  const text = statusText(job);
  announceProgress(text);
  return el(
    'div',
    { class: 'status' },
    el('p', {}, text),
    progressBar(job),
    button({ text: t('job.cancel'), 'data-key': 'cancel', onclick: () => cancel(job.id) }),
  );
}

async function retry(job) {
  const next = await tryTo(() => submit(job.request));
  if (next) desk.set({ shown: next.id });
}

/** A job that failed or was cancelled. */
export function endedCard(job) {
  const failed = job.state === 'failed';
  return el(
    'div',
    { class: 'ended', role: failed ? 'alert' : 'status' },
    el(
      'div',
      { class: 'ended-text' },
      el('p', {}, t(failed ? 'job.failed' : 'job.cancelled')),
      failed && el('p', { class: 'detail', lang: 'en' }, job.error),
    ),
    button({ icon: 'again', text: t('job.retry'), 'data-key': 'retry', onclick: () => retry(job) }),
    button({
      icon: 'bin',
      text: t('result.delete'),
      class: 'quiet',
      'data-key': 'delete',
      onclick: () => deleteJob(job),
    }),
  );
}

/** Copies the job's link; where the browser refuses, shows it. */
async function copyLink(job) {
  const link = `${location.origin}/#job=${job.id}`;
  try {
    await navigator.clipboard.writeText(link);
    tell(t('result.linkCopied'));
  } catch {
    tell(`${t('result.linkHere')} ${link}`);
  }
}

/** Asks, then deletes a job for good. */
export async function deleteJob(job) {
  if (!(await confirmed(t('delete.title'), t('delete.text')))) return;
  if (!(await removeJob(job.id))) return;
  const patch = { beside: desk.beside.filter((id) => id !== job.id) };
  if (desk.shown === job.id) patch.shown = null;
  desk.set(patch);
  tell(t('delete.done'));
}

function again(job) {
  desk.set({ blending: false, second: null });
  announce(t('result.anotherHint'));
  byId('styles').querySelector('button[aria-pressed="true"], button[aria-pressed]')?.focus();
  byId('make').scrollIntoView({ block: 'nearest' });
}

function downloads(job) {
  const links = FORMATS.map(([format, name]) =>
    el(
      'a',
      {
        href: urls.download(job.id, format),
        download: '',
        'aria-label': t('result.downloadAs', { format: name }),
        'data-key': format,
      },
      name,
    ),
  );
  return el(
    'div',
    { class: 'downloads', title: t('result.recipe') },
    icon('download'),
    el('span', {}, t('result.download')),
    links,
  );
}

function facts(job) {
  const { width, height } = job.result ?? {};
  const parts = [
    jobTitle(job),
    width && t('result.size', { width: String(width), height: String(height) }),
    job.seconds > 0 && t('job.done', { time: duration(job.seconds) }),
  ];
  return el('p', { class: 'facts' }, parts.filter(Boolean).join(' · '));
}

/** The bar below a finished picture. */
export function resultActions(job) {
  const remove = button({
    icon: 'bin',
    label: t('result.delete'),
    class: 'quiet danger',
    'data-key': 'delete',
    onclick: () => deleteJob(job),
  });
  if (!job.result) return [facts(job), remove];
  return [
    facts(job),
    downloads(job),
    button({ icon: 'again', text: t('result.another'), 'data-key': 'again', onclick: () => again(job) }),
    button({ icon: 'link', text: t('result.link'), class: 'quiet', 'data-key': 'link', onclick: () => copyLink(job) }),
    button({
      icon: 'chart',
      text: t('result.figures'),
      class: 'quiet',
      'data-key': 'figures',
      'aria-controls': 'figures',
      'aria-expanded': String(figuresOpen()),
      onclick: (event) => toggleFigures(event.currentTarget),
    }),
    remove,
  ];
}

export function besideActions() {
  return [button({ icon: 'close', text: t('history.closeBeside'), onclick: () => desk.set({ comparing: false }) })];
}
