// One field of a form, made from an option as the catalogue describes it.
import { el, newId } from './dom.js';
import { catalogue, t } from './i18n.js';

const isNumber = (option) => option.kind === 'number' || option.kind === 'integer';

function choice(option, value, id, change) {
  const select = el(
    'select',
    { id, onchange: () => change(select.value) },
    option.choices.map((one) => el('option', { value: one, selected: one === value }, one)),
  );
  return select;
}

function flag(value, id, change) {
  const box = el('input', {
    type: 'checkbox',
    id,
    checked: value === 'true',
    onchange: () => change(String(box.checked)),
  });
  return box;
}

function typed(option, value, id, change) {
  const shown = value === option.default ? '' : value;
  const input = el('input', {
    type: isNumber(option) ? 'number' : 'text',
    id,
    value: shown,
    placeholder: option.default,
    autocomplete: 'off',
    ...(isNumber(option)
      ? { min: option.lowest, max: option.highest, step: option.kind === 'integer' ? 1 : 'any' }
      : {}),
    onchange: () => {
      if (input.reportValidity()) change(input.value === '' ? option.default : input.value);
    },
  });
  return input;
}

function colour(value, id, change) {
  const input = el('input', { type: 'color', id, value, onchange: () => change(input.value) });
  return input;
}

function control(option, value, id, change) {
  if (option.kind === 'choice') return choice(option, value, id, change);
  if (option.kind === 'flag') return flag(value, id, change);
  if (option.kind === 'colour') return colour(value, id, change);
  return typed(option, value, id, change);
}

/** A labelled field with its help; `change(text)` gets what was typed, the default when nothing was. */
export function field(option, value, change) {
  const id = newId('field');
  const input = control(option, value, id, change);
  input.dataset.key = `${option.name}`;
  input.setAttribute('aria-describedby', `${id}-help`);
  const local = catalogue().help[option.help];
  const help = el('small', { id: `${id}-help`, ...(local ? {} : { lang: 'en' }) }, local ?? option.help);
  const range =
    isNumber(option) &&
    option.default !== '' &&
    el('small', {}, ` (${t('advanced.default', { value: option.default })})`);
  return el(
    'div',
    { class: `field ${option.kind}` },
    el('label', { for: id, lang: 'en' }, option.name),
    input,
    el('p', {}, help, range),
  );
}
