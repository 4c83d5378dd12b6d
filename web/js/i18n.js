// The page's language: chosen by the browser, changed by the switch, kept for the next visit.
import en from '../i18n/en.js';
import zh from '../i18n/zh-CN.js';
import zhCatalogue from '../i18n/zh-CN-catalogue.js';
import { recall, remember } from './memory.js';

const TEXTS = { en, 'zh-CN': zh };
const CATALOGUES = { en: { styles: {}, methods: {}, help: {} }, 'zh-CN': zhCatalogue };
export const LANGUAGES = { en: 'English', 'zh-CN': '简体中文' };

const listeners = new Set();
let current = recall('language') in TEXTS ? recall('language') : fromBrowser();

function fromBrowser() {
  const first = (navigator.languages ?? [navigator.language]).find((tag) => /^(en|zh)\b/i.test(tag)) ?? 'en';
  return /^zh/i.test(first) ? 'zh-CN' : 'en';
}

export const language = () => current;

export function setLanguage(tag) {
  current = tag;
  remember('language', tag);
  translatePage();
  for (const listener of listeners) listener();
}

/** Calls `listener` now and whenever the language changes. */
export function onLanguage(listener) {
  listeners.add(listener);
  listener();
}

export const number = (value, digits = 0) =>
  new Intl.NumberFormat(current, { maximumFractionDigits: digits }).format(value);

/** The text of `key` with its {placeholders} filled in. */
export function t(key, values = {}) {
  const text = TEXTS[current][key] ?? key;
  return text
    .replace(/\{(\w+), plural, one \{([^}]*)\} other \{([^}]*)\}\}/g, (_, name, one, other) => {
      const rule = new Intl.PluralRules(current).select(values[name]);
      return (rule === 'one' ? one : other).replace('#', number(values[name]));
    })
    .replace(/\{(\w+)\}/g, (whole, name) => {
      const value = values[name];
      return value === undefined ? whole : typeof value === 'number' ? number(value, 1) : value;
    });
}

export const hasText = (key) => key in TEXTS[current];

/** A duration as people say it. */
export function duration(seconds) {
  const whole = Math.max(1, Math.round(seconds));
  return whole < 100 ? t('job.seconds', { n: whole }) : t('job.minutes', { n: Math.round(whole / 60) });
}

/** What the server says of a style, a method or an option, in the page's language where we know it. */
export const catalogue = () => CATALOGUES[current];

/** Fills everything in index.html that names its text. */
export function translatePage() {
  document.documentElement.lang = current;
  document.title = t('page.title');
  for (const node of document.querySelectorAll('[data-t]')) node.textContent = t(node.dataset.t);
  for (const node of document.querySelectorAll('[data-t-label]'))
    node.setAttribute('aria-label', t(node.dataset.tLabel));
  for (const node of document.querySelectorAll('[data-t-placeholder]')) node.placeholder = t(node.dataset.tPlaceholder);
}
