// Every method of the catalogue, its form made from what the server says of it.
import { byId, el, refill } from './dom.js';
import { setSetting, settingOf } from './controls.js';
import { field } from './form.js';
import { catalogue, hasText, onLanguage, t } from './i18n.js';
import { desk } from './store.js';

// These have their own controls above.
const ABOVE = new Set(['strength', 'size', 'color']);

const chosen = () => desk.methods.find((method) => method.name === desk.method);

function setOption(option, value) {
  const { [option.name]: _, ...others } = desk.options;
  desk.set({ options: value === option.default ? others : { ...others, [option.name]: value } });
}

function familyName(method) {
  const key = `family.${method.family.split('/')[0]}`;
  return t(hasText(key) ? key : 'family.other');
}

function fillMethods() {
  const groups = new Map();
  for (const method of desk.methods) {
    const name = familyName(method);
    groups.set(name, [...(groups.get(name) ?? []), method]);
  }
  const select = byId('method');
  refill(
    select,
    el('option', { value: 'auto' }, t('advanced.auto')),
    [...groups].map(([label, methods]) =>
      el(
        'optgroup',
        { label },
        methods.map((method) => el('option', { value: method.name, lang: 'en' }, method.name)),
      ),
    ),
  );
  select.value = desk.method;
}

/** Why the method cannot paint with the chosen style, or ''. */
function mismatch(method) {
  if (!method || !desk.first) return '';
  if (method.takes === 'pictures' && desk.first.name) return t('advanced.needsPicture');
  const card = desk.styles.find((one) => one.name === desk.first.name);
  if (method.takes === 'models' && card?.method !== method.name) return t('advanced.needsModel');
  return '';
}

function renderMethod() {
  const method = chosen();
  byId('method').value = desk.method;
  if (!method) return refill(byId('method-says'), el('p', {}, t('advanced.autoHint')));
  const local = catalogue().methods[method.name];
  const fault = mismatch(method);
  refill(
    byId('method-says'),
    el('p', local ? {} : { lang: 'en' }, local ?? method.summary),
    el('p', { class: 'muted', lang: 'en' }, method.citation),
    fault && el('p', { class: 'warn', role: 'status' }, fault),
  );
}

function renderOptions() {
  const method = chosen();
  const form = byId('method-options');
  form.hidden = !method;
  if (!method) return;
  const fields = method.options.map((option) =>
    field(option, desk.options[option.name] ?? option.default, (value) => setOption(option, value)),
  );
  refill(
    form,
    el('legend', {}, t('advanced.options', { name: method.name })),
    fields.length > 0 ? fields : el('p', { class: 'muted' }, t('advanced.noOptions')),
  );
}

function renderGeneral() {
  const options = desk.defaults.filter((option) => !ABOVE.has(option.name));
  refill(
    byId('general'),
    el('legend', {}, t('advanced.general')),
    options.map((option) => field(option, settingOf(option.name), (value) => setSetting(option.name, value))),
  );
}

function reset() {
  const { size, strength, color } = desk.settings;
  const kept = Object.entries({ size, strength, color }).filter(([, value]) => value !== undefined);
  desk.set({ method: 'auto', options: {}, settings: Object.fromEntries(kept) });
  renderAll();
}

function renderAll() {
  fillMethods();
  renderMethod();
  renderOptions();
  renderGeneral();
}

export function startAdvanced() {
  byId('method').addEventListener('change', () => desk.set({ method: byId('method').value, options: {} }));
  byId('advanced-reset').addEventListener('click', reset);
  desk.on(['methods'], fillMethods);
  desk.on(['methods', 'method', 'first', 'styles'], renderMethod);
  desk.on(['methods', 'method'], renderOptions);
  desk.on(['defaults', 'shown'], renderGeneral);
  onLanguage(renderAll);
}
