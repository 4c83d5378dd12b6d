// Styles as people know them: title, painter, thumbnail.
import { urls } from './api.js';
import { catalogue, t } from './i18n.js';
import { desk } from './store.js';

export const sameStyle = (a, b) => a?.name === b?.name && a?.picture === b?.picture && Boolean(a) === Boolean(b);

/** A gallery card in the page's language. */
export function localCard(card) {
  const [title, artist] = catalogue().styles[card.name] ?? [card.title || card.name, card.artist];
  return { ...card, title, artist };
}

/** Stands in the place of a thumbnail that a style does not have. */
export const initialOf = (title) => [...title][0]?.toUpperCase() ?? '';

/** Title, painter and thumbnail of {name} or {picture}. */
export function describeStyle(style) {
  if (style.picture) {
    const painting = desk.paintings.find((one) => one.id === style.picture);
    return { title: painting?.name ?? t('styles.own'), artist: '', thumbnail: urls.picture(style.picture, 200) };
  }
  const card = desk.styles.find((one) => one.name === style.name);
  return card ? localCard(card) : { title: style.name, artist: '', thumbnail: '' };
}

/** What a job is called: the titles of its styles, or of the style it learns. */
export function jobTitle(job) {
  const { request } = job;
  if (job.kind === 'teach') return t('history.learnt', { title: request.title || request.name });
  const titles = [...new Set(request.styles.map((style) => describeStyle(style).title))];
  return titles.length < 2 ? titles[0] : t('history.blend', { first: titles[0], second: titles.slice(1).join(' + ') });
}
