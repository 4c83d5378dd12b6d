// Short messages: seen in a corner, heard by screen readers.
import { byId, button, el } from './dom.js';
import { hasText, t } from './i18n.js';

const SHOWN_MS = 6000;
let announced = 0;

/** Says `text` to screen readers only; at most one of `every` milliseconds when that is given. */
export function announce(text, every = 0) {
  if (every && performance.now() - announced < every) return;
  announced = performance.now();
  byId('live').textContent = text;
}

function show(kind, title, detail) {
  const card = el('div', { class: `notice ${kind}`, role: kind === 'bad' ? 'alert' : 'status' });
  const close = button({ icon: 'close', label: t('error.close'), class: 'quiet', onclick: () => card.remove() });
  const text = el(
    'div',
    { class: 'notice-text' },
    el('p', {}, title),
    detail && el('p', { class: 'detail', lang: 'en' }, detail),
  );
  card.append(text, close);
  byId('notices').append(card);
  if (kind === 'good') setTimeout(() => card.remove(), SHOWN_MS);
}

export const tell = (text) => show('good', text);

const OF_A_FILE = { 0: 'error.broken', 400: 'error.file', 415: 'error.file', 422: 'error.file' };

/** Shows a Fault: ours in the page's language, then the server's own sentence, which says what to do. */
export function complain(fault, fileName) {
  const usual = fault.status === 0 ? 'error.offline' : `error.${fault.status}`;
  const key = (fileName && OF_A_FILE[fault.status]) || usual;
  const title = t(hasText(key) ? key : 'error.other', { seconds: fault.retryAfter || 5, name: fileName ?? '' });
  show('bad', title, fault.status === 0 ? '' : fault.message);
}

/** Runs `work`; a fault is shown and gives undefined. */
export async function tryTo(work, fileName) {
  try {
    return await work();
  } catch (fault) {
    if (!('status' in fault)) throw fault;
    complain(fault, fileName);
    return undefined;
  }
}
