// The photos on the desk: a strip to choose from, and the way in for new ones.
import { api, urls } from './api.js';
import { button, byId, el, icon, refill } from './dom.js';
import { onLanguage, t } from './i18n.js';
import { opensPicker } from './intake.js';
import { announce, tryTo } from './notice.js';
import { desk } from './store.js';

/** Uploads files one after the other, each with its own fault, and gives those the server took. */
export async function uploadAll(files) {
  const taken = [];
  for (const file of files) {
    desk.set({ pending: [...desk.pending, file.name] });
    const picture = await tryTo(() => api.upload(file, file.name), file.name);
    const at = desk.pending.indexOf(file.name);
    desk.set({ pending: desk.pending.filter((_, i) => i !== at) });
    if (picture) taken.push(picture);
  }
  return taken;
}

export async function addPhotos(files) {
  const taken = await uploadAll(files);
  if (taken.length === 0) return;
  const ids = new Set(taken.map((photo) => photo.id));
  desk.set({
    photos: [...desk.photos.filter((photo) => !ids.has(photo.id)), ...taken],
    photo: taken[0].id,
    all: taken.length > 1,
    shown: null,
    comparing: false,
  });
  announce(t('photos.added', { n: desk.photos.length }));
}

/** The sample that comes with the page, for those without a photo at hand. */
export async function addSample() {
  const sample = await (await fetch('sample.jpg')).blob();
  await addPhotos([new File([sample], `${t('photos.sampleName')}.jpg`, { type: 'image/jpeg' })]);
}

/** Puts a photo on the stage. */
export function showPhoto(id) {
  desk.set({ photo: id, shown: null, comparing: false });
}

function takeAway(id) {
  const photos = desk.photos.filter((photo) => photo.id !== id);
  const patch = { photos, all: desk.all && photos.length > 1 };
  if (desk.photo === id) Object.assign(patch, { photo: photos[0]?.id ?? null, shown: null });
  desk.set(patch);
}

/** The browser remembers photos longer than the server keeps those that no job needs. */
async function takeAwayIfGone(id) {
  if (!(await api.hasPicture(id))) takeAway(id);
}

function tile(photo) {
  const name = photo.name || t('styles.own');
  const current = desk.photo === photo.id;
  return el(
    'li',
    { class: 'photo' },
    el(
      'button',
      {
        type: 'button',
        class: 'thumb',
        'data-key': photo.id,
        'aria-label': t('photos.show', { name }),
        'aria-pressed': String(current),
        onclick: () => showPhoto(photo.id),
      },
      el('img', { src: urls.picture(photo.id, 160), alt: '', onerror: () => takeAwayIfGone(photo.id) }),
    ),
    button({ icon: 'close', label: t('photos.remove', { name }), class: 'corner', onclick: () => takeAway(photo.id) }),
  );
}

function waiting(name) {
  return el(
    'li',
    { class: 'photo waiting', role: 'status', 'aria-label': t('photos.adding', { name }) },
    icon('spinner'),
  );
}

function render() {
  const strip = byId('photos');
  const some = desk.photos.length + desk.pending.length > 0;
  strip.hidden = !some;
  if (!some) return;
  const add = button({ icon: 'plus', label: t('photos.add'), class: 'thumb add', 'data-key': 'add' });
  opensPicker(add, 'pick-photos');
  const many = desk.photos.length > 1;
  const box = el('input', {
    type: 'checkbox',
    checked: desk.all,
    'data-key': 'all',
    onchange: () => desk.set({ all: box.checked }),
  });
  refill(
    strip,
    el(
      'ul',
      { 'aria-label': t('photos.list') },
      desk.photos.map(tile),
      desk.pending.map(waiting),
      el('li', { class: 'photo' }, add),
    ),
    many && el('label', { class: 'check' }, box, t('photos.all', { n: desk.photos.length })),
  );
}

export function startPhotos() {
  desk.on(['photos', 'photo', 'pending', 'all'], render);
  onLanguage(render);
}
