// What is set most often: blend, strength, size, colours; and the button that paints.
import { byId, el, refill } from './dom.js';
import { hasText, number, onLanguage, t } from './i18n.js';
import { findJob, isLive, onJobs } from './jobs.js';
import { canPaint, paint, targets } from './paint.js';
import { desk } from './store.js';
import { describeStyle, initialOf } from './styles.js';

const SIZES = [256, 384, 512, 768, 1024, 1536, 2048, 3072, 4096, 0];
const FIRST_SIZE = 1024; // the server's own default is made for scripts; this fills a screen and still takes seconds

export function defaultOf(name) {
  return desk.defaults.find((option) => option.name === name)?.default ?? '';
}

export function setSetting(name, value) {
  const { [name]: _, ...others } = desk.settings;
  desk.set({ settings: value === defaultOf(name) ? others : { ...others, [name]: value } });
}

export const settingOf = (name) => desk.settings[name] ?? defaultOf(name);

/** A picture of the style with its title and painter. */
export function styleChip(style) {
  const { title, artist, thumbnail } = describeStyle(style);
  return el(
    'span',
    { class: 'chip' },
    thumbnail ? el('img', { src: thumbnail, alt: '' }) : el('span', { class: 'initial' }, initialOf(title)),
    el('span', { class: 'chip-text' }, el('strong', {}, title), artist && el('span', {}, artist)),
  );
}

function blendSlider() {
  const first = describeStyle(desk.first).title;
  const second = describeStyle(desk.second).title;
  const text = () => t('blend.value', { a: 100 - desk.blend, b: desk.blend, first, second });
  const slider = el('input', {
    type: 'range',
    id: 'blend',
    min: 1,
    max: 99,
    value: desk.blend,
    'aria-label': t('blend.share'),
    'aria-valuetext': text(),
    'data-key': 'blend',
    oninput: () => {
      desk.blend = Number(slider.value);
      slider.setAttribute('aria-valuetext', text());
      output.textContent = text();
    },
  });
  const output = el('output', { for: 'blend' }, text());
  return el('div', { class: 'blend' }, slider, output);
}

function renderChosen() {
  const box = byId('chosen');
  const toggle = byId('blend-toggle');
  box.hidden = Boolean(desk.regions);
  toggle.hidden = Boolean(desk.regions) || !desk.first;
  toggle.textContent = t(desk.blending ? 'blend.stop' : 'blend.start');
  toggle.setAttribute('aria-pressed', String(desk.blending));
  if (desk.regions) return;
  if (!desk.first) return refill(box, el('p', { class: 'muted' }, t('styles.tap')));
  const waiting = desk.blending && !desk.second && el('p', { class: 'muted', role: 'status' }, t('blend.pick'));
  refill(
    box,
    el('div', { class: 'chips' }, styleChip(desk.first), desk.blending && desk.second && styleChip(desk.second)),
    desk.blending && desk.second && blendSlider(),
    waiting,
  );
}

function showStrength() {
  const value = Number(settingOf('strength'));
  byId('strength').value = value;
  byId('strength').setAttribute('aria-valuetext', t('settings.strengthValue', { n: value }));
  byId('strength-out').textContent = number(value);
}

function showSize() {
  const value = Number(settingOf('size'));
  const text = value === 0 ? t('settings.sizePhoto') : t('settings.sizeValue', { n: String(value) });
  const at = SIZES.findIndex((size) => size === 0 || size >= value);
  byId('size').value = value === 0 ? SIZES.length - 1 : at;
  byId('size').setAttribute('aria-valuetext', text);
  byId('size-out').textContent = text;
}

function showColours() {
  const choices = desk.defaults.find((option) => option.name === 'color')?.choices ?? [];
  const named = (choice) => (hasText(`color.${choice}`) ? t(`color.${choice}`) : choice);
  refill(
    byId('color'),
    choices.map((choice) => el('option', { value: choice }, named(choice))),
  );
  byId('color').value = settingOf('color');
}

function renderButton() {
  const count = targets().length;
  const shown = findJob(desk.shown);
  const again = shown?.request.content === desk.photo && !isLive(shown);
  byId('paint').disabled = !canPaint();
  byId('paint-text').textContent = count > 1 ? t('paint.all', { n: count }) : t(again ? 'paint.again' : 'paint.go');
}

function renderSettings() {
  showStrength();
  showSize();
  showColours();
}

export function startControls() {
  const strength = byId('strength');
  const size = byId('size');
  size.max = SIZES.length - 1;
  strength.addEventListener('input', () => setSetting('strength', strength.value));
  size.addEventListener('input', () => setSetting('size', String(SIZES[Number(size.value)])));
  byId('color').addEventListener('change', () => setSetting('color', byId('color').value));
  byId('paint').addEventListener('click', paint);
  byId('blend-toggle').addEventListener('click', () => desk.set({ blending: !desk.blending, second: null }));
  desk.set({ settings: { ...desk.settings, size: String(FIRST_SIZE) } });
  desk.on(['settings', 'defaults'], renderSettings);
  desk.on(['first', 'second', 'blending', 'regions', 'styles', 'paintings'], renderChosen);
  desk.on(['photo', 'photos', 'all', 'first', 'regions', 'shown'], renderButton);
  onJobs(renderButton);
  onLanguage(() => {
    renderSettings();
    renderChosen();
    renderButton();
  });
}
