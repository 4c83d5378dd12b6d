// The gallery of styles: tap one, and the photo is painted with it.
import { api, urls } from './api.js';
import { button, byId, el, icon, refill } from './dom.js';
import { confirmed } from './confirm.js';
import { onLanguage, t } from './i18n.js';
import { opensPicker } from './intake.js';
import { announce, tell, tryTo } from './notice.js';
import { paint } from './paint.js';
import { uploadAll } from './photos.js';
import { setRegionStyle } from './regions.js';
import { desk } from './store.js';
import { initialOf, localCard, sameStyle } from './styles.js';

/** Reads the gallery again, for instance after a style was learnt. */
export async function loadStyles() {
  const styles = await tryTo(() => api.styles());
  if (styles) desk.set({ styles });
}

/** Takes a style: for the marked region, as the second of a blend, or to paint with at once. */
export async function chooseStyle(style) {
  if (desk.regions) return setRegionStyle(style);
  if (desk.blending && sameStyle(style, desk.first)) return;
  desk.set(desk.blending ? { second: style } : { first: style });
  if (!desk.photo) announce(t('styles.first'));
  else await paint();
}

/** Uploads paintings and takes the first as style. */
export async function addPaintings(files) {
  const taken = await uploadAll(files);
  if (taken.length === 0) return;
  const ids = new Set(taken.map((one) => one.id));
  desk.set({ paintings: [...taken, ...desk.paintings.filter((one) => !ids.has(one.id))] });
  await chooseStyle({ picture: taken[0].id });
}

function isChosen(style) {
  if (desk.regions)
    return desk.regions.list.some((region) => sameStyle(region.style, style)) || sameStyle(desk.regions.rest, style);
  return sameStyle(style, desk.first) || (desk.blending && sameStyle(style, desk.second));
}

function tile(style, { title, artist, thumbnail }, remove) {
  const name = artist ? t('styles.pick', { title, artist }) : title;
  return el(
    'li',
    { class: 'style' },
    el(
      'button',
      {
        type: 'button',
        class: 'tile',
        title: name,
        'aria-label': name,
        'aria-pressed': String(isChosen(style)),
        'data-key': style.name ?? style.picture,
        onclick: () => chooseStyle(style),
      },
      thumbnail
        ? el('img', { src: thumbnail, alt: '', loading: 'lazy', width: 120, height: 120 })
        : el('span', { class: 'initial' }, initialOf(title)),
      el('span', { class: 'caption' }, title),
    ),
    remove && button({ icon: 'close', label: remove.label, class: 'corner', onclick: remove.act }),
  );
}

async function removeStyle(card) {
  const title = card.title;
  if (!(await confirmed(t('delete.style', { title }), t('delete.styleText')))) return;
  if (!(await tryTo(() => api.removeStyle(card.name)))) return;
  if (desk.first?.name === card.name) desk.set({ first: null });
  await loadStyles();
  tell(t('styles.removed', { title }));
}

function paintingTile(painting) {
  const takeAway = () => desk.set({ paintings: desk.paintings.filter((one) => one.id !== painting.id) });
  const shown = { title: painting.name, artist: '', thumbnail: urls.picture(painting.id, 240) };
  const node = tile({ picture: painting.id }, shown, {
    label: t('photos.remove', { name: painting.name }),
    act: takeAway,
  });
  node.querySelector('img').addEventListener('error', async () => {
    if (!(await api.hasPicture(painting.id))) takeAway();
  });
  return node;
}

function cardTile(card) {
  const local = localCard(card);
  const remove = card.removable && { label: t('styles.remove', { title: local.title }), act: () => removeStyle(local) };
  return tile({ name: card.name }, local, remove);
}

function uploadTile() {
  const opener = el(
    'button',
    { type: 'button', class: 'tile upload', title: t('styles.paintingHint'), 'data-key': 'upload' },
    el('span', { class: 'blank' }, icon('plus')),
    el('span', { class: 'caption' }, t('styles.painting')),
  );
  opensPicker(opener, 'pick-painting');
  return el('li', { class: 'style' }, opener);
}

function matches(card, words) {
  const local = localCard(card);
  const text = [card.name, card.title, card.artist, card.medium, card.year, local.title, local.artist]
    .join(' ')
    .toLowerCase();
  return words.every((word) => text.includes(word));
}

function render() {
  const words = byId('search').value.toLowerCase().split(/\s+/).filter(Boolean);
  const cards = desk.styles.filter((card) => matches(card, words));
  const own = cards.filter((card) => !card.embedded);
  const gallery = cards.filter((card) => card.embedded);
  refill(
    byId('styles'),
    words.length === 0 && [uploadTile(), ...desk.paintings.map(paintingTile)],
    own.map(cardTile),
    gallery.map(cardTile),
  );
  byId('styles-none').hidden = cards.length > 0 || words.length === 0;
}

export function startGallery() {
  byId('search').addEventListener('input', render);
  desk.on(['styles', 'paintings', 'first', 'second', 'blending', 'regions'], render);
  onLanguage(render);
}
